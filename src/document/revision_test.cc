#include "document/revision.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "base/hash.h"

namespace quire::document {
namespace {

constexpr std::string_view kDigits = "00112233445566778899aabbccddeeff";

std::string bytes_of(const Revision& revision) {
  std::string out;
  revision.encode(out);
  return out;
}

// Hashes of every form: digests, near digests, empty, Unicode.
rc::Gen<std::string> hash_text() {
  const auto hex = rc::gen::container<std::string>(32, rc::gen::elementOf(std::string("0123456789abcdef")));
  return rc::gen::weightedOneOf<std::string>(
      {{3, hex},
       {1, rc::gen::map(hex,
                        [](std::string text) {
                          text.back() = 'A';
                          return text;
                        })},
       {1, rc::gen::elementOf(std::vector<std::string>{"", "x", "é", std::string(256, 'z'),
                                                       std::string("a\0b", 3), std::string(kDigits) + "0",
                                                       std::string(31, '0')})}});
}

Revision revision(const std::string& text) {
  auto parsed = Revision::parse(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : Revision();
}

TEST(Revision, ParseRefusesEverythingButNumberDashHash) {
  for (const std::string text : {"", "1", "-", "-a", "0-a", "01-a", "+1-a", " 1-a", "1 -a", "-1-a", "1.0-a",
                                 "a-1", "9007199254740993-a", "18446744073709551617-a",
                                 "99999999999999999999999999-a", "1-\xff", "1-\xed\xa0\x80"}) {
    const auto parsed = Revision::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code(), ErrorCode::invalid);
  }
  EXPECT_FALSE(Revision::parse("1-" + std::string(257, 'a')));
}

TEST(Revision, ParseKeepsEveryHashAsItCame) {
  for (const std::string text :
       {"1-", "1-a", "9007199254740992-abc", "2--", "3-a-b", "7-00112233445566778899aabbccddeeff",
        "7-00112233445566778899AABBCCDDEEFF", "4-é"}) {
    EXPECT_EQ(revision(text).to_string(), text);
  }
  EXPECT_EQ(revision("1-" + std::string(256, 'a')).hash.text().size(), 256U);
  EXPECT_EQ(Revision().to_string(), "0");
}

TEST(Revision, UppercaseDigitsAreAnotherHash) {
  EXPECT_NE(RevisionHash::from_text("00112233445566778899AABBCCDDEEFF"), RevisionHash::from_text(kDigits));
}

TEST(Revision, GoldenBytes) {
  EXPECT_EQ(to_hex(bytes_of(revision("3-" + std::string(kDigits)))), "030000112233445566778899aabbccddeeff");
  EXPECT_EQ(to_hex(bytes_of(revision("300-abc"))), "ac0204616263");
  EXPECT_EQ(to_hex(bytes_of(revision("1-"))), "0101");
  EXPECT_EQ(to_hex(bytes_of(Revision())), "00");
}

RC_GTEST_PROP(Revision, EncodeDecodeRoundTrip, ()) {
  const auto text = *hash_text();
  const auto generation = *rc::gen::inRange<std::uint64_t>(1, kMaxGeneration);
  const Revision written{generation, RevisionHash::from_text(text)};
  RC_ASSERT(written.hash.text() == text);
  const std::string bytes = bytes_of(written) + "rest";
  ByteReader in(bytes);
  RC_ASSERT(Revision::decode(in) == written);
  RC_ASSERT(in.rest() == "rest");
  ByteReader skipping(bytes);
  skipping.varint();
  RevisionHash::skip(skipping);
  RC_ASSERT(skipping.rest() == "rest");
  for (std::size_t cut = 0; cut + 4 < bytes.size(); ++cut) {
    ByteReader cut_short(std::string_view(bytes).substr(0, cut));
    Revision::decode(cut_short);
    RC_ASSERT(!cut_short.ok());
  }
}

TEST(Revision, DecodeRefusesASecondFormOfAHash) {
  std::string digits_as_text = "\x03\x21" + std::string(kDigits);
  std::string too_long = std::string("\x03\x82\x02", 3) + std::string(257, 'a');
  std::string not_utf8 = "\x03\x02\xff";
  std::string too_high;
  put_varint(too_high, kMaxStoredGeneration + 1);
  too_high.push_back(1);
  for (const std::string& bytes : {digits_as_text, too_long, not_utf8, too_high}) {
    ByteReader in(bytes);
    EXPECT_EQ(Revision::decode(in), Revision());
    EXPECT_FALSE(in.ok()) << to_hex(bytes);
    ByteReader skipping(bytes);
    if (skipping.varint() > kMaxStoredGeneration) continue;
    RevisionHash::skip(skipping);
    EXPECT_FALSE(skipping.ok()) << to_hex(bytes);
  }
}

RC_GTEST_PROP(Revision, HashOrderIsTheOrderOfTheText, ()) {
  const auto a = *hash_text();
  const auto b = *hash_text();
  const auto order = RevisionHash::from_text(a) <=> RevisionHash::from_text(b);
  RC_ASSERT((order < 0) == (a < b));
  RC_ASSERT((order == 0) == (a == b));
  RC_ASSERT((RevisionHash::from_text(a) == RevisionHash::from_text(b)) == (a == b));
  if (a == b) {
    RC_ASSERT(RevisionHash::from_text(a).table_hash() == RevisionHash::from_text(b).table_hash());
  }
}

TEST(Revision, GenerationDecidesBeforeTheHash) {
  EXPECT_LT(revision("9-z"), revision("10-a"));
  EXPECT_LT(revision("9-a"), revision("9-b"));
}

// The bytes that docs/formats/revision.md gives as its example.
TEST(DeriveRevision, GoldenHashes) {
  const Revision first = derive_revision({}, false, "{}", {});
  EXPECT_EQ(first.to_string(), "1-c2078da89e285304a42f07e237b97df2");
  const Revision second = derive_revision(first, false, R"({"a":1})", {{"b.png", "bb"}, {"a.txt", "aa"}});
  EXPECT_EQ(second.to_string(), "2-e41d71e5b6c5b721781844f60f00206c");
  const Revision third = derive_revision(revision("3-x"), true, "{}", {});
  EXPECT_EQ(third.to_string(), "4-6fe69977421b1a93f7dc85c8990b0a7c");
}

TEST(DeriveRevision, IsTheHashOfTheDocumentedBytes) {
  const std::string parent = "3-" + std::string(kDigits);
  std::string bytes("\x01\x01", 2);
  for (const std::string& part : {parent, std::string("{}"), std::string("n"), std::string("d")}) {
    put_u64(bytes, part.size());
    bytes += part;
  }
  Blake2b blake(16);
  blake.update(bytes);
  char digest[16];
  blake.finish(digest);
  const Revision derived = derive_revision(revision(parent), true, "{}", {{"n", "d"}});
  EXPECT_EQ(derived.generation, 4U);
  EXPECT_EQ(derived.hash.text(), to_hex({digest, sizeof digest}));
}

TEST(DeriveRevision, EveryPartCounts) {
  const std::vector<Revision> edits = {
      derive_revision({}, false, "{}", {}),
      derive_revision({}, true, "{}", {}),
      derive_revision({}, false, R"({"a":1})", {}),
      derive_revision(revision("1-a"), false, "{}", {}),
      derive_revision(revision("1-b"), false, "{}", {}),
      derive_revision(revision("2-a"), false, "{}", {}),
      derive_revision({}, false, "{}", {{"a", "bc"}}),
      derive_revision({}, false, "{}", {{"ab", "c"}}),
      derive_revision({}, false, "{}", {{"a", "b"}, {"c", "d"}}),
  };
  for (std::size_t i = 0; i < edits.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(edits[i].hash, edits[j].hash) << i << " and " << j;
  }
}

TEST(DeriveRevision, TheOrderOfAttachmentsDoesNotCount) {
  EXPECT_EQ(derive_revision({}, false, "{}", {{"a", "1"}, {"b", "2"}}),
            derive_revision({}, false, "{}", {{"b", "2"}, {"a", "1"}}));
}

TEST(DeriveRevision, TheLastGenerationFromOutsideCanBeEdited) {
  const Revision last = revision("9007199254740992-a");
  EXPECT_EQ(derive_revision(last, false, "{}", {}).generation, kMaxGeneration + 1);
}

}  // namespace
}  // namespace quire::document
