#include "document/number.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

namespace quire::document {
namespace {

Number number(std::string_view text) {
  const auto parsed = Number::parse(text);
  EXPECT_TRUE(parsed) << text;
  return parsed.value_or(Number());
}

TEST(Number, OrdersByExactValue) {
  // Each line is below the next; what stands in one line is equal.
  const std::vector<std::vector<std::string>> lines = {
      {"NaN"},
      {"-Infinity"},
      {"-1e99999999999999999"},
      {"-1.7976931348623157e308"},
      {"-9223372036854775809"},
      {"-9223372036854775808", "-9223372036854775808.0", "-9.223372036854775808e18"},
      {"-10", "-1e1"},
      {"-1.5"},
      {"-1", "-1.0", "-10e-1", "-0.01e2"},
      {"-0.5"},
      {"-1e-99999999999999999"},
      {"0", "-0", "0.0", "0e5", "-0.000e-99999999999999999", "00", "+0",
       "."
       "0"},
      {"1e-99999999999999999", "0.1e-99999999999999998"},
      {"0.1", "1e-1", "0.10", ".1", "00.1"},
      {"0.1000000000000000055511151231257827"},
      {"0.2"},
      {"1", "1.0", "1e0", "10e-1", "1.", "+1", "0.00001e5", "1E+0"},
      {"1.0000000000000000000000000000000000000000001"},
      {"9"},
      {"10", "1e1", "100e-1"},
      {"99"},
      {"100"},
      {"9007199254740992"},
      {"9007199254740993"},
      {"9223372036854775807"},
      {"9223372036854775808"},
      {"1e99999999999999999"},
      {"12e99999999999999999"},
      {"Infinity"},
  };
  for (std::size_t i = 0; i < lines.size(); ++i) {
    for (std::size_t j = 0; j < lines.size(); ++j) {
      for (const std::string& left : lines[i]) {
        for (const std::string& right : lines[j]) {
          EXPECT_EQ(number(left) <=> number(right), i <=> j) << left << " " << right;
        }
      }
    }
  }
}

TEST(Number, AgreesWithIntegersAtAnyScale) {
  EXPECT_TRUE(rc::check([](std::int64_t left, std::int64_t right, bool close) {
    left /= 1000;
    right = close ? left + right % 3 : right / 1000;
    // left * 10^2 / 10^5 beside right * 10 / 10^4
    const auto scaled = [](std::int64_t value, int zeros, int exponent) {
      return std::to_string(value) + (value == 0 ? "" : std::string(static_cast<std::size_t>(zeros), '0')) +
             "e-" + std::to_string(exponent);
    };
    const std::string left_text = scaled(left, 2, 5);
    const std::string right_text = scaled(right, 1, 4);
    RC_ASSERT((number(left_text) <=> number(right_text)) == (left <=> right));
  }));
}

TEST(Number, ReadsWholeNumbersThatFit) {
  EXPECT_EQ(number("9223372036854775807").to_int64(), INT64_MAX);
  EXPECT_EQ(number("-9223372036854775808").to_int64(), INT64_MIN);
  EXPECT_EQ(number("9223372036854775808").to_int64(), std::nullopt);
  EXPECT_EQ(number("-9223372036854775809").to_int64(), std::nullopt);
  EXPECT_EQ(number("12e2").to_int64(), 1200);
  EXPECT_EQ(number("-120e-1").to_int64(), -12);
  EXPECT_EQ(number("0.0").to_int64(), 0);
  EXPECT_EQ(number("1.5").to_int64(), std::nullopt);
  EXPECT_EQ(number("1e99999999999999999").to_int64(), std::nullopt);
  EXPECT_EQ(number("NaN").to_int64(), std::nullopt);
}

TEST(Number, RefusesWhatIsNoNumber) {
  for (const char* text : {"", "-", "+", ".", "e1", "1e", "1e+", "1x", " 1", "1 ", "--1", "1.2.3", "nan",
                           "inf", "+Infinity", "0x1", "1e1234567890123456789", "1e-1234567890123456789"}) {
    EXPECT_FALSE(Number::parse(text)) << text;
  }
}

TEST(NumberText, ReadsAsTheSameNumber) {
  for (const char* text :
       {"0", "1", "-1", "10", "1234567890", "0.5", "-0.000001", "1.25", "123456789012345678901", "1e21",
        "1.5e21", "-12.5e-30", "0.0000001", "1e99999999999999999"}) {
    const Number one = number(text);
    EXPECT_EQ(number(number_text(one.is_negative(), one.digits(), one.exponent())), one) << text;
  }
  EXPECT_EQ(number_text(false, "15", 1), "1.5");
  EXPECT_EQ(number_text(true, "15", 3), "-150");
  EXPECT_EQ(number_text(false, "15", -1), "0.015");
  EXPECT_EQ(number_text(false, "15", 30), "1.5e29");
  EXPECT_EQ(number_text(false, "1", -20), "1e-21");
}

}  // namespace
}  // namespace quire::document
