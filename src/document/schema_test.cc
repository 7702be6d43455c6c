#include "document/schema.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "document/json.h"
#include "document/testing/parsed.h"

namespace quire::document {
namespace {

using testing::Parsed;

Schema parsed(std::string_view json, const SchemaOptions& options = {}) {
  auto schema = Schema::parse(json, options);
  EXPECT_TRUE(schema) << json << " " << (schema ? "" : schema.error().to_string());
  return schema ? *schema : Schema();
}

struct SchemaCase {
  std::string schema;
  std::vector<std::string> fit;
  std::vector<std::string> do_not;
};

void check(const std::vector<SchemaCase>& cases, const SchemaOptions& options = {}) {
  for (const SchemaCase& one : cases) {
    const Schema schema = parsed(one.schema, options);
    const auto violations = [&](const std::string& document) {
      const auto found = schema.validate(Parsed(document).value);
      EXPECT_TRUE(found) << one.schema << " " << document;
      return found ? *found : Violations();
    };
    for (const std::string& document : one.fit) {
      const Violations found = violations(document);
      EXPECT_TRUE(found.empty()) << one.schema << " " << document << " " << found.list[0].to_string();
    }
    for (const std::string& document : one.do_not)
      EXPECT_FALSE(violations(document).empty()) << one.schema << " " << document;
  }
}

TEST(Schema, BooleansAndTheEmptySchema) {
  check({{"true", {"null", "1", "{}"}, {}}, {"{}", {"null", "[]"}, {}}, {"false", {}, {"null", "{}"}}});
  const auto found = Schema().validate(Parsed("{}").value);
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->empty());
}

TEST(Schema, Types) {
  check({
      {R"({"type":"null"})", {"null"}, {"0", "false", "\"\"", "{}"}},
      {R"({"type":"boolean"})", {"true", "false"}, {"0", "null"}},
      {R"({"type":"integer"})",
       {"1", "-0", "1.0", "1e3", "10e-1", "9223372036854775808", R"({"$numberLong":"7"})",
        R"({"$numberDouble":"2.0"})", R"({"$numberDecimal":"3.00"})"},
       {"1.5", "1e-1", "\"1\"", R"({"$numberDecimal":"1.1"})", R"({"$numberDouble":"Infinity"})"}},
      {R"({"type":"number"})",
       {"1", "1.5", R"({"$numberDecimal":"1.1"})", R"({"$numberDouble":"NaN"})"},
       {"null", R"({"$numberDecimal":"x"})"}},
      {R"({"type":"string"})", {"\"\""}, {"1", R"({"$oid":"5f1e2d3c4b5a697887960504"})"}},
      {R"({"type":"array"})", {"[]"}, {"{}"}},
      {R"({"type":"object"})",
       {"{}", R"({"$oid":"zz"})", R"({"$other":1})"},
       {"[]", R"({"$oid":"5f1e2d3c4b5a697887960504"})", R"({"$date":"2024-01-01T00:00:00Z"})",
        R"({"$numberInt":"1"})", R"({"$binary":{"base64":"","subType":"00"}})"}},
      {R"({"type":["null","string"]})", {"null", "\"\""}, {"1"}},
  });
}

TEST(Schema, TypesThatJsonDoesNotHave) {
  check({
      {R"({"bsonType":"objectId"})",
       {R"({"$oid":"5f1e2d3c4b5a697887960504"})"},
       {R"("5f1e2d3c4b5a697887960504")", "{}"}},
      {R"({"bsonType":"date"})", {R"({"$date":"2024-01-01T00:00:00Z"})"}, {R"("2024-01-01T00:00:00Z")"}},
      {R"({"bsonType":"binData"})", {R"({"$binary":{"base64":"","subType":"00"}})"}, {"\"\""}},
      {R"({"bsonType":"int"})",
       {"5", R"({"$numberInt":"5"})"},
       {"5.0", R"({"$numberLong":"5"})", "5000000000"}},
      {R"({"bsonType":"long"})", {"5000000000", R"({"$numberLong":"5"})"}, {"5"}},
      {R"({"bsonType":"double"})", {"5.0", "1.5"}, {"5", R"({"$numberDecimal":"1.5"})"}},
      {R"({"bsonType":"decimal"})", {R"({"$numberDecimal":"1.5"})"}, {"1.5"}},
      {R"({"bsonType":"number"})", {"1", R"({"$numberDecimal":"1.5"})"}, {"\"1\""}},
      {R"({"bsonType":["string","bool","null","array","object"]})",
       {"\"\"", "true", "null", "[]", "{}"},
       {"1", R"({"$date":"2024-01-01T00:00:00Z"})"}},
      // Rules for objects are not for what only looks like one.
      {R"({"required":["a"],"maxProperties":0})",
       {R"({"$oid":"5f1e2d3c4b5a697887960504"})"},
       {R"({"$oid":"zz"})"}},
      {R"({"minLength":9})", {R"({"$date":"2024-01-01T00:00:00Z"})"}, {"\"a\""}},
  });
}

TEST(Schema, ConstAndEnumByValue) {
  check({
      {R"({"const":1})", {"1", "1.0", "1e0", R"({"$numberLong":"1"})"}, {"true", "\"1\"", "2", "[1]"}},
      {R"({"const":{"a":[1,{"b":2,"c":3}],"d":4}})",
       {R"({"d":4.0,"a":[1,{"c":3,"b":2}]})"},
       {R"({"d":4,"a":[{"c":3,"b":2},1]})", R"({"a":[1,{"b":2,"c":3}]})", "[]"}},
      {R"({"const":0})", {"-0", "0.0"}, {"false", "null"}},
      {R"({"const":"é"})", {R"("\u00e9")"}, {"\"e\""}},
      {R"({"const":{"$date":"1970-01-01T00:00:00Z"}})", {R"({"$date":{"$numberLong":"0"}})"}, {"0"}},
      {R"({"enum":["a",null,{"x":1,"y":2},[1,2]]})",
       {"\"a\"", "null", R"({"y":2,"x":1})", "[1.0,2]"},
       {"\"b\"", "false", "[2,1]", R"({"x":1})"}},
      {R"({"enum":[]})", {}, {"null", "1"}},
      {R"({"const":12345678901234567890.123456789})",
       {"1234567890123456789012345678.9e-8"},
       {"12345678901234567890.12345678900000001", "12345678901234567890"}},
  });
}

TEST(Schema, NumbersAreExact) {
  check({
      {R"({"minimum":1.1})", {"1.1", "1.10", "2", "\"0\""}, {"1.09999999999999999999", "-2"}},
      {R"({"maximum":9007199254740993})",
       {"9007199254740993"},
       {"9007199254740993.0000001", "9007199254740994"}},
      {R"({"exclusiveMinimum":0})", {"1e-400"}, {"0", "-1", R"({"$numberDouble":"NaN"})"}},
      {R"({"exclusiveMaximum":1e400})", {"9.9e399"}, {"1e400", R"({"$numberDouble":"Infinity"})"}},
      {R"({"minimum":{"$numberDecimal":"0.5"}})",
       {R"({"$numberDecimal":"0.50"})"},
       {R"({"$numberDecimal":"0.4"})"}},
      {R"({"minimum":0,"maximum":0})",
       {"-0"},
       {R"({"$numberDouble":"NaN"})", R"({"$numberDouble":"-Infinity"})"}},
      {R"({"multipleOf":0.01})",
       {"0", "4.02", "1e300", "-0.07", "19.99", R"({"$numberDecimal":"1.10"})"},
       {"0.001", "4.021", R"({"$numberDouble":"Infinity"})"}},
      {R"({"multipleOf":0.0001})", {"0.0075"}, {"0.00751"}},
      {R"({"multipleOf":3})",
       {"9", "3e20", "-3", "12345678901234567890123456789012345678"},
       {"1e300", "10", "3.3"}},
      {R"({"multipleOf":1e-8})", {"12391239123"}, {"1e-9"}},
      {R"({"multipleOf":100})", {"1e2", "500"}, {"50"}},
      {R"({"multipleOf":1234567890123456789012345678901234})",
       {"2469135780246913578024691357802468", "1234567890123456789012345678901234e17"},
       {"2469135780246913578024691357802469", "1"}},
  });
}

TEST(Schema, StringsAreCountedInCodePoints) {
  check({
      {R"({"minLength":2})", {"\"éé\"", "\"😀😀\"", R"("\ud83d\ude00a")", "1"}, {"\"é\"", "\"😀\"", "\"\""}},
      {R"({"maxLength":2})", {"\"😀😀\"", "\"\"", R"("\u00e9\u00e9")"}, {"\"😀😀😀\"", "\"abc\""}},
      {R"({"minLength":1.0,"maxLength":1e30})", {"\"a\""}, {"\"\""}},
      {R"({"pattern":"b"})", {"\"abc\"", "1"}, {"\"ac\""}},
      {R"({"pattern":"^\\S+@\\S+$"})", {"\"a@b\""}, {"\"a@ b\"", R"("a@\u00a0")"}},
      {R"({"pattern":"^\\u00e9\\u{1F600}\\ud83d\\ude00$"})", {"\"é😀😀\""}, {"\"é\""}},
      {R"({"pattern":"^\\p{Letter}\\P{Lu}[\\p{Script=Greek}]$"})", {"\"aaα\""}, {"\"aAα\"", "\"aaa\""}},
      {R"({"pattern":"^(?<year>\\d{4})$"})", {"\"2024\""}, {"\"٢٠٢٤\"", R"("2024\n")"}},
      {R"({"pattern":"^.$"})", {"\"a\"", "\"😀\""}, {R"("\n")", R"("\u2028")", "\"ab\""}},
      {R"({"pattern":"^[\\s\\d]\\cA\\0$"})", {R"(" \u0001\u0000")"}, {"\"a\""}},
      {R"({"pattern":"^[^\\S]$"})", {"\" \"", R"("\ufeff")"}, {"\"a\""}},
  });
}

TEST(Schema, Arrays) {
  check({
      {R"({"minItems":1,"maxItems":2})", {"[1]", "[1,2]", "{}"}, {"[]", "[1,2,3]"}},
      {R"({"items":{"type":"number"}})", {"[]", "[1,2]", "{}"}, {"[1,\"\"]"}},
      {R"({"prefixItems":[{"type":"string"},true],"items":false})",
       {"[]", "[\"a\"]", "[\"a\",1]"},
       {"[1]", "[\"a\",1,2]"}},
      {R"({"uniqueItems":true})",
       {"[]", "[1,true,\"1\",[1],{\"a\":1}]", "[[1,2],[2,1]]", "[{\"a\":1},{\"a\":true}]"},
       {"[1,1.0]", R"([{"a":1,"b":2},{"b":2.0,"a":1}])", R"(["a","\u0061"])", "[null,1,null]"}},
      {R"({"uniqueItems":false})", {"[1,1]"}, {}},
      {R"({"contains":{"const":1}})", {"[2,1]", "{}"}, {"[]", "[2]"}},
      {R"({"contains":{"const":1},"minContains":2,"maxContains":3})",
       {"[1,1]", "[1,2,1,1]"},
       {"[1]", "[1,1,1,1]"}},
      {R"({"contains":{"const":1},"minContains":0})", {"[]", "[2]"}, {}},
      {R"({"contains":{"const":1},"minContains":0,"maxContains":1})", {"[]", "[1]"}, {"[1,1]"}},
      {R"({"minContains":2,"maxContains":0})", {"[]", "[1]"}, {}},
      {R"({"contains":false})", {"{}"}, {"[]", "[1]"}},
  });
}

TEST(Schema, Objects) {
  check({
      {R"({"minProperties":1,"maxProperties":2})", {R"({"a":1})", "[]"}, {"{}", R"({"a":1,"b":2,"c":3})"}},
      {R"({"required":["a","b"]})",
       {R"({"b":null,"a":0})", R"({"\u0061":1,"b":1})", "[]"},
       {R"({"a":1})", "{}"}},
      {R"({"required":["__proto__",""]})", {R"({"__proto__":1,"":2})"}, {R"({"a":1})"}},
      {R"({"properties":{"a":{"type":"string"},"b":false}})",
       {"{}", R"({"a":"","c":1})"},
       {R"({"a":1})", R"({"b":1})"}},
      {R"({"patternProperties":{"^n":{"type":"number"},"x$":{"minimum":5}}})",
       {R"({"n":1,"nx":5,"z":""})"},
       {R"({"n":""})", R"({"nx":1})"}},
      {R"({"properties":{"a":true},"patternProperties":{"^x":true},"additionalProperties":false})",
       {R"({"a":1,"xa":2})"},
       {R"({"b":1})", R"({"a":1,"ax":1})"}},
      {R"({"additionalProperties":{"type":"null"}})", {R"({"a":null})"}, {R"({"a":1})"}},
      {R"({"propertyNames":{"maxLength":2,"pattern":"^[a-z]"}})",
       {R"({"ab":1})", "{}"},
       {R"({"abc":1})", R"({"1":1})"}},
      {R"({"dependentRequired":{"a":["b","c"]}})",
       {"{}", R"({"b":1})", R"({"a":1,"b":1,"c":1})"},
       {R"({"a":1,"b":1})"}},
      {R"({"dependentSchemas":{"a":{"required":["b"]},"c":false}})",
       {"{}", R"({"a":1,"b":1})"},
       {R"({"a":1})", R"({"c":1})"}},
      {R"({"dependencies":{"a":["b"],"c":{"maxProperties":1}}})",
       {R"({"a":1,"b":1})", R"({"c":1})"},
       {R"({"a":1})", R"({"c":1,"d":1})"}},
  });
}

TEST(Schema, Combinations) {
  check({
      {R"({"allOf":[{"minimum":1},{"maximum":2}]})", {"1", "\"\""}, {"0", "3"}},
      {R"({"anyOf":[{"type":"string"},{"minimum":5}]})", {"\"\"", "5", "null"}, {"4"}},
      {R"({"oneOf":[{"multipleOf":2},{"multipleOf":3}]})", {"2", "3"}, {"6", "5"}},
      {R"({"not":{"type":"string"}})", {"1"}, {"\"\""}},
      {R"({"not":{"not":{"type":"string"}}})", {"\"\""}, {"1"}},
      {R"({"if":{"type":"number"},"then":{"minimum":5},"else":{"type":"string"}})",
       {"5", "\"\""},
       {"4", "null"}},
      {R"({"then":false,"else":false})", {"1"}, {}},
      {R"({"if":false})", {"1"}, {}},
      {R"({"if":{"const":1},"then":false})", {"2"}, {"1"}},
  });
}

TEST(Schema, UnevaluatedProperties) {
  check({
      {R"({"properties":{"a":true},"unevaluatedProperties":false})", {R"({"a":1})"}, {R"({"b":1})"}},
      {R"({"allOf":[{"properties":{"a":true}},{"patternProperties":{"^x":true}}],"unevaluatedProperties":false})",
       {R"({"a":1,"x1":1})"},
       {R"({"b":1})"}},
      // An alternative that does not hold has looked at nothing.
      {R"({"anyOf":[{"properties":{"a":{"const":1}},"required":["a"]},{"properties":{"b":true}}],
           "unevaluatedProperties":false})",
       {R"({"a":1,"b":2})", R"({"b":1})"},
       {R"({"a":2,"b":1})"}},
      {R"({"oneOf":[{"properties":{"a":true},"required":["a"]},{"properties":{"b":true},"required":["b"]}],
           "unevaluatedProperties":{"type":"null"}})",
       {R"({"a":1,"c":null})"},
       {R"({"a":1,"c":1})"}},
      {R"({"if":{"properties":{"a":{"const":1}},"required":["a"]},"then":{"properties":{"b":true}},
           "else":{"properties":{"c":true}},"unevaluatedProperties":false})",
       {R"({"a":1,"b":1})", R"({"c":1})"},
       {R"({"a":2,"c":1})", R"({"a":1,"c":1})"}},
      {R"({"not":{"properties":{"a":{"const":1}},"required":["a"]},"unevaluatedProperties":false})",
       {"{}"},
       {R"({"a":2})"}},
      // Neighbours in allOf do not see each other.
      {R"({"allOf":[{"properties":{"a":true}},{"unevaluatedProperties":false}]})", {"{}"}, {R"({"a":1})"}},
      {R"({"allOf":[{"unevaluatedProperties":true}],"unevaluatedProperties":false})", {R"({"a":1})"}, {}},
      {R"({"$ref":"#/$defs/a","unevaluatedProperties":false,"$defs":{"a":{"properties":{"a":true}}}})",
       {R"({"a":1})"},
       {R"({"b":1})"}},
      {R"({"dependentSchemas":{"a":{"properties":{"b":true}}},"properties":{"a":true},
           "unevaluatedProperties":false})",
       {R"({"a":1,"b":1})"},
       {R"({"b":1})"}},
      {R"({"properties":{"a":{"properties":{"b":true}}},"unevaluatedProperties":false})",
       {R"({"a":{"c":1}})"},
       {R"({"b":1})"}},
      {R"({"additionalProperties":true,"unevaluatedProperties":false})", {R"({"a":1})", "[1]"}, {}},
  });
}

TEST(Schema, UnevaluatedItems) {
  check({
      {R"({"prefixItems":[true],"unevaluatedItems":false})", {"[]", "[1]", "{}"}, {"[1,2]"}},
      {R"({"allOf":[{"prefixItems":[true]},{"prefixItems":[true,true]}],"unevaluatedItems":false})",
       {"[1,2]"},
       {"[1,2,3]"}},
      {R"({"contains":{"type":"string"},"unevaluatedItems":{"type":"number"}})",
       {"[\"a\",1]"},
       {"[\"a\",null]"}},
      {R"({"anyOf":[{"items":{"type":"number"}},true],"unevaluatedItems":false})", {"[1,2]"}, {"[1,\"\"]"}},
      {R"({"allOf":[{"contains":{"multipleOf":2}},{"contains":{"multipleOf":3}}],
           "unevaluatedItems":{"multipleOf":5}})",
       {"[2,3,4,5,6]"},
       {"[2,3,4,7,8]"}},
      {R"({"if":{"prefixItems":[{"const":1}]},"then":{"prefixItems":[true,true]},"unevaluatedItems":false})",
       {"[1,2]"},
       {"[2]", "[1,2,3]"}},
  });
}

TEST(Schema, TheIdIsAMember) {
  const Schema schema =
      parsed(R"({"required":["_id","a"],"properties":{"_id":{"type":"string","maxLength":3}},
                                   "maxProperties":2,"unevaluatedProperties":{"minimum":1}})");
  const Parsed body(R"({"a":1})");
  Arena scratch;
  EXPECT_TRUE(schema.validate(body.value, "id\"", scratch)->empty());
  EXPECT_EQ(body.value.to_json(), R"({"a":1})");
  EXPECT_EQ(body.value.size(), 1U);
  const auto found = schema.validate(body.value, "long", scratch);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->list.size(), 1U);
  EXPECT_EQ(found->list[0].to_string(), "_id: must have at most 3 characters, found \"long\" (maxLength)");
  EXPECT_EQ(schema.validate(body.value)->list[0].message, "must have the member \"_id\"");
  EXPECT_FALSE(schema.validate(Parsed("{}").value, "x", scratch)->empty());
}

TEST(Schema, AFormatIsANoteUnlessAskedFor) {
  const SchemaCase date{R"({"format":"date"})", {"\"2024-02-29\"", "1"}, {"\"2023-02-29\"", "\"x\""}};
  check({{date.schema, {"\"2024-02-29\"", "\"x\""}, {}}});
  check({date, {R"({"format":"color"})", {"\"x\""}, {}}, {R"({"format":"regex"})", {"\"(\""}, {}}},
        {.assert_formats = true});
}

}  // namespace
}  // namespace quire::document
