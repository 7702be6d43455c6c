#include "document/key_encoding.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "document/json.h"
#include "document/testing/json_from_bytes.h"
#include "document/testing/parsed.h"
#include "document/value_order.h"

namespace quire::document {
namespace {

using Bytes = std::vector<std::uint8_t>;
using testing::Parsed;

std::string key(const Value& value, Direction direction = Direction::ascending) {
  std::string out;
  append_key(value, direction, out);
  return out;
}
std::string hex(std::string_view json, Direction direction = Direction::ascending) {
  return to_hex(key(Parsed(json).value, direction));
}

// The examples of docs/formats/value-keys.md.
TEST(KeyEncoding, WritesTheBytesThatItsPageShows) {
  EXPECT_EQ(hex("null"), "10");
  EXPECT_EQ(hex("false"), "18");
  EXPECT_EQ(hex("true"), "19");
  EXPECT_EQ(hex(R"({"$numberDouble":"NaN"})"), "20");
  EXPECT_EQ(hex(R"({"$numberDouble":"-Infinity"})"), "21");
  EXPECT_EQ(hex(R"({"$numberDecimal":"Infinity"})"), "25");
  EXPECT_EQ(hex("-0.0"), "23");
  EXPECT_EQ(hex("1"), "248114");
  EXPECT_EQ(hex("10"), "248214");
  EXPECT_EQ(hex("12.34"), "24821944");
  EXPECT_EQ(hex("-12.34"), "227de6bb");
  EXPECT_EQ(hex("123.5"), "24831946");
  EXPECT_EQ(hex("1e111"), "24f07014");
  EXPECT_EQ(hex("1e-114"), "240f8e14");
  EXPECT_EQ(hex("1e1000"), "24f103e914");
  EXPECT_EQ(hex("\"\""), "3000");
  EXPECT_EQ(hex(R"("a\u0000\u0001b")"),
            "306101010102"
            "6200");
  EXPECT_EQ(hex("\"\xC3\xA9\""), "30c3a900");
  EXPECT_EQ(hex(R"({"$oid":"5f1e2d3c4b5a697887960504"})"), "385f1e2d3c4b5a697887960504");
  EXPECT_EQ(hex(R"({"$date":"1970-01-01T00:00:00.001Z"})"), "408000000000000001");
  EXPECT_EQ(hex(R"({"$date":{"$numberLong":"-1"}})"), "407fffffffffffffff");
  EXPECT_EQ(hex(R"({"$binary":{"base64":"AAH/","subType":"80"}})"), "480003800001ff");
  EXPECT_EQ(hex("[]"), "5000");
  EXPECT_EQ(hex("[1,\"a\"]"), "5024811430610000");
  EXPECT_EQ(hex("{}"), "5800");
  EXPECT_EQ(hex(R"({"a":null})"), "58103061001000");
  EXPECT_EQ(hex("\"a\"", Direction::descending), "cf9eff");
  EXPECT_EQ(hex("1", Direction::descending), "db7eeb");
}

TEST(ValueOrder, IsTheDocumentedOne) {
  // Each line is below the next; what stands in one line is equal.
  const std::vector<std::vector<std::string>> lines = {
      {"null"},
      {"false"},
      {"true"},
      {R"({"$numberDouble":"NaN"})", R"({"$numberDecimal":"NaN"})"},
      {R"({"$numberDouble":"-Infinity"})", R"({"$numberDecimal":"-Infinity"})"},
      {"-1e9999"},
      {"-1"},
      {"0", "-0", "0.0", R"({"$numberDecimal":"-0E+3"})"},
      {"0.1", R"({"$numberDouble":"0.1"})"},
      {"1", "1.0", "1e0", R"({"$numberLong":"1"})", R"({"$numberInt":"1"})", R"({"$numberDecimal":"1.00"})"},
      {"1.00000000000000000000001"},
      {"9007199254740992"},
      {"9007199254740993", R"({"$numberLong":"9007199254740993"})"},
      {"1e9999"},
      {R"({"$numberDouble":"Infinity"})"},
      {"\"\""},
      {R"("\u0000")"},
      {R"("\u0000a")"},
      {R"("\u0001")"},
      {R"("\u0002")"},
      {"\"A\"", R"("\u0041")"},
      {"\"a\""},
      {R"("a\u0000")"},
      {R"("a\u0001")"},
      {"\"aa\""},
      {"\"b\""},
      {"\"\x7F\""},
      {"\"\xC3\xA9\"", R"("\u00e9")"},
      {"\"\xEF\xBF\xBF\""},
      {"\"\xF0\x9F\x98\x80\"", R"("\uD83D\uDE00")"},  // above U+FFFF, unlike in UTF-16
      {R"({"$oid":"000000000000000000000001"})"},
      {R"({"$oid":"f00000000000000000000000"})", R"({"$oid":"F00000000000000000000000"})"},
      {R"({"$date":{"$numberLong":"-1"}})", R"({"$date":"1969-12-31T23:59:59.999Z"})"},
      {R"({"$date":"1970-01-01T00:00:00Z"})", R"({"$date":"1970-01-01T01:00:00.0+01:00"})"},
      {R"({"$binary":{"base64":"","subType":"05"}})"},
      {R"({"$binary":{"base64":"/w==","subType":"00"}})"},
      {R"({"$binary":{"base64":"AA==","subType":"01"}})", R"({"$binary":{"subType":"1","base64":"AA=="}})"},
      {R"({"$binary":{"base64":"AAA=","subType":"00"}})"},
      {"[]"},
      {"[null]"},
      {"[null,null]"},
      {"[1]", "[1.0]"},
      {"[1,0]"},
      {"[2]"},
      {"[[]]"},
      {"{}"},
      {R"({"z":null})"},
      {R"({"":5})"},
      {R"({"a":1})", R"({"\u0061":1e0})"},
      {R"({"a":1,"b":1})"},
      {R"({"a":2})"},
      {R"({"a\u0000":0})"},
      {R"({"aa":1})"},
      {R"({"b":1,"a":1})"},
      {R"({"$oid":"zz"})"},
      {R"({"a":""})"},
      {R"({"a":{"z":1}})"},
      {R"({"a":{"a":""}})"},
  };
  for (std::size_t i = 0; i < lines.size(); ++i) {
    for (std::size_t j = 0; j < lines.size(); ++j) {
      for (const std::string& left : lines[i]) {
        for (const std::string& right : lines[j]) {
          const Parsed one(left);
          const Parsed two(right);
          EXPECT_EQ(compare_values(one.value, two.value), i <=> j) << left << " " << right;
          EXPECT_EQ(key(one.value) <=> key(two.value), i <=> j) << left << " " << right;
        }
      }
    }
  }
}

std::weak_ordering reverse(std::weak_ordering order) { return 0 <=> order; }

TEST(KeyEncoding, OrderOfKeysIsOrderOfValues) {
  EXPECT_TRUE(rc::check([](const Bytes& bytes, const Bytes& more, std::uint8_t shared) {
    // The second value begins with bytes of the first, so that they are often alike.
    Bytes mixed(bytes.begin(), bytes.begin() + std::min<std::ptrdiff_t>(shared % 16, std::ssize(bytes)));
    mixed.insert(mixed.end(), more.begin(), more.end());
    const Parsed left(testing::JsonFromBytes(bytes, {.extended = true}).value());
    const Parsed right(testing::JsonFromBytes(mixed, {.extended = true}).value());
    const auto order = compare_values(left.value, right.value);
    RC_ASSERT((key(left.value) <=> key(right.value)) == order);
    RC_ASSERT((key(left.value, Direction::descending) <=> key(right.value, Direction::descending)) ==
              reverse(order));
    RC_ASSERT(compare_values(right.value, left.value) == reverse(order));
  }));
}

TEST(KeyEncoding, NoKeyBeginsAnother) {
  EXPECT_TRUE(rc::check([](const Bytes& bytes, const Bytes& more) {
    const Parsed left(testing::JsonFromBytes(bytes, {.extended = true}).value());
    const Parsed right(testing::JsonFromBytes(more, {.extended = true}).value());
    for (const Direction direction : {Direction::ascending, Direction::descending}) {
      const std::string one = key(left.value, direction);
      const std::string two = key(right.value, direction);
      RC_ASSERT(one == two || (!one.starts_with(two) && !two.starts_with(one)));
    }
  }));
}

TEST(KeyEncoding, CompoundKeysAreOrderedFieldByFieldInTheirDirections) {
  EXPECT_TRUE(rc::check([](const Bytes& a, const Bytes& b, const Bytes& c) {
    const testing::JsonFromBytes::Options options{.extended = true, .depth = 1};
    const Parsed first(testing::JsonFromBytes(a, options).value());
    const Parsed second(testing::JsonFromBytes(b, options).value());
    const Parsed third(testing::JsonFromBytes(c, options).value());
    const auto compound = [](const Value& one, const Value& two) {
      return key(one, Direction::descending) + key(two) + "tail";
    };
    RC_ASSERT((compound(first.value, second.value) <=> compound(first.value, third.value)) ==
              compare_values(second.value, third.value));
    const auto order = reverse(compare_values(first.value, second.value));
    RC_ASSERT((compound(first.value, third.value) <=> compound(second.value, first.value)) ==
              (order == 0 ? compare_values(third.value, first.value) : order));
  }));
}

TEST(KeyEncoding, ComesBackAsAnEqualValue) {
  EXPECT_TRUE(rc::check([](const Bytes& bytes, bool descending) {
    const Direction direction = descending ? Direction::descending : Direction::ascending;
    const Parsed parsed(testing::JsonFromBytes(bytes, {.extended = true}).value());
    const std::string encoded = key(parsed.value, direction) + "tail";
    std::string_view rest = encoded;
    Arena arena;
    const auto decoded = take_key(rest, direction, arena);
    RC_ASSERT(decoded.has_value());
    RC_ASSERT(rest == "tail");
    RC_ASSERT(equal_values(*decoded, parsed.value));
    RC_ASSERT(key(*decoded, direction) + "tail" == encoded);
    const std::string text = decoded->to_json();
    RC_ASSERT(Value::parse(arena, text).has_value());
  }));
}

TEST(KeyEncoding, DamagedKeysAreCorruptOrKeysOfAnotherValue) {
  EXPECT_TRUE(rc::check([](const Bytes& bytes, std::uint16_t where, char byte, bool cut) {
    std::string encoded = key(Parsed(testing::JsonFromBytes(bytes, {.extended = true}).value()).value);
    if (cut)
      encoded.resize(where % encoded.size());
    else
      encoded[where % encoded.size()] = byte;
    std::string_view rest = encoded;
    Arena arena;
    const auto decoded = take_key(rest, Direction::ascending, arena);
    if (cut) RC_ASSERT(!decoded.has_value());
    if (decoded) RC_ASSERT(key(*decoded) + std::string(rest) == encoded);
  }));
}

TEST(KeyEncoding, AnyBytesAreReadWithoutHarm) {
  for (const std::string_view tag : {"\x22", "\x24", "\x30", "\x38", "\x40", "\x48", "\x50", "\x58"}) {
    EXPECT_TRUE(rc::check([tag](const std::string& bytes) {
      const std::string encoded = std::string(tag) + bytes;
      std::string_view rest = encoded;
      Arena arena;
      const auto decoded = take_key(rest, Direction::ascending, arena);
      if (decoded) RC_ASSERT(key(*decoded) + std::string(rest) == encoded);
    }));
  }
  const std::string deep(1'000'000, '\x50');
  std::string_view rest = deep;
  Arena arena;
  EXPECT_EQ(take_key(rest, Direction::ascending, arena).error().code(), ErrorCode::corrupt);
  const std::string large_exponent("\x24\xF7\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x14", 11);
  rest = large_exponent;
  EXPECT_FALSE(take_key(rest, Direction::ascending, arena));
}

TEST(KeyEncoding, EveryKeyLiesInTheRangeOfItsType) {
  EXPECT_TRUE(rc::check([](const Bytes& bytes) {
    const Parsed parsed(testing::JsonFromBytes(bytes, {.extended = true}).value());
    const KeyRange range = key_range(TypedValue(parsed.value).type());
    const auto first = static_cast<unsigned char>(key(parsed.value)[0]);
    RC_ASSERT(first >= range.first);
    RC_ASSERT(first <= range.last);
  }));
}

}  // namespace
}  // namespace quire::document
