#include "document/json_patch.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

#include "document/testing/json_from_bytes.h"

namespace quire::document {
namespace {

using Bytes = std::vector<std::uint8_t>;

Result<std::string> patched(const std::string& target_text, const std::string& patch_text,
                            const JsonLimits& limits = {}) {
  std::string minified;
  QUIRE_TRY_STATUS(minify(patch_text, {}, minified));
  QUIRE_TRY(const JsonPatch patch, JsonPatch::parse(minified));
  Arena arena;
  Value target = *Value::parse(arena, target_text);
  QUIRE_TRY_STATUS(patch.apply(target, limits, arena));
  return target.to_json();
}

// RFC 6902, appendix A, by its sections.
TEST(JsonPatch, DoesWhatTheExamplesOfItsSpecificationShow) {
  const std::vector<std::vector<std::string>> examples = {
      {R"({"foo":"bar"})", R"([{"op":"add","path":"/baz","value":"qux"}])", R"({"foo":"bar","baz":"qux"})"},
      {R"({"foo":["bar","baz"]})", R"([{"op":"add","path":"/foo/1","value":"qux"}])",
       R"({"foo":["bar","qux","baz"]})"},
      {R"({"baz":"qux","foo":"bar"})", R"([{"op":"remove","path":"/baz"}])", R"({"foo":"bar"})"},
      {R"({"foo":["bar","qux","baz"]})", R"([{"op":"remove","path":"/foo/1"}])", R"({"foo":["bar","baz"]})"},
      {R"({"baz":"qux","foo":"bar"})", R"([{"op":"replace","path":"/baz","value":"boo"}])",
       R"({"baz":"boo","foo":"bar"})"},
      {R"({"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}})",
       R"([{"op":"move","from":"/foo/waldo","path":"/qux/thud"}])",
       R"({"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}})"},
      {R"({"foo":["all","grass","cows","eat"]})", R"([{"op":"move","from":"/foo/1","path":"/foo/3"}])",
       R"({"foo":["all","cows","eat","grass"]})"},
      {R"({"baz":"qux","foo":["a",2,"c"]})",
       R"([{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}])",
       R"({"baz":"qux","foo":["a",2,"c"]})"},
      {R"({"foo":"bar"})", R"([{"op":"add","path":"/child","value":{"grandchild":{}}}])",
       R"({"foo":"bar","child":{"grandchild":{}}})"},
      {R"({"foo":"bar"})", R"([{"op":"add","path":"/baz","value":"qux","xyz":123}])",
       R"({"foo":"bar","baz":"qux"})"},
      {R"({"/":9,"~1":10})", R"([{"op":"test","path":"/~01","value":10}])", R"({"/":9,"~1":10})"},
      {R"({"foo":["bar"]})", R"([{"op":"add","path":"/foo/-","value":["abc","def"]}])",
       R"({"foo":["bar",["abc","def"]]})"},
  };
  for (const auto& example : examples) {
    const auto result = patched(example[0], example[1]);
    ASSERT_TRUE(result) << example[1] << result.error().to_string();
    EXPECT_EQ(*result, example[2]) << example[1];
  }
}

TEST(JsonPatch, AWholeDocumentIsAPlaceToo) {
  EXPECT_EQ(*patched(R"({"a":1})", R"([{"op":"replace","path":"","value":{"b":2}}])"), R"({"b":2})");
  EXPECT_EQ(*patched(R"({"a":1})", R"([{"op":"copy","from":"","path":"/b"}])"), R"({"a":1,"b":{"a":1}})");
  EXPECT_EQ(patched(R"({"a":1})", R"([{"op":"remove","path":""}])").error().code(), ErrorCode::invalid);
}

TEST(JsonPatch, WhatStandsThereMayBeReplacedAndWhatIsCopiedStandsAlone) {
  EXPECT_EQ(*patched(R"({"a":[1]})", R"([{"op":"copy","from":"/a","path":"/b"},
                                         {"op":"add","path":"/b/-","value":2}])"),
            R"({"a":[1],"b":[1,2]})");
  EXPECT_EQ(*patched(R"({"a":[{"x":1}]})", R"([{"op":"replace","path":"/a/0","value":7}])"), R"({"a":[7]})");
  EXPECT_EQ(*patched(R"({"a":1})", R"([{"op":"move","from":"/a","path":"/a"}])"), R"({"a":1})");
}

TEST(JsonPatch, TestsCompareByMeaning) {
  EXPECT_TRUE(
      patched(R"({"a":{"x":1.0,"y":[1e1]}})", R"([{"op":"test","path":"/a","value":{"y":[10],"x":1}}])"));
  for (const std::string value : {R"({"x":1.0})", R"({"x":1,"y":[10,1]})", R"({"x":"1","y":[10]})", "null"}) {
    const auto result =
        patched(R"({"a":{"x":1.0,"y":[1e1]}})", R"([{"op":"test","path":"/a","value":)" + value + "}]");
    ASSERT_FALSE(result) << value;
    EXPECT_EQ(result.error().code(), ErrorCode::precondition);
    EXPECT_EQ(result.error().field(), "[0]");
  }
}

TEST(JsonPatch, PlacesThatAreNotThereFail) {
  for (const std::string operation :
       {R"({"op":"remove","path":"/b"})", R"({"op":"replace","path":"/b","value":1})",
        R"({"op":"add","path":"/b/c","value":1})", R"({"op":"add","path":"/a/4","value":1})",
        R"({"op":"add","path":"/a/01","value":1})", R"({"op":"remove","path":"/a/-"})",
        R"({"op":"add","path":"/a/x","value":1})", R"({"op":"copy","from":"/b","path":"/c"})",
        R"({"op":"move","from":"/b","path":"/c"})", R"({"op":"test","path":"/b","value":null})",
        R"({"op":"add","path":"/n/x","value":1})", R"({"op":"remove","path":"/a/3"})"}) {
    const auto result = patched(R"({"a":[1,2,3],"n":1})", "[" + operation + "]");
    ASSERT_FALSE(result) << operation;
    EXPECT_EQ(result.error().code(), ErrorCode::precondition) << operation;
  }
}

TEST(JsonPatch, MalformedPatchesAreRefusedWithTheirPlace) {
  const std::vector<std::vector<std::string>> cases = {
      {R"({})", ""},
      {R"([7])", "[0]"},
      {R"([{"path":"/a"}])", "[0].op"},
      {R"([{"op":"add","path":"/a","value":1},{"op":"sub","path":"/a"}])", "[1].op"},
      {R"([{"op":"add","value":1}])", "[0].path"},
      {R"([{"op":"add","path":"a","value":1}])", "[0].path"},
      {R"([{"op":"add","path":"/a~2","value":1}])", "[0].path"},
      {R"([{"op":"add","path":"/a~","value":1}])", "[0].path"},
      {R"([{"op":"add","path":"/a"}])", "[0].value"},
      {R"([{"op":"move","path":"/a"}])", "[0].from"},
  };
  for (const auto& one : cases) {
    const auto result = patched(R"({"a":1})", one[0]);
    ASSERT_FALSE(result) << one[0];
    EXPECT_EQ(result.error().code(), ErrorCode::invalid) << one[0];
    EXPECT_EQ(result.error().field(), one[1]) << one[0];
  }
  EXPECT_EQ(patched(R"({"a":{}})", R"([{"op":"move","from":"/a","path":"/a/b"}])").error().code(),
            ErrorCode::invalid);
}

TEST(JsonPatch, NeitherDepthNorCopiesOfCopiesGoPastTheLimits) {
  JsonLimits limits;
  limits.depth = 4;
  EXPECT_TRUE(patched(R"({"a":{"b":{}}})", R"([{"op":"add","path":"/a/b/c","value":{}}])", limits));
  EXPECT_EQ(
      patched(R"({"a":{"b":{}}})", R"([{"op":"add","path":"/a/b/c","value":[[]]}])", limits).error().code(),
      ErrorCode::too_large);
  std::string doubling = R"([{"op":"add","path":"/a0","value":{"x":"0123456789"}})";
  for (int i = 1; i < 60; ++i)
    doubling += R"(,{"op":"copy","from":"","path":"/a)" + std::to_string(i) + "\"}";
  limits = {};
  limits.document_bytes = 1 << 16;
  const auto result = patched("{}", doubling + "]", limits);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::too_large);
  std::string many = "[";
  for (int i = 0; i < 1001; ++i) many += R"({"op":"test","path":"","value":{}},)";
  many.back() = ']';
  EXPECT_EQ(patched("{}", many).error().limit(), 1000U);
}

TEST(JsonPatch, WhatIsAddedIsThereAndWhatIsMovedBackIsAsBefore) {
  EXPECT_TRUE(rc::check([](const Bytes& left, const Bytes& right) {
    const std::string one = testing::JsonFromBytes(left, {}).value();
    const std::string two = testing::JsonFromBytes(right, {}).value();
    const std::string document = R"({"a":)" + one + R"(,"~/":)" + two + "}";
    const auto result = patched("{}", R"([{"op":"add","path":"/a","value":)" + one + R"(},)" +
                                          R"({"op":"add","path":"/~0~1","value":)" + two + R"(},)" +
                                          R"({"op":"test","path":"","value":)" + document + R"(},)" +
                                          R"({"op":"move","from":"/~0~1","path":"/b"},)" +
                                          R"({"op":"move","from":"/b","path":"/~0~1"}])");
    RC_ASSERT(result.has_value());
    RC_ASSERT(*result == document);
  }));
}

}  // namespace
}  // namespace quire::document
