#include "document/changed_fields.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <charconv>
#include <string>
#include <vector>

#include "document/testing/json_from_bytes.h"
#include "document/value.h"

namespace quire::document {
namespace {

std::string said(std::string_view before, std::string_view after) {
  const auto fields = difference(before, after);
  if (!fields) return "error: " + std::string(fields.error().message());
  if (!*fields) return "whole";
  std::string text = "set";
  for (const std::string& path : (*fields)->updated) text += " " + path;
  text += ", unset";
  for (const std::string& path : (*fields)->removed) text += " " + path;
  return text;
}

TEST(ChangedFields, says_what_changed) {
  EXPECT_EQ(said(R"({"a":1,"b":2})", R"({"a":1,"b":2})"), "set, unset");
  EXPECT_EQ(said(R"({"a":1,"b":2})", R"({"a":3,"b":2,"c":{}})"), "set a c, unset");
  EXPECT_EQ(said(R"({"a":1,"b":2})", R"({"b":2})"), "set, unset a");
  EXPECT_EQ(said(R"({"a":{"x":1,"y":{"z":[1,2]}}})", R"({"a":{"y":{"z":[1,3]}}})"), "set a.y.z.1, unset a.x");
  // Another length: the array.
  EXPECT_EQ(said(R"({"a":[1,2]})", R"({"a":[1,2,3]})"), "set a, unset");
  // Another kind: the member.
  EXPECT_EQ(said(R"({"a":[1]})", R"({"a":{"0":1}})"), "set a, unset");
  // The text counts, not the number.
  EXPECT_EQ(said(R"({"a":1})", R"({"a":1.0})"), "set a, unset");
  EXPECT_EQ(said(R"({"d":{"$date":"2020-01-01T00:00:00Z"}})", R"({"d":{"$date":"2021-01-01T00:00:00Z"}})"),
            "set d, unset");
  EXPECT_EQ(said(R"({"\u00e9":1})", R"({"\u00e9":2})"), "set \u00e9, unset");
}

TEST(ChangedFields, leaves_to_the_container_what_paths_cannot_say) {
  EXPECT_EQ(said(R"({"o":{"a":1,"b":2}})", R"({"o":{"b":2,"a":1}})"), "set o, unset");
  EXPECT_EQ(said(R"({"o":{"b":2}})", R"({"o":{"a":1,"b":2}})"), "set o, unset");
  EXPECT_EQ(said(R"({"o":{"p":{"a.b":1}}})", R"({"o":{"p":{"a.b":2}}})"), "set o.p, unset");
  EXPECT_EQ(said(R"({"o":{"":1}})", R"({"o":{}})"), "set o, unset");
  EXPECT_EQ(said(R"({"o":[{"x.y":1}]})", R"({"o":[{"x.y":2}]})"), "set o.0, unset");
  EXPECT_EQ(said(R"({"a":1,"b":2})", R"({"b":2,"a":1})"), "whole");
  EXPECT_EQ(said(R"({"a.b":1})", R"({"a.b":2})"), "whole");
}

TEST(ChangedFields, tells_many_that_went_from_one_that_moved) {
  const auto member = [](char name) { return std::string("\"") + name + "\":1,"; };
  std::string before = "{";
  std::string gone;
  for (char name = 'a'; name <= 't'; ++name) {
    before += member(name);
    if (name < 's') gone += std::string(" ") + name;
  }
  before.back() = '}';
  EXPECT_EQ(said(before, R"({"s":1,"t":1,"z":1})"), "set z, unset" + gone);
  EXPECT_EQ(said(before, R"({"t":1,"k":1})"), "whole");
  EXPECT_EQ(said(before, R"({"t":1,"s":1})"), "whole");
}

TEST(ChangedFields, keeps_to_its_bytes) {
  std::string before;
  std::string after;
  for (int i = 0; i < 2000; ++i) {
    before += (i == 0 ? "" : ",") + std::string("0");
    after += (i == 0 ? "" : ",") + std::string("1");
  }
  EXPECT_EQ(said("{\"a\":[" + before + "]}", "{\"a\":[" + after + "]}"), "set a, unset");
}

TEST(ChangedFields, finds_damage) {
  EXPECT_TRUE(said(R"({"a")", R"({"a":1})").starts_with("error"));
  EXPECT_TRUE(said(R"({"a":1,})", R"({"a":1})").starts_with("error"));
  EXPECT_TRUE(said(R"({"a":"x})", R"({"a":1})").starts_with("error"));
}

// --- what is said leads from one to the other

std::vector<std::string> steps_of(const std::string& path) {
  std::vector<std::string> steps(1);
  for (const char c : path) {
    if (c == '.') {
      steps.emplace_back();
    } else {
      steps.back() += c;
    }
  }
  return steps;
}

Value* child(Value& parent, const std::string& step) {
  if (parent.is_object()) return parent.find_mutable(step);
  if (!parent.is_array()) return nullptr;
  std::size_t index = 0;
  std::from_chars(step.data(), step.data() + step.size(), index);
  return index < parent.size() ? &parent.mutable_elements()[index] : nullptr;
}

std::string led_from(const std::string& before, const std::string& after, const ChangedFields& fields) {
  Arena arena;
  Value document = *Value::parse(arena, before);
  Value target = *Value::parse(arena, after);
  const auto parent_of = [&](Value* at, const std::vector<std::string>& steps) {
    for (std::size_t i = 0; i + 1 < steps.size() && at != nullptr; ++i) at = child(*at, steps[i]);
    return at;
  };
  for (const std::string& path : fields.removed) {
    const auto steps = steps_of(path);
    Value* const parent = parent_of(&document, steps);
    if (parent == nullptr || !parent->erase(steps.back())) return "nothing to remove at " + path;
  }
  for (const std::string& path : fields.updated) {
    const auto steps = steps_of(path);
    Value* const parent = parent_of(&document, steps);
    Value* const source = parent_of(&target, steps);
    if (parent == nullptr || source == nullptr) return "no way to " + path;
    const Value* const value = child(*source, steps.back());
    if (value == nullptr) return "no value at " + path;
    if (parent->is_object()) {
      parent->set(arena, steps.back(), *value);
    } else {
      *child(*parent, steps.back()) = *value;
    }
  }
  return document.to_json();
}

RC_GTEST_PROP(ChangedFields, leads_from_one_text_to_the_next, ()) {
  testing::JsonFromBytes json(*rc::gen::arbitrary<std::vector<std::uint8_t>>(), {.extended = true});
  const std::string before = json.object();
  std::string after = json.object();
  if (*rc::gen::arbitrary<bool>()) {  // close to each other
    Arena arena;
    Value value = *Value::parse(arena, before);
    value.set(arena, json.name(), *Value::parse(arena, after));
    if (value.size() > 1 && json.pick(2) == 0) value.erase_member(json.pick(value.size()));
    after = value.to_json();
  }
  const auto fields = difference(before, after);
  RC_ASSERT(fields.has_value());
  if (!*fields) return;
  RC_ASSERT((*fields)->empty() == (before == after));
  RC_ASSERT(led_from(before, after, **fields) == after);
}

}  // namespace
}  // namespace quire::document
