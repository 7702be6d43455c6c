#include "document/arithmetic.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

#include "document/decimal.h"

namespace quire::document {
namespace {

std::string calculated(Arithmetic operation, const std::string& left, const std::string& right) {
  Arena arena;
  const Value a = *Value::parse(arena, left);
  const Value b = *Value::parse(arena, right);
  const auto result = calculate(operation, TypedValue(a), TypedValue(b));
  return result ? make_number(arena, result->form, result->text).to_json() : "out of range";
}
std::string sum(const std::string& left, const std::string& right) {
  return calculated(Arithmetic::add, left, right);
}
std::string product(const std::string& left, const std::string& right) {
  return calculated(Arithmetic::multiply, left, right);
}

TEST(Arithmetic, OfPlainNumbersIsExactAndKeepsPlaces) {
  EXPECT_EQ(sum("1", "2"), "3");
  EXPECT_EQ(sum("9223372036854775806", "1"), "9223372036854775807");
  EXPECT_EQ(sum("9223372036854775807", "1"), "9223372036854775808");
  EXPECT_EQ(sum("-9223372036854775808", "-1"), "-9223372036854775809");
  EXPECT_EQ(product("4294967296", "4294967296"), "18446744073709551616");
  EXPECT_EQ(sum("0.1", "0.2"), "0.3");
  EXPECT_EQ(sum("1.50", "1"), "2.50");
  EXPECT_EQ(sum("1.5", "-1.50"), "0.00");
  EXPECT_EQ(sum("1e2", "1"), "101");
  EXPECT_EQ(sum("1.0", "1"), "2.0");
  EXPECT_EQ(product("1.10", "3"), "3.30");
  EXPECT_EQ(product("-0.5", "0.5"), "-0.25");
  EXPECT_EQ(product("0", "-5"), "0");
  EXPECT_EQ(sum("1e400", "1e400"), "2E+400");
  EXPECT_EQ(product("1e400", "1e400"), "1E+800");
  EXPECT_EQ(product("0.0000001", "0.1"), "1E-8");
  EXPECT_EQ(sum("1234567890123456789012345678901234", "0.5"), "1234567890123456789012345678901234");
  EXPECT_EQ(sum("1234567890123456789012345678901235", "0.5"), "1234567890123456789012345678901236");
  EXPECT_EQ(sum("9999999999999999999999999999999999", "1"), "1.000000000000000000000000000000000E+34");
  EXPECT_EQ(sum("12345678901234567890123456789012345", "1"),
            "1.234567890123457e+34");  // past 34 digits: doubles
  EXPECT_EQ(product("1e6000", "1e6000"), "out of range");
  EXPECT_EQ(sum("1e9999", "1"), "out of range");
}

TEST(Arithmetic, KeepsTheWidestForm) {
  EXPECT_EQ(sum(R"({"$numberInt":"1"})", "2"), R"({"$numberInt":"3"})");
  EXPECT_EQ(sum(R"({"$numberInt":"2147483647"})", R"({"$numberInt":"1"})"),
            R"({"$numberLong":"2147483648"})");
  EXPECT_EQ(sum(R"({"$numberLong":"1"})", R"({"$numberInt":"1"})"), R"({"$numberLong":"2"})");
  EXPECT_EQ(sum(R"({"$numberLong":"9223372036854775807"})", "1"), "out of range");
  EXPECT_EQ(sum(R"({"$numberLong":"1"})", "0.5"), "1.5");
  EXPECT_EQ(sum("1", R"({"$numberDouble":"0.5"})"), R"({"$numberDouble":"1.5"})");
  EXPECT_EQ(sum(R"({"$numberDouble":"0.1"})", R"({"$numberDouble":"0.2"})"),
            R"({"$numberDouble":"0.30000000000000004"})");
  EXPECT_EQ(product(R"({"$numberDouble":"1e300"})", "1e300"), R"({"$numberDouble":"Infinity"})");
  EXPECT_EQ(sum(R"({"$numberDouble":"Infinity"})", R"({"$numberDouble":"-Infinity"})"),
            R"({"$numberDouble":"NaN"})");
  EXPECT_EQ(sum(R"({"$numberDecimal":"1.50"})", "1"), R"({"$numberDecimal":"2.50"})");
  EXPECT_EQ(sum(R"({"$numberDecimal":"+.5"})", R"({"$numberDouble":"0.25"})"),
            R"({"$numberDecimal":"0.75"})");
  EXPECT_EQ(product(R"({"$numberDecimal":"9E+6144"})", "10"), R"({"$numberDecimal":"Infinity"})");
  EXPECT_EQ(sum(R"({"$numberDecimal":"NaN"})", "1"), R"({"$numberDecimal":"NaN"})");
  EXPECT_EQ(product(R"({"$numberDecimal":"1E-6176"})", R"({"$numberDecimal":"0.4"})"),
            R"({"$numberDecimal":"0E-6176"})");
  EXPECT_EQ(product(R"({"$numberDecimal":"3E-6176"})", R"({"$numberDecimal":"0.5"})"),
            R"({"$numberDecimal":"2E-6176"})");
}

__extension__ using Int128 = __int128;

std::string to_text(Int128 value) {
  if (value == 0) return "0";
  std::string digits;
  for (Int128 rest = value < 0 ? -value : value; rest != 0; rest /= 10) {
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
  }
  return value < 0 ? "-" + digits : digits;
}

// value / 10^places, as text that is no int64.
std::string scaled(Int128 value, int places) {
  return to_text(value) + (value == 0 ? ".0" : "") + "e-" + std::to_string(places);
}

TEST(Arithmetic, OfDecimalsAgreesWithWholeNumbers) {
  EXPECT_TRUE(rc::check([](std::int64_t a, std::int32_t b, std::uint8_t a_places, std::uint8_t b_places) {
    const int first = a_places % 10;
    const int second = b_places % 10;
    const auto value_of = [](const std::string& text) { return Number::parse(text).value_or(Number()); };
    Int128 left = a;
    Int128 right = b;
    const std::string product_text = product(scaled(a, first), scaled(b, second));
    RC_ASSERT(value_of(product_text) == value_of(scaled(left * right, first + second)));
    for (int i = first; i < 10; ++i) left *= 10;
    for (int i = second; i < 10; ++i) right *= 10;
    const std::string sum_text = sum(scaled(a, first), scaled(b, second));
    RC_ASSERT(value_of(sum_text) == value_of(scaled(left + right, 10)));
  }));
}

TEST(Decimal, WritesWhatItReads) {
  for (const char* text :
       {"0", "0.00", "1", "-1.50", "100", "0.000001", "1E-7", "1.5E+30", "1234567890123456789012345678901234",
        "9.999999999999999999999999999999999E+6144", "1E-6176"}) {
    const auto decimal = Decimal::parse(text);
    ASSERT_TRUE(decimal) << text;
    EXPECT_EQ(decimal->text(), text);
  }
  for (const char* text : {"", "x", "NaN", "12345678901234567890123456789012345", "1E+6145", "1E-6177"}) {
    EXPECT_FALSE(Decimal::parse(text)) << text;
  }
}

}  // namespace
}  // namespace quire::document
