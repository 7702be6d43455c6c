// What a schema must not say, what a violation says, and what neither may take.
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "document/json.h"
#include "document/schema.h"
#include "document/testing/parsed.h"

namespace quire::document {
namespace {

using testing::Parsed;

Error error_of(std::string_view json, const SchemaOptions& options = {}) {
  const auto schema = Schema::parse(json, options);
  EXPECT_FALSE(schema) << json;
  return schema ? Error() : schema.error();
}

std::vector<Violation> violations(std::string_view schema_text, std::string_view document) {
  const auto schema = Schema::parse(schema_text);
  EXPECT_TRUE(schema) << schema_text << (schema ? "" : schema.error().to_string());
  const auto found = schema->validate(Parsed(document).value);
  EXPECT_TRUE(found);
  return found->list;
}

TEST(SchemaErrors, NameTheKeyword) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"1", ""},
      {R"({"type":"text"})", "/type"},
      {R"({"type":["string","string"]})", "/type"},
      {R"({"type":[]})", "/type"},
      {R"({"bsonType":"timestamp"})", "/bsonType"},
      {R"({"bsonType":"integer"})", "/bsonType"},
      {R"({"properties":{"a/b":{"minimum":"1"}}})", "/properties/a~1b/minimum"},
      {R"({"minimum":{"$numberDouble":"NaN"}})", "/minimum"},
      {R"({"exclusiveMinimum":true})", "/exclusiveMinimum"},
      {R"({"multipleOf":0})", "/multipleOf"},
      {R"({"multipleOf":-1})", "/multipleOf"},
      {R"({"minLength":-1})", "/minLength"},
      {R"({"maxItems":1.5})", "/maxItems"},
      {R"({"uniqueItems":1})", "/uniqueItems"},
      {R"({"required":"a"})", "/required"},
      {R"({"required":["a","\u0061"]})", "/required"},
      {R"({"dependentRequired":{"a":"b"}})", "/dependentRequired"},
      {R"({"enum":1})", "/enum"},
      {R"({"items":[true]})", "/items"},
      {R"({"prefixItems":[]})", "/prefixItems"},
      {R"({"allOf":[]})", "/allOf"},
      {R"({"anyOf":{}})", "/anyOf"},
      {R"({"oneOf":[true,1]})", "/oneOf/1"},
      {R"({"not":null})", "/not"},
      {R"({"$defs":{"a":[]}})", "/$defs/a"},
      {R"({"title":1})", "/title"},
      {R"({"deprecated":"yes"})", "/deprecated"},
      {R"({"examples":{}})", "/examples"},
      {R"({"$id":"a#b"})", "/$id"},
      {R"({"$anchor":"1"})", "/$anchor"},
      {R"({"$anchor":"a","items":{"$anchor":"a"}})", "/items/$anchor"},
      {R"({"$id":"http://x/","items":{"$id":"a"},"not":{"$id":"a"}})", "/not/$id"},
      {R"({"$schema":"http://json-schema.org/draft-07/schema#"})", "/$schema"},
      {R"({"pattern":"("})", "/pattern"},
      {R"x({"pattern":"(?=a)"})x", "/pattern"},
      {R"({"pattern":"(a)\\1"})", "/pattern"},
      {R"({"pattern":"\\a"})", "/pattern"},
      {R"({"pattern":"[]"})", "/pattern"},
      {R"({"pattern":"\\ud800"})", "/pattern"},
      {R"({"pattern":"\\p{Nonsense}"})", "/pattern"},
      {R"({"patternProperties":{"(?<!a)b":true}})", "/patternProperties"},
      {R"({"$oid":"5f1e2d3c4b5a697887960504"})", ""},
  };
  for (const auto& [text, where] : cases) {
    const Error error = error_of(text);
    EXPECT_EQ(error.code(), ErrorCode::invalid) << text;
    EXPECT_EQ(error.field(), where) << text << error.message();
  }
  EXPECT_EQ(error_of("{").code(), ErrorCode::invalid);
}

TEST(SchemaErrors, SaysWhyAPatternIsRefused) {
  EXPECT_NE(error_of(R"x({"pattern":"a(?=b)"})x").message().find("linear time"), std::string::npos);
}

TEST(SchemaErrors, ReferencesThatLeadNowhere) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"({"$ref":"#/$defs/a"})", "/$ref"},
      {R"({"$ref":"#a"})", "/$ref"},
      {R"({"$ref":"#/%zz"})", "/$ref"},
      {R"({"items":{"$ref":"other.json"}})", "/items/$ref"},
      {R"({"$ref":"https://json-schema.org/draft/2020-12/schema"})", "/$ref"},
      {R"({"$dynamicRef":"#a"})", "/$dynamicRef"},
      {R"({"prefixItems":[true],"items":{"$ref":"#/prefixItems/1"}})", "/items/$ref"},
      {R"({"prefixItems":[true],"items":{"$ref":"#/prefixItems/00"}})", "/items/$ref"},
      {R"({"$ref":1})", "/$ref"},
      {R"({"x":[1],"$ref":"#/x/0"})", "/x/0"},
  };
  for (const auto& [text, where] : cases) EXPECT_EQ(error_of(text).field(), where) << text;
}

TEST(SchemaErrors, EndlessReferences) {
  for (const std::string_view text :
       {R"({"$ref":"#"})", R"({"allOf":[{"$ref":"#"}]})", R"({"not":{"$ref":"#"}})",
        R"({"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"anyOf":[true,{"$ref":"#/$defs/a"}]}}})",
        R"({"dependentSchemas":{"a":{"$ref":"#"}}})", R"({"if":{"$ref":"#"}})",
        R"({"$dynamicAnchor":"a","$dynamicRef":"#a"})"}) {
    EXPECT_NE(error_of(text).message().find("without end"), std::string::npos) << text;
  }
  // Into the document it ends with the document.
  const auto tree = Schema::parse(R"({"type":"object","additionalProperties":{"$ref":"#"}})");
  ASSERT_TRUE(tree);
  EXPECT_TRUE(tree->validate(Parsed(R"({"a":{"b":{}}})").value)->empty());
  EXPECT_FALSE(tree->validate(Parsed(R"({"a":{"b":1}})").value)->empty());
}

TEST(SchemaErrors, WhatOnlyTheWayMakesEndlessIsBounded) {
  // "inner" leads back to "outer" by way of the dynamic scope only.
  const auto schema = Schema::parse(R"({"$id":"http://x/outer","$dynamicAnchor":"a","$ref":"inner",
      "$defs":{"inner":{"$id":"inner","$dynamicRef":"#a","$defs":{"a":{"$dynamicAnchor":"a"}}}}})");
  ASSERT_TRUE(schema) << schema.error().to_string();
  const auto found = schema->validate(Parsed("1").value);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), ErrorCode::exhausted);
}

TEST(SchemaErrors, LimitsOfASchema) {
  EXPECT_EQ(error_of("{\"title\":\"" + std::string(300'000, 'x') + "\"}").code(), ErrorCode::too_large);
  std::string deep = "true";
  for (int i = 0; i < 70; ++i) deep = "{\"not\":" + deep + "}";
  EXPECT_EQ(error_of(deep).code(), ErrorCode::too_large);
  std::string many = "true";
  for (int i = 0; i < 20'000; ++i) many += ",true";
  const Error nodes = error_of("{\"allOf\":[" + many + "]}");
  EXPECT_EQ(nodes.code(), ErrorCode::too_large);
  EXPECT_EQ(nodes.limit(), SchemaOptions().nodes);
  EXPECT_EQ(error_of(R"({"pattern":")" + std::string(2000, 'a') + "\"}").code(), ErrorCode::too_large);
  std::string patterns = "{\"pattern\":\"a0\"}";
  for (int i = 1; i < 100; ++i) patterns += ",{\"pattern\":\"a" + std::to_string(i) + "\"}";
  EXPECT_EQ(error_of("{\"allOf\":[" + patterns + "]}").code(), ErrorCode::too_large);
}

// Forty levels of two equal alternatives each are a million million ways.
std::string exponential() {
  std::string text = R"({"$ref":"#/$defs/d0","$defs":{)";
  for (int i = 0; i < 40; ++i) {
    const std::string next = "{\"$ref\":\"#/$defs/d" + std::to_string(i + 1) + "\"}";
    text += "\"d" + std::to_string(i) + "\":{\"anyOf\":[" + next + "," + next + "]},";
  }
  return text + R"("d40":{"type":"string"}}})";
}

TEST(SchemaErrors, WhatTakesTooLongIsGivenUp) {
  const auto schema = Schema::parse(exponential());
  ASSERT_TRUE(schema);
  const auto found = schema->validate(Parsed("1").value, {.steps = 100'000});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), ErrorCode::exhausted);

  // A pattern that makes matching slow, on a long text.
  const auto pattern = Schema::parse(R"({"pattern":"([a-z]{1,30}){1,30}q"})");
  ASSERT_TRUE(pattern);
  const Parsed text("\"" + std::string(1 << 20, 'a') + "\"");
  EXPECT_EQ(pattern->validate(text.value).error().code(), ErrorCode::exhausted);
  EXPECT_FALSE(pattern->validate(Parsed("\"aaa\"").value)->empty());
}

TEST(SchemaErrors, StepsAreSharedByAll) {
  const auto schema = Schema::parse(R"({"items":{"type":"number"},"uniqueItems":true})");
  const Parsed array("[1,2,3,4,5,6,7,8,9]");
  EXPECT_FALSE(schema->validate(array.value, {.steps = 15}).has_value());
  EXPECT_TRUE(schema->validate(array.value, {.steps = 25}).has_value());
}

TEST(SchemaErrors, SchemasTooDeepInEachOther) {
  const auto schema = Schema::parse(R"({"$defs":{"a":{"allOf":[{"allOf":[{"allOf":[{"properties":{"a":
      {"$ref":"#/$defs/a"}}}]}]}]}},"$ref":"#/$defs/a"})");
  ASSERT_TRUE(schema);
  std::string text = "1";
  for (int i = 0; i < 60; ++i) text = "{\"a\":" + text + "}";
  EXPECT_TRUE(schema->validate(Parsed(text).value)->empty());
  std::string deeper;
  for (int i = 0; i < 250; ++i) deeper += "{\"a\":";
  deeper += "1" + std::string(250, '}');
  Arena arena;
  const auto found = schema->validate(*Value::parse(arena, deeper));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), ErrorCode::exhausted);
}

TEST(Violations, NamePathRuleAndPlaceInTheSchema) {
  const auto found = violations(
      R"({"properties":{"a":{"items":{"$ref":"#/$defs/b/c"}}},"required":["b"],"$defs":{"b/c":{},"b":
          {"c":{"properties":{"x/y":{"maximum":10}}}}}})",
      R"({"a":[{},{"x/y":12}]})");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].path, "a[1].x/y");
  EXPECT_EQ(found[0].pointer, "/a/1/x~1y");
  EXPECT_EQ(found[0].rule, "maximum");
  EXPECT_EQ(found[0].schema_pointer, "/$defs/b/c/properties/x~1y/maximum");
  EXPECT_EQ(found[0].message, "must be at most 10");
  EXPECT_EQ(found[0].found, "12");
  EXPECT_EQ(found[1].path, "");
  EXPECT_EQ(found[1].to_string(), "must have the member \"b\" (required)");
  EXPECT_EQ(found[1].schema_pointer, "/required");
}

TEST(Violations, SayWhatIsThere) {
  const std::vector<std::array<std::string, 3>> cases = {
      {R"({"type":"string"})", "[1]", "must be of type string, found an array of 1 item (type)"},
      {R"({"type":["null","integer"]})", "1.5", "must be of type null or integer, found 1.5 (type)"},
      {R"({"bsonType":"date"})", "\"x\"", "must be of the type date, found \"x\" (bsonType)"},
      {R"({"type":"object"})", R"({"$date":"2024-01-01T00:00:00Z"})",
       "must be of type object, found a date (type)"},
      {R"({"enum":["a",1]})", "\"b\"", "must be one of \"a\", 1, found \"b\" (enum)"},
      {R"({"const":{"a":1}})", "{}", "must be {\"a\":1}, found an object of 0 members (const)"},
      {R"({"not":{}})", "null", "must not be what \"not\" describes, found null (not)"},
      {R"({"multipleOf":0.5})", "1.2", "must be a multiple of 0.5, found 1.2 (multipleOf)"},
      {R"({"uniqueItems":true})", "[1,2,3,2]",
       "must not hold a value twice, and items 1 and 3 are equal, found an array of 4 items (uniqueItems)"},
      {R"({"contains":{"const":1}})", "[2]",
       "must hold at least 1 item of those that \"contains\" describes, found an array of 1 item (contains)"},
      {R"({"properties":{"a":true},"additionalProperties":false})", R"({"b":{"c":1}})",
       "b: is none of the members that may be here (additionalProperties)"},
      {R"({"propertyNames":{"maxLength":1}})", R"({"bb":1})",
       "bb: its name must have at most 1 character, found \"bb\" (maxLength)"},
      {R"({"dependentRequired":{"a":["b"]}})", R"({"a":1})",
       "must have the member \"b\", as it has \"a\" (dependentRequired)"},
      {R"({"oneOf":[true,{"type":"null"},true]})", "1",
       "must fit one alternative only, and fits number 0 and number 2, found 1 (oneOf)"},
      {R"({"anyOf":[{"type":"string"},{"properties":{"a":{"minimum":5}}}]})", R"({"a":1})",
       "fits none of the alternatives; the nearest is number 1, but a must be at least 5, found an object of "
       "1 "
       "member (anyOf)"},
      {"false", "1", "no document fits the schema \"false\" (false)"},
  };
  for (const auto& [schema, document, text] : cases) {
    const auto found = violations(schema, document);
    ASSERT_EQ(found.size(), 1U) << schema;
    EXPECT_EQ(found[0].to_string(), text);
  }
}

TEST(Violations, CutWhatIsLong) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "é";
  const auto string = violations(R"({"type":"null"})", "\"" + text + "\"");
  EXPECT_LT(string[0].found.size(), 60U);
  EXPECT_TRUE(string[0].found.ends_with("é...\"")) << string[0].found;
  const auto number = violations(R"({"maximum":1})", std::string(60, '9'));
  EXPECT_LT(number[0].found.size(), 60U);
  const auto path = violations(R"({"additionalProperties":false})", "{\"" + text + "\":1}");
  EXPECT_LT(path[0].path.size(), 1100U);
  const auto listed = violations(R"({"enum":[1,2,3,4,5,6,7,8,9,10,11,12]})", "0");
  EXPECT_EQ(listed[0].message, "must be one of 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 or one of 2 more");
}

TEST(Violations, AsManyAsAreWanted) {
  const auto schema = Schema::parse(R"({"items":{"type":"null"}})");
  const Parsed array("[1,2,3,4]");
  const auto two = schema->validate(array.value, {.most_violations = 2});
  ASSERT_TRUE(two);
  EXPECT_EQ(two->list.size(), 2U);
  EXPECT_TRUE(two->more);
  const auto four = schema->validate(array.value, {.most_violations = 4});
  EXPECT_EQ(four->list.size(), 4U);
  EXPECT_FALSE(four->more);
}

}  // namespace
}  // namespace quire::document
