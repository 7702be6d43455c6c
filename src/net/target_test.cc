#include "net/target.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace quire::net {
namespace {

using namespace std::literals;

TEST(Target, DecodesEscapes) {
  EXPECT_EQ(*percent_decode("a%20b+c%2B%c3%A9"), "a b+c+\xC3\xA9");
  EXPECT_EQ(*percent_decode("a%00b"), "a\0b"sv);
  EXPECT_EQ(*percent_decode(""), "");
}

TEST(Target, RefusesBadEscapes) {
  for (const auto* bad : {"%", "%1", "a%2", "%zz", "%1g", "%%20", "% 20", "%-1"}) {
    const auto decoded = percent_decode(bad);
    ASSERT_FALSE(decoded.has_value()) << bad;
    EXPECT_EQ(decoded.error().code(), ErrorCode::invalid);
  }
}

TEST(Target, RefusesWhatIsNotUtf8) {
  const std::vector<std::string> bad = {"%C0%80",       "%C1%BF",       "%E0%80%80", "%E0%9F%BF",
                                        "%F0%80%80%80", "%F0%8F%BF%BF", "%ED%A0%80", "%ED%BF%BF",
                                        "%F4%90%80%80", "%F5%80%80%80", "%80",       "%C3",
                                        "%E2%82",       "%F0%9F%98",    "%FF",       "abcdefgh%C3%28ij",
                                        "%C3%A9%BF",    "\xC0\xAF",     "%C3\xE9"};
  for (const std::string& text : bad) EXPECT_FALSE(percent_decode(text).has_value()) << text;
}

TEST(Target, TakesUtf8ToItsBounds) {
  for (const auto* good : {"%C2%80", "%DF%BF", "%E0%A0%80", "%ED%9F%BF", "%EE%80%80", "%EF%BF%BF",
                           "%F0%90%80%80", "%F4%8F%BF%BF", "\xC3\xA9"}) {
    EXPECT_TRUE(percent_decode(good).has_value()) << good;
  }
}

TEST(Target, ReadsAQuery) {
  const std::vector<Parameter> expected = {{"k", "a b"}, {"v", ""}, {"k", "+"}, {"flag", ""}, {"x=", "=y"}};
  EXPECT_EQ(*parse_query("k=a+b&v=&&k=%2B&flag&x%3D==y&"), expected);
  EXPECT_TRUE(parse_query("")->empty());
  EXPECT_TRUE(parse_query("&&")->empty());
}

TEST(Target, FindsTheFirst) {
  const std::vector<Parameter> parameters = {{"k", "1"}, {"k", "2"}};
  EXPECT_EQ(find_parameter(parameters, "k")->value, "1");
  EXPECT_EQ(find_parameter(parameters, "K"), nullptr);
}

TEST(Target, NamesTheLimitOfParameters) {
  EXPECT_EQ(parse_query("a&b&c", 3)->size(), 3U);
  const auto more = parse_query("a&b&c&d", 3);
  ASSERT_FALSE(more.has_value());
  EXPECT_EQ(more.error().code(), ErrorCode::too_large);
  EXPECT_EQ(more.error().limit(), 3U);
}

RC_GTEST_PROP(Target, DecodesWhatItEncodes, (const std::vector<std::uint16_t>& units)) {
  std::string text;
  for (const std::uint16_t unit : units) {
    const auto code = static_cast<unsigned>(unit % 0xD800);
    if (code < 0x80) {
      text += static_cast<char>(code);
    } else if (code < 0x800) {
      text += static_cast<char>(0xC0 | (code >> 6));
      text += static_cast<char>(0x80 | (code & 63));
    } else {
      text += static_cast<char>(0xE0 | (code >> 12));
      text += static_cast<char>(0x80 | ((code >> 6) & 63));
      text += static_cast<char>(0x80 | (code & 63));
    }
  }
  RC_ASSERT(is_utf8(text));
  RC_ASSERT(*percent_decode(percent_encode(text)) == text);
  const auto query = parse_query(percent_encode(text) + "=" + percent_encode(text));
  RC_ASSERT(query.has_value());
  RC_ASSERT(text.empty() || query->front() == (Parameter{text, text}));
}

}  // namespace
}  // namespace quire::net
