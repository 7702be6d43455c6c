#include "document/extended_json.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

#include "document/json.h"
#include "document/testing/json_from_bytes.h"
#include "document/testing/parsed.h"

namespace quire::document {
namespace {

using testing::Parsed;

std::string canonical(std::string_view json) {
  std::string out;
  print_canonical(Parsed(json).value, out);
  return out;
}
std::string relaxed(std::string_view json) {
  std::string out;
  print_relaxed(Parsed(json).value, out);
  return out;
}

TEST(ExtendedJson, RecognizesWellFormedSpecialTypes) {
  const std::vector<std::pair<std::string, Type>> cases = {
      {R"({"$oid":"5f1e2d3c4b5a697887960504"})", Type::object_id},
      {R"({"$oid":"5F1E2D3C4B5A697887960504"})", Type::object_id},
      {R"({"\u0024oid":"\u0035f1e2d3c4b5a697887960504"})", Type::object_id},
      {R"({"$date":"2024-05-17T08:15:30.123Z"})", Type::date},
      {R"({"$date":{"$numberLong":"-9223372036854775808"}})", Type::date},
      {R"({"$binary":{"base64":"AA\/\/","subType":"0"}})", Type::binary},
      {R"({"$binary":{"subType":"ff","base64":""}})", Type::binary},
      {R"({"$numberInt":"-2147483648"})", Type::number},
      {R"({"$numberLong":"9223372036854775807"})", Type::number},
      {R"({"$numberDouble":"-1.5e300"})", Type::number},
      {R"({"$numberDouble":"NaN"})", Type::number},
      {R"({"$numberDouble":"Infinity"})", Type::number},
      {R"({"$numberDouble":"-Infinity"})", Type::number},
      {R"({"$numberDecimal":"1234567890123456789012345678901234"})", Type::number},
      {R"({"$numberDecimal":"9.999999999999999999999999999999999E+6144"})", Type::number},
      {R"({"$numberDecimal":"1E-6176"})", Type::number},
      {R"({"$numberDecimal":".5"})", Type::number},
      {R"({"$numberDecimal":"NaN"})", Type::number},
  };
  for (const auto& [text, type] : cases) {
    const Parsed parsed(text);
    EXPECT_EQ(TypedValue(parsed.value).type(), type) << text;
    EXPECT_TRUE(check_extended_json(parsed.value)) << text;
  }
}

TEST(ExtendedJson, TakesMalformedOnesForObjectsAndNamesTheirPath) {
  for (const std::string text : {R"({"$oid":"5f1e2d3c4b5a69788796050"})",
                                 R"({"$oid":"zf1e2d3c4b5a697887960504"})",
                                 R"({"$oid":5})",
                                 R"({"$oid":"5f1e2d3c4b5a697887960504","a":1})",
                                 R"({"$date":"2024-02-30T00:00:00Z"})",
                                 R"({"$date":"2024-05-17"})",
                                 R"({"$date":12345})",
                                 R"({"$date":{"$numberInt":"1"}})",
                                 R"({"$date":{"$numberLong":"9223372036854775808"}})",
                                 R"({"$binary":"AAE="})",
                                 R"({"$binary":{"base64":"AAE","subType":"00"}})",
                                 R"({"$binary":{"base64":"AAE="}})",
                                 R"({"$binary":{"base64":"AAE=","subType":"100"}})",
                                 R"({"$binary":{"base64":"AAE=","subType":"-1"}})",
                                 R"({"$binary":{"base64":"AAE=","subType":""}})",
                                 R"({"$binary":{"base64":"AAE=","subType":"0g"}})",
                                 R"({"$numberInt":"2147483648"})",
                                 R"({"$numberInt":"1.0"})",
                                 R"({"$numberInt":1})",
                                 R"({"$numberLong":"9223372036854775808"})",
                                 R"({"$numberLong":"+1"})",
                                 R"({"$numberLong":""})",
                                 R"({"$numberDouble":"1e999"})",
                                 R"({"$numberDouble":"inf"})",
                                 R"({"$numberDouble":".5"})",
                                 R"({"$numberDecimal":"12345678901234567890123456789012345"})",
                                 R"({"$numberDecimal":"1E+6145"})",
                                 R"({"$numberDecimal":"1E-6177"})",
                                 R"({"$numberDecimal":"x"})"}) {
    const Parsed parsed(R"({"a":[0,{"b":)" + text + "}]}");
    const Value& value = *parsed.value.find("a")->elements()[1].find("b");
    EXPECT_EQ(TypedValue(value).type(), Type::object) << text;
    const Status status = check_extended_json(parsed.value);
    ASSERT_FALSE(status) << text;
    EXPECT_EQ(status.error().field(), "a[1].b");
    EXPECT_EQ(status.error().code(), ErrorCode::invalid);
  }
  EXPECT_TRUE(check_extended_json(Parsed(R"({"$set":1,"$":2,"oid":"zz"})").value));
}

TEST(ExtendedJson, SaysWhatAMalformedOneShouldHold) {
  const auto fault = [](std::string_view json, const std::string& place) {
    return check_extended_json(Parsed(json).value, place).error().to_string();
  };
  EXPECT_EQ(fault(R"({"$date":"2018-03-20"})", "a"),
            "invalid: a: $date holds a date with its time and zone, \"2018-03-20T00:00:00Z\", or "
            "{\"$numberLong\": \"MILLISECONDS SINCE 1970\"}");
  EXPECT_EQ(fault(R"([{"b":[{"$oid":"zz"}]}])", "a"),
            "invalid: a[0].b[0]: $oid holds 24 hexadecimal digits, in quotes");
  EXPECT_EQ(
      fault(R"({"$numberInt":"1","more":1})", ""),
      "invalid: $numberInt is the only member of its object, and holds a whole number of 32 bits, in quotes");
}

TEST(ExtendedJson, AnObjectIdIsInSmallLetters) {
  EXPECT_EQ(object_id_of(Parsed(R"({"$oid":"5F1E2D3C4B5A697887960504"})").value), "5f1e2d3c4b5a697887960504");
  EXPECT_EQ(object_id_of(Parsed(R"({"$oid":"5F1E2D3C4B5A69788796050"})").value), std::nullopt);
  EXPECT_EQ(object_id_of(Parsed(R"("5f1e2d3c4b5a697887960504")").value), std::nullopt);
}

TEST(ExtendedJson, ReadsWhatTheyHold) {
  const Parsed oid(R"({"$oid":"5F1E2D3C4B5A697887960504"})");
  EXPECT_EQ(TypedValue(oid.value).object_id(), "5f1e2d3c4b5a697887960504");
  const Parsed date(R"({"$date":"1970-01-01T00:00:01.5Z"})");
  EXPECT_EQ(TypedValue(date.value).date_ms(), 1500);
  const Parsed binary(R"({"$binary":{"base64":"AAH/","subType":"8a"}})");
  const TypedValue typed(binary.value);
  EXPECT_EQ(typed.binary(), std::string("\0\x01\xFF", 3));
  EXPECT_EQ(typed.binary_subtype(), 0x8A);
  const Parsed number(R"({"$numberLong":"-7"})");
  EXPECT_EQ(TypedValue(number.value).number().to_int64(), -7);
  EXPECT_EQ(TypedValue(number.value).number_form(), NumberForm::int64);
}

TEST(ExtendedJson, PrintsCanonically) {
  EXPECT_EQ(canonical("1"), R"({"$numberInt":"1"})");
  EXPECT_EQ(canonical("2147483648"), R"({"$numberLong":"2147483648"})");
  EXPECT_EQ(canonical("1.0"), R"({"$numberDouble":"1.0"})");
  EXPECT_EQ(canonical("1e3"), R"({"$numberDouble":"1e3"})");
  EXPECT_EQ(canonical("0.1"), R"({"$numberDouble":"0.1"})");
  EXPECT_EQ(canonical("0.12345678901234567890123"), R"({"$numberDecimal":"0.12345678901234567890123"})");
  EXPECT_EQ(canonical("1e999"), R"({"$numberDecimal":"1e999"})");
  EXPECT_EQ(canonical("1e9999"), "1e9999");
  EXPECT_EQ(canonical("9223372036854775808"), R"({"$numberDouble":"9223372036854775808"})");
  EXPECT_EQ(canonical("9223372036854775809"), R"({"$numberDecimal":"9223372036854775809"})");
  EXPECT_EQ(canonical(R"({"$date":"2024-05-17T08:15:30.123+02:00"})"),
            R"({"$date":{"$numberLong":"1715926530123"}})");
  EXPECT_EQ(canonical(R"({"$oid":"5F1E2D3C4B5A697887960504"})"), R"({"$oid":"5f1e2d3c4b5a697887960504"})");
  EXPECT_EQ(canonical(R"({"a":[null,true,"x"],"b":{"$binary":{"subType":"0","base64":"AA\/\/"}}})"),
            R"({"a":[null,true,"x"],"b":{"$binary":{"base64":"AA//","subType":"00"}}})");
}

TEST(ExtendedJson, PrintsRelaxed) {
  EXPECT_EQ(relaxed(R"([{"$numberInt":"1"},{"$numberLong":"2"},{"$numberDouble":"1.50"}])"), "[1,2,1.50]");
  EXPECT_EQ(relaxed(R"([{"$numberDouble":"1"},{"$numberDouble":"-0"},{"$numberDouble":"1e3"}])"),
            "[1.0,-0.0,1e3]");
  EXPECT_EQ(canonical(relaxed(R"({"$numberDouble":"1"})")), R"({"$numberDouble":"1.0"})");
  EXPECT_EQ(relaxed(R"([{"$numberDouble":"NaN"},{"$numberDecimal":"1.50"}])"),
            R"([{"$numberDouble":"NaN"},{"$numberDecimal":"1.50"}])");
  EXPECT_EQ(relaxed(R"({"$date":{"$numberLong":"1715933730123"}})"),
            R"({"$date":"2024-05-17T08:15:30.123Z"})");
  EXPECT_EQ(relaxed(R"({"$date":{"$numberLong":"0"}})"), R"({"$date":"1970-01-01T00:00:00Z"})");
  EXPECT_EQ(relaxed(R"({"$date":{"$numberLong":"-1"}})"), R"({"$date":{"$numberLong":"-1"}})");
  EXPECT_EQ(relaxed(R"({"$date":{"$numberLong":"253402300799999"}})"),
            R"({"$date":"9999-12-31T23:59:59.999Z"})");
  EXPECT_EQ(relaxed(R"({"$date":{"$numberLong":"253402300800000"}})"),
            R"({"$date":{"$numberLong":"253402300800000"}})");
  EXPECT_EQ(relaxed(R"({"a":1.50,"b":1e400})"), R"({"a":1.50,"b":1e400})");
}

TEST(ExtendedJson, PrintingTwiceChangesNothingMore) {
  EXPECT_TRUE(rc::check([](const std::vector<std::uint8_t>& bytes) {
    const std::string text = testing::JsonFromBytes(bytes, {.extended = true}).value();
    RC_ASSERT(canonical(canonical(text)) == canonical(text));
    RC_ASSERT(relaxed(relaxed(text)) == relaxed(text));
    RC_ASSERT(canonical(relaxed(canonical(text))) == canonical(relaxed(text)));
  }));
}

TEST(IsoDate, ReadsWhatItWrites) {
  EXPECT_TRUE(rc::check([](std::int64_t ms) {
    ms %= 300'000'000'000'000;
    const auto iso = iso_date(ms);
    RC_ASSERT(iso.has_value() == (ms >= -62'167'219'200'000 && ms < 253'402'300'800'000));
    if (iso) RC_ASSERT(parse_iso_date(*iso) == ms);
  }));
  EXPECT_EQ(iso_date(-62'167'219'200'000), "0000-01-01T00:00:00Z");
  EXPECT_EQ(iso_date(-1), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(iso_date(INT64_MIN), std::nullopt);
  EXPECT_EQ(iso_date(INT64_MAX), std::nullopt);
}

TEST(IsoDate, RefusesWhatNamesNoMoment) {
  EXPECT_EQ(parse_iso_date("2024-02-29T23:59:59Z"), 1'709'251'199'000);
  EXPECT_EQ(parse_iso_date("2024-02-29T23:59:59.12-0130"), 1'709'256'599'120);
  for (const char* text :
       {"", "2024", "2024-02-29", "2023-02-29T00:00:00Z", "2024-13-01T00:00:00Z", "2024-00-01T00:00:00Z",
        "2024-01-00T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z", "2024-01-01T00:00:60Z",
        "2024-01-01T00:00:00", "2024-01-01 00:00:00Z", "2024-01-01T00:00:00.Z", "2024-01-01T00:00:00.1234Z",
        "2024-01-01T00:00:00+24:00", "2024-01-01T00:00:00Zx", "+024-01-01T00:00:00Z",
        "12024-01-01T00:00:00Z"}) {
    EXPECT_EQ(parse_iso_date(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace quire::document
