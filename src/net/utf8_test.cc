#include "net/utf8.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <string>

namespace quire::net {
namespace {

bool is_utf8(std::string_view text) {
  Utf8Checker checker;
  return checker.take(text) && checker.whole();
}

// From the definition: each code point, encoded as short as can be.
std::string encode(std::uint32_t point) {
  const auto byte = [](std::uint32_t value) { return static_cast<char>(value); };
  if (point < 0x80) return {byte(point)};
  if (point < 0x800) return {byte(0xC0 | point >> 6), byte(0x80 | (point & 0x3F))};
  if (point < 0x10000)
    return {byte(0xE0 | point >> 12), byte(0x80 | (point >> 6 & 0x3F)), byte(0x80 | (point & 0x3F))};
  return {byte(0xF0 | point >> 18), byte(0x80 | (point >> 12 & 0x3F)), byte(0x80 | (point >> 6 & 0x3F)),
          byte(0x80 | (point & 0x3F))};
}

TEST(Utf8, TakesEveryCodePointButSurrogates) {
  for (std::uint32_t point = 0; point < 0x110100; ++point) {
    const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
    ASSERT_EQ(is_utf8(encode(point)), !surrogate && point <= 0x10FFFF) << point;
  }
}

// Of all texts of two and three bytes exactly those are good that are made of encoded code points.
TEST(Utf8, TakesNothingElse) {
  std::size_t good = 0;
  std::array<char, 3> text{};
  for (unsigned a = 0; a < 256; ++a) {
    for (unsigned b = 0; b < 256; ++b) {
      text[0] = static_cast<char>(a);
      text[1] = static_cast<char>(b);
      good += is_utf8({text.data(), 2}) ? 1U : 0U;
      for (unsigned c = 0; c < 256; ++c) {
        text[2] = static_cast<char>(c);
        good += is_utf8({text.data(), 3}) ? 1U : 0U;
      }
    }
  }
  constexpr std::size_t kOne = 0x80;
  constexpr std::size_t kTwo = 0x800 - 0x80;
  constexpr std::size_t kThree = 0x10000 - 0x800 - 0x800;
  EXPECT_EQ(good, (kOne * kOne + kTwo) + (kOne * kOne * kOne + 2 * kOne * kTwo + kThree));
}

TEST(Utf8, RefusesWhatIsOverlongOrTooHigh) {
  for (const std::string_view text :
       {"\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xE0\x9F\xBF", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80", "\xFF", "\xFE", "\x80", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF8\x88\x80\x80\x80"}) {
    EXPECT_FALSE(is_utf8(text));
  }
}

TEST(Utf8, KnowsAtTheFirstBadByte) {
  Utf8Checker checker;
  EXPECT_TRUE(checker.take("abcdefgh\xF4"));
  EXPECT_FALSE(checker.whole());
  EXPECT_FALSE(checker.take("\x90"));
  EXPECT_FALSE(checker.take("a"));
  checker.reset();
  EXPECT_TRUE(checker.take("a"));
  EXPECT_TRUE(checker.whole());
}

RC_GTEST_PROP(Utf8, DoesNotMindHowTheTextArrives, ()) {
  std::string text;
  for (const std::uint32_t seed : *rc::gen::arbitrary<std::vector<std::uint32_t>>()) {
    text += encode(seed % 0x110800);
    text += std::string(seed % 11, 'a');
  }
  const auto step = *rc::gen::inRange<std::size_t>(1, 12);
  Utf8Checker checker;
  bool good = true;
  for (std::size_t i = 0; i < text.size(); i += step)
    good = checker.take(std::string_view(text).substr(i, step));
  RC_ASSERT((good && checker.whole()) == is_utf8(text));
}

}  // namespace
}  // namespace quire::net
