#include "document/merge_patch.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

#include "document/path.h"
#include "document/testing/json_from_bytes.h"

namespace quire::document {
namespace {

using Bytes = std::vector<std::uint8_t>;

std::string joined(const std::vector<std::string>& paths) {
  std::string text;
  for (const std::string& path : paths) text += (text.empty() ? "" : " ") + path;
  return text;
}

struct Patched {
  Patched(const std::string& target_text, const std::string& patch_text) {
    Value target = *Value::parse(arena, target_text);
    const Value patch = *Value::parse(arena, patch_text);
    changes = apply_merge_patch(target, patch, arena);
    text = target.to_json();
    EXPECT_EQ(patch.to_json(), patch_text);
  }
  Arena arena;
  ChangedFields changes;
  std::string text;
};

// RFC 7396, appendix A.
TEST(MergePatch, DoesWhatTheExamplesOfItsSpecificationShow) {
  const std::vector<std::vector<std::string>> examples = {
      {R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
      {R"({"a":"b"})", R"({"a":null})", R"({})"},
      {R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})"},
      {R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":"c"})", R"({"a":["b"]})", R"({"a":["b"]})"},
      {R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
      {R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})"},
      {R"(["a","b"])", R"(["c","d"])", R"(["c","d"])"},
      {R"({"a":"b"})", R"(["c"])", R"(["c"])"},
      {R"({"a":"foo"})", R"(null)", R"(null)"},
      {R"({"a":"foo"})", R"("bar")", R"("bar")"},
      {R"({"e":null})", R"({"a":1})", R"({"e":null,"a":1})"},
      {R"([1,2])", R"({"a":"b","c":null})", R"({"a":"b"})"},
      {R"({})", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"},
  };
  for (const auto& example : examples)
    EXPECT_EQ(Patched(example[0], example[1]).text, example[2]) << example[1];
}

TEST(MergePatch, SaysWhatItChanged) {
  const Patched patched(R"({"a":{"b":1,"c":2},"d":3,"e":4,"f":[5]})",
                        R"({"a":{"b":7,"c":2,"x":null},"d":null,"e":4,"f":[5],"g":{"h":{"i":null}}})");
  EXPECT_EQ(patched.text, R"({"a":{"b":7,"c":2},"e":4,"f":[5],"g":{"h":{}}})");
  EXPECT_EQ(joined(patched.changes.updated), "a.b g");
  EXPECT_EQ(joined(patched.changes.removed), "d");
  EXPECT_TRUE(Patched(R"({"a":1})", R"({"a":1,"b":null})").changes.empty());
}

TEST(MergePatch, TakesSpecialTypesWhole) {
  EXPECT_EQ(Patched(R"({"a":{"x":1}})", R"({"a":{"$date":"2020-01-01T00:00:00Z"}})").text,
            R"({"a":{"$date":"2020-01-01T00:00:00Z"}})");
  EXPECT_EQ(Patched(R"({"a":{"$oid":"000000000000000000000000"}})", R"({"a":{"x":1,"y":null}})").text,
            R"({"a":{"x":1}})");
}

TEST(MergePatch, LeavesEverythingElseByteForByte) {
  EXPECT_EQ(Patched(R"({"\u0061":1.50,"b":{"c":"\/","d":1e0}})", R"({"b":{"d":2}})").text,
            R"({"\u0061":1.50,"b":{"c":"\/","d":2}})");
}

// The specification's own recursion, building everything anew.
Value naive(const Value* target, const Value& patch, Arena& arena) {
  if (!is_plain_object(patch)) return patch;
  Value result = Value::object();
  if (target != nullptr && is_plain_object(*target)) result = target->clone(arena);
  for (const Member& member : patch.members()) {
    const std::string name = member.name.to_string();
    if (member.value.is_null())
      result.erase(name);
    else
      result.set(arena, name, naive(result.find(name), member.value, arena));
  }
  return result;
}

TEST(MergePatch, ChangesManyMembersOfALargeObject) {
  std::string target = "{";
  std::string patch = "{";
  std::string expected = "{";
  const auto member = [](std::string& out, int i, const char* value) {
    out += (out.size() > 1 ? ",\"m" : "\"m") + std::to_string(i) + "\":" + value;
  };
  for (int i = 0; i < 300; ++i) {
    member(target, i, R"({"a":1,"b":2})");
    if (i % 3 == 0) member(patch, i, "null");
    if (i % 3 == 1) member(patch, i, R"({"a":null,"c":3})");
    if (i % 3 != 0) member(expected, i, i % 3 == 1 ? R"({"b":2,"c":3})" : R"({"a":1,"b":2})");
  }
  for (int i = 300; i < 400; ++i) {
    member(patch, i, "true");
    member(expected, i, "true");
  }
  EXPECT_EQ(Patched(target + "}", patch + "}").text, expected + "}");
}

TEST(MergePatch, AgreesWithTheSpecificationsRecursion) {
  EXPECT_TRUE(rc::check([](const Bytes& a, const Bytes& b) {
    const std::string target_text = testing::JsonFromBytes(a, {.extended = true}).value();
    const std::string patch_text = testing::JsonFromBytes(b, {.extended = true}).value();
    Arena arena;
    const Value target = *Value::parse(arena, target_text);
    const Value patch = *Value::parse(arena, patch_text);
    const Patched patched(target_text, patch_text);
    RC_ASSERT(patched.text == naive(&target, patch, arena).to_json());
    RC_ASSERT(patched.changes.empty() == (patched.text == target_text));
    RC_ASSERT(Patched(patched.text, patch_text).changes.empty());
  }));
}

}  // namespace
}  // namespace quire::document
