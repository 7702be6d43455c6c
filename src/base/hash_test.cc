#include "base/hash.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <set>
#include <string>

#include "base/bytes.h"

namespace quire {
namespace {

std::string digest(std::size_t bytes, std::initializer_list<std::string_view> pieces) {
  Blake2b hash(bytes);
  for (const auto piece : pieces) hash.update(piece);
  std::string out(bytes, '\0');
  hash.finish(out.data());
  return to_hex(out);
}

// The digests that `b2sum -l 128` and `b2sum -l 256` of GNU coreutils print.
TEST(Blake2b, MatchesAnotherImplementation) {
  EXPECT_EQ(digest(16, {""}), "cae66941d9efbd404e4d88758ea67670");
  EXPECT_EQ(digest(16, {"abc"}), "cf4ab791c62b8d2b2109c90275287816");
  EXPECT_EQ(digest(32, {""}), "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
  EXPECT_EQ(digest(32, {"abc"}), "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}

// The example of RFC 7693, appendix A, is of 64 bytes.
TEST(Blake2b, MatchesTheRfc) {
  EXPECT_EQ(digest(64, {"abc"}),
            "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
            "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
}

TEST(Blake2b, WherePiecesAreCutDoesNotMatter) {
  const std::string text(1000, 'q');
  const std::string whole = digest(16, {text});
  for (const std::size_t cut : {std::size_t{0}, std::size_t{1}, std::size_t{127}, std::size_t{128},
                                std::size_t{129}, std::size_t{999}, std::size_t{1000}}) {
    const std::string_view view = text;
    EXPECT_EQ(digest(16, {view.substr(0, cut), "", view.substr(cut)}), whole) << cut;
  }
}

TEST(Blake2bDeathTest, RefusesALengthThatDoesNotExist) {
  EXPECT_DEATH(Blake2b(0), "digest length");
  EXPECT_DEATH(Blake2b(65), "digest length");
}

// The examples of FIPS 180-4, and `printf %s 123456789 | sha256sum`.
TEST(Sha256, MatchesTheStandard) {
  const auto hex = [](std::string_view text) {
    const auto digest = sha256(text);
    return to_hex(std::string_view(digest.data(), digest.size()));
  };
  EXPECT_EQ(hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

// The check value of the catalogue of parametrised CRCs.
TEST(Crc32, MatchesTheCatalogue) {
  EXPECT_EQ(crc32("123456789"), 0xCBF43926U);
  EXPECT_EQ(crc32(""), 0U);
}

// RFC 3720, appendix B.4, and the check value of the catalogue of parametrised CRCs.
TEST(Crc32c, MatchesTheRfc) {
  std::string rising(32, '\0');
  for (int i = 0; i < 32; ++i) rising[static_cast<std::size_t>(i)] = static_cast<char>(i);
  const std::string falling(rising.rbegin(), rising.rend());
  for (const auto crc : {crc32c, crc32c_portable}) {
    EXPECT_EQ(crc("", 0), 0U);
    EXPECT_EQ(crc("123456789", 0), 0xE3069283U);
    EXPECT_EQ(crc(std::string(32, '\0'), 0), 0x8A9136AAU);
    EXPECT_EQ(crc(std::string(32, '\xFF'), 0), 0x62A8AB43U);
    EXPECT_EQ(crc(rising, 0), 0x46DD794EU);
    EXPECT_EQ(crc(falling, 0), 0x113FDB5CU);
  }
}

TEST(Crc32c, BothWaysAgreeAndContinue) {
  EXPECT_TRUE(rc::check([](const std::string& a, const std::string& b, std::uint32_t seed) {
    RC_ASSERT(crc32c(a, seed) == crc32c_portable(a, seed));
    RC_ASSERT(crc32c(b, crc32c(a)) == crc32c(a + b));
    RC_ASSERT(crc32c_portable(b, crc32c_portable(a)) == crc32c(a + b));
  }));
}

TEST(TableHash, IsTheSameForTheSameBytes) {
  EXPECT_TRUE(rc::check(
      [](const std::string& bytes) { RC_ASSERT(table_hash(bytes) == table_hash(std::string(bytes))); }));
}

// Short strings of all lengths, among them those that differ only in zeros at their end, or in a length that
// an XOR with the first byte would take back.
TEST(TableHash, ShortStringsDoNotCollide) {
  std::set<std::uint64_t> seen;
  std::size_t strings = 0;
  for (int length = 0; length <= 20; ++length) {
    for (int byte = 0; byte < 256; ++byte) {
      for (std::size_t at = 0; at < static_cast<std::size_t>(length); ++at) {
        std::string text(static_cast<std::size_t>(length), '\0');
        text[at] = static_cast<char>(byte);
        if (byte == 0 && at > 0) continue;  // the same string of zeros
        seen.insert(table_hash(text));
        ++strings;
      }
    }
  }
  EXPECT_EQ(seen.size(), strings);
  EXPECT_NE(table_hash("a"), table_hash(std::string_view("b\0", 2)));
}

// How many of 4096 slots 4096 hashes fill, by their low and by their high bits: about 2589, were they drawn
// by chance.
template <class Hash>
std::size_t fewest_slots_filled(Hash hash) {
  std::size_t fewest = 4096;
  for (const int shift : {0, 1, 8, 20, 40, 52}) {
    std::set<std::uint64_t> low;
    std::set<std::uint64_t> high;
    for (std::uint64_t i = 0; i < 4096; ++i) {
      const std::uint64_t value = hash(i << shift);
      low.insert(value & 0xFFF);
      high.insert(value >> 52);
    }
    fewest = std::min({fewest, low.size(), high.size()});
  }
  return fewest;
}

TEST(TableHash, RegularNumbersAndStringsSpread) {
  EXPECT_GT(fewest_slots_filled([](std::uint64_t value) { return table_hash(value); }), 2400U);
  EXPECT_GT(fewest_slots_filled([](std::uint64_t value) {
              char bytes[8];
              store_u64(bytes, value);
              return table_hash(std::string_view(bytes, sizeof bytes));
            }),
            2400U);
  EXPECT_GT(fewest_slots_filled([](std::uint64_t value) {
              return table_hash("documents/" + std::to_string(value) + "/head");
            }),
            2400U);
}

}  // namespace
}  // namespace quire
