#include "database/keys.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "base/bytes.h"

namespace quire::database {
namespace {

using document::Revision;
using document::RevisionHash;

Revision revision(std::uint64_t generation, std::string_view hash) {
  return {generation, RevisionHash::from_text(hash)};
}

TEST(Keys, AreWrittenAsTheirDocumentSays) {
  const Revision second = revision(2, "0");
  EXPECT_EQ(to_hex(keys::head(1, "ada")), "4400000001616461");
  EXPECT_EQ(to_hex(keys::head(0x01020304, "")), "4401020304");
  EXPECT_EQ(to_hex(keys::revision(1, "ada", second)),
            "52000000016164610002"
            "0230");
  EXPECT_EQ(to_hex(keys::ancestors(1, "ada", 258)), "4100000001616461000000000000000102");
  EXPECT_EQ(to_hex(keys::checkpoint("ada")), "4c616461");
  EXPECT_EQ(to_hex(keys::kPurges), "47");
  EXPECT_EQ(to_hex(keys::kCheckpointCounts), "51");
  EXPECT_EQ(to_hex(keys::history(258)), "480000000000000102");
  EXPECT_EQ(to_hex(keys::superseded(258)), "530000000000000102");
  EXPECT_EQ(to_hex(keys::index_entries(258)), "4900000102");
  EXPECT_EQ(to_hex(keys::blob("\x01\x02")), "4e0102");
  EXPECT_EQ(to_hex(keys::blob_chunk(258, 3)), "42000000000000010200000003");
  EXPECT_EQ(to_hex(keys::blob_reference("\x01\x02", 1, "ada", second)), "4601020000000161646100020230");
  EXPECT_EQ(to_hex(keys::upload(258)), "550000000000000102");
  EXPECT_EQ(to_hex(keys::dropped(258)), "5000000102");
  EXPECT_EQ(to_hex(keys::kState), "53");
  EXPECT_EQ(to_hex(keys::kTrim), "54");
  EXPECT_EQ(to_hex(keys::counts(258)), "4300000102");
  EXPECT_EQ(to_hex(keys::collection(258)), "4c00000102");
  EXPECT_EQ(to_hex(keys::index_definition(258)), "5800000102");
  EXPECT_EQ(to_hex(keys::request("r1", 258)), "4b02723100000102");
  EXPECT_EQ(to_hex(keys::request_expiry(258, "r1")), "6b00000000000001027231");
}

TEST(Keys, OfAClockBeforeTheEpochSortFirst) {
  EXPECT_LT(keys::request_expiry(-5, "r"), keys::request_expiry(1, "r"));
  EXPECT_EQ(keys::request_expiry(-5, "r"), keys::request_expiry(0, "r"));
}

TEST(Keys, ReplaceWhatTheBufferHeld) {
  std::string buffer = "what was there before, longer than the key";
  keys::head_to(buffer, 7, "ada");
  EXPECT_EQ(buffer, keys::head(7, "ada"));
  EXPECT_EQ(keys::head_id(buffer), "ada");
}

TEST(Keys, OfTheLastCollectionHaveAnEnd) {
  const CollectionId last = ~CollectionId{0};
  EXPECT_LT(keys::head(last, "z"), keys::heads_end(last));
  EXPECT_LT(keys::head(last, std::string(512, '\xFF')), keys::heads_end(last));
  EXPECT_LT(keys::range_begin('R', last), keys::range_end('R', last));
  EXPECT_LE(keys::range_end('A', last), keys::range_begin('D', 0));
}

TEST(Keys, AfterAPrefix) {
  EXPECT_EQ(keys::after_prefix("ab"), "ac");
  EXPECT_EQ(keys::after_prefix("a\xFF\xFF"), "b");
  EXPECT_EQ(keys::after_prefix("\xFF\xFF"), "");
  EXPECT_EQ(keys::after_prefix(""), "");
  EXPECT_EQ(keys::after_prefix("\x7F"), "\x80");
}

// An id as documents have them: any bytes but NUL.
std::string any_id() {
  return *rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::oneOf(
      rc::gen::inRange<char>('a', 'd'), rc::gen::element('\x01', '\xFF', ':'), rc::gen::nonZero<char>())));
}
CollectionId any_collection() {
  return *rc::gen::oneOf(rc::gen::inRange<CollectionId>(1, 4), rc::gen::just(CollectionId{255}),
                         rc::gen::arbitrary<CollectionId>());
}

RC_GTEST_PROP(Keys, OrderOfHeadsIsOrderOfCollectionsThenIds, ()) {
  const auto a = std::pair(any_collection(), any_id());
  const auto b = std::pair(any_collection(), any_id());
  RC_ASSERT((keys::head(a.first, a.second) < keys::head(b.first, b.second)) == (a < b));
  RC_ASSERT(keys::head_id(keys::head(a.first, a.second)) == a.second);
}

RC_GTEST_PROP(Keys, OrderOfNumbersIsTheirOwn, (std::uint64_t a, std::uint64_t b, std::uint32_t c)) {
  RC_ASSERT((keys::history(a) < keys::history(b)) == (a < b));
  RC_ASSERT((keys::blob_chunk(a, c) < keys::blob_chunk(b, 0)) == (std::pair(a, c) < std::pair(b, 0U)));
  RC_ASSERT((keys::ancestors(1, "x", a) < keys::ancestors(1, "x", b)) == (a < b));
  RC_ASSERT(keys::sequence_of(keys::history(a)) == a);
  RC_ASSERT(keys::sequence_of(keys::superseded(a)) == a);
}

// What a range or a prefix of one document, collection or blob takes in belongs to it, and all that does is
// in it.
RC_GTEST_PROP(Keys, RangesHoldTheirOwnAndNothingElse, ()) {
  const auto within = [](const std::string& key, const std::string& begin, const std::string& end) {
    return key >= begin && (end.empty() || key < end);
  };
  const CollectionId a = any_collection();
  const CollectionId b = any_collection();
  const std::string x = any_id();
  const std::string y = any_id();
  const bool same = a == b && x == y;
  RC_ASSERT(within(keys::head(b, y), keys::heads(a), keys::heads_end(a)) == (a == b));
  const std::string texts = keys::revisions(a, x);
  const std::string text = keys::revision(b, y, revision(*rc::gen::inRange<std::uint64_t>(1, 1000), "0a"));
  RC_ASSERT(within(text, texts, keys::after_prefix(texts)) == same);
  RC_ASSERT(within(text, keys::range_begin('R', a), keys::range_end('R', a)) == (a == b));
  const std::string chunks = keys::ancestors_of(a, x);
  const std::string chunk = keys::ancestors(b, y, *rc::gen::arbitrary<std::uint64_t>());
  RC_ASSERT(within(chunk, chunks, keys::after_prefix(chunks)) == same);
  RC_ASSERT(within(chunk, keys::range_begin('A', a), keys::range_end('A', a)) == (a == b));
  const std::string one(32, '\x01');
  const std::string other(32, *rc::gen::element('\x01', '\xFF'));
  const std::string references = keys::blob_references(one);
  RC_ASSERT(within(keys::blob_reference(other, b, y, revision(1, "")), references,
                   keys::after_prefix(references)) == (one == other));
}

// No two things have one key: ids that hold what looks like the rest of a key do not reach another's.
RC_GTEST_PROP(Keys, NoTwoThingsHaveOneKey, ()) {
  const auto a =
      std::tuple(any_collection(), any_id(), revision(*rc::gen::inRange<std::uint64_t>(1, 300), any_id()));
  const auto b =
      std::tuple(any_collection(), any_id(), revision(*rc::gen::inRange<std::uint64_t>(1, 300), any_id()));
  const auto text_key = [](const auto& v) {
    return keys::revision(std::get<0>(v), std::get<1>(v), std::get<2>(v));
  };
  const auto reference_key = [](const auto& v) {
    return keys::blob_reference(std::string(32, 'd'), std::get<0>(v), std::get<1>(v), std::get<2>(v));
  };
  RC_ASSERT((text_key(a) == text_key(b)) == (a == b));
  RC_ASSERT((reference_key(a) == reference_key(b)) == (a == b));
  const std::string r = any_id();
  const std::string s = any_id();
  const std::uint32_t item = *rc::gen::arbitrary<std::uint32_t>();
  RC_ASSERT((keys::request(r, item) == keys::request(s, 1)) == (r == s && item == 1));
}

}  // namespace
}  // namespace quire::database
