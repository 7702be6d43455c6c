#include "document/value.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

#include "document/testing/json_from_bytes.h"
#include "document/tuning.h"

namespace quire::document {
namespace {

using Bytes = std::vector<std::uint8_t>;

Value parsed(Arena& arena, std::string_view text) {
  auto value = Value::parse(arena, text);
  EXPECT_TRUE(value) << text;
  return value ? *value : Value();
}

// Asks for every container inside in the way that allows changes, and changes nothing.
void touch(Value& value) {
  if (value.is_array()) {
    for (Value& element : value.mutable_elements()) touch(element);
  } else if (value.is_object()) {
    for (Member& member : value.mutable_members()) touch(member.value);
  }
}

TEST(Value, ReadsEveryKind) {
  Arena arena;
  const Value value = parsed(
      arena, R"({"n":null,"t":true,"f":false,"i":-12.50e3,"s":"a\n\u00e9\uD83D\uDE00","a":[1,[]],"o":{}})");
  ASSERT_EQ(value.size(), 7U);
  EXPECT_TRUE(value.find("n")->is_null());
  EXPECT_TRUE(value.find("t")->as_boolean());
  EXPECT_FALSE(value.find("f")->as_boolean());
  EXPECT_EQ(value.find("i")->number_text(), "-12.50e3");
  EXPECT_EQ(value.find("s")->to_string(), "a\n\xC3\xA9\xF0\x9F\x98\x80");
  EXPECT_EQ(value.find("s")->raw_string(), R"(a\n\u00e9\uD83D\uDE00)");
  EXPECT_EQ(value.find("a")->elements()[1].size(), 0U);
  EXPECT_TRUE(value.find("o")->is_object());
  EXPECT_EQ(value.find("x"), nullptr);
  EXPECT_EQ(value.find("a")->find("x"), nullptr);
  EXPECT_EQ(value.depth(), 3U);
}

TEST(Value, FindsMembersByTheirUnescapedNames) {
  Arena arena;
  Value value = parsed(arena, R"({"\u0061":1,"b\"":2})");
  EXPECT_EQ(value.find("a")->number_text(), "1");
  EXPECT_EQ(value.find("b\"")->number_text(), "2");
  value.set(arena, "a", Value::boolean(true));
  EXPECT_EQ(value.to_json(), R"({"\u0061":true,"b\"":2})");
}

TEST(Value, AnyTextComesBackByteForByteEvenWhereEverythingWasTouched) {
  EXPECT_TRUE(rc::check([](const Bytes& bytes) {
    const std::string text = testing::JsonFromBytes(bytes, {.extended = true}).value();
    Arena arena;
    Value value = parsed(arena, text);
    RC_ASSERT(value.to_json() == text);
    const Value copy = value.clone(arena);
    touch(value);
    RC_ASSERT(value.to_json() == text);
    RC_ASSERT(value.clone(arena).to_json() == text);
    RC_ASSERT(copy.to_json() == text);
  }));
}

TEST(Value, RefusesWhatIsNotMinifiedJsonWithoutReadingPastItsEnd) {
  const std::string text = R"({"a":[1,true,null,"x\"y",{"b":{}}],"c":false})";
  for (std::size_t length = 0; length < text.size(); ++length) {
    Arena arena;
    const std::string cut = text.substr(0, length);
    const std::vector<char> exact(cut.begin(), cut.end());
    const auto value = Value::parse(arena, {exact.data(), exact.size()});
    ASSERT_FALSE(value) << cut;
    EXPECT_EQ(value.error().code(), ErrorCode::corrupt);
    const std::string_view names[] = {"a"};
    EXPECT_FALSE(Value::parse_members(arena, {exact.data(), exact.size()}, names)) << cut;
  }
  for (const char* bad : {"[1}", "{\"a\":1]", "{1:1}", "[1]x", "[x]", "\"\\", "[1,]", "{\"a\"}", "tru",
                          "[1.]", "[-]", "[01]", "[truex]", "[1x]"}) {
    Arena arena;
    EXPECT_FALSE(Value::parse(arena, bad)) << bad;
  }
  Arena arena;
  EXPECT_FALSE(Value::parse(arena, std::string(1'000'000, '[')));
  const std::string deepest = std::string(kMaxDepth, '[') + std::string(kMaxDepth, ']');
  EXPECT_EQ(parsed(arena, deepest).to_json(), deepest);
}

TEST(Value, NeverReadsPastTheEndOfDamagedText) {
  EXPECT_TRUE(rc::check([](const Bytes& bytes, std::uint16_t where, char byte) {
    std::string text = testing::JsonFromBytes(bytes, {.extended = true}).object();
    text[where % text.size()] = byte;
    const std::vector<char> exact(text.begin(), text.end());
    const std::string_view names[] = {"a", "0"};
    Arena arena;
    const auto value = Value::parse(arena, {exact.data(), exact.size()});
    const auto members = Value::parse_members(arena, {exact.data(), exact.size()}, names);
    if (value) RC_ASSERT(value->to_json() == text);
    if (members) RC_ASSERT(members->size() <= text.size());
  }));
}

TEST(Value, ParseMembersKeepsJustTheNamedOnes) {
  EXPECT_TRUE(rc::check([](const Bytes& bytes) {
    const std::string text = testing::JsonFromBytes(bytes, {.extended = true}).object();
    Arena arena;
    Value all = parsed(arena, text);
    const std::vector<std::string_view> names = {"a", "0", "\xC3\xA9"};
    const auto some = Value::parse_members(arena, text, names);
    RC_ASSERT(some.has_value());
    std::string expected;
    for (const Member& member : all.members()) {
      for (const std::string_view name : names) {
        if (!member.name.is_string_equal_to(name)) continue;
        expected += expected.empty() ? "" : ",";
        member.name.print(expected);
        expected += ":" + member.value.to_json();
      }
    }
    RC_ASSERT(some->to_json() == "{" + expected + "}");
  }));
}

TEST(Value, ChangesPrintAndTheRestStaysAsItCame) {
  Arena arena;
  Value value = parsed(arena, R"({"a":1.50,"b":{"c":[1.0,2e0,"\u0041"],"d":0.10},"e":[[1e1]]})");
  value.find_mutable("b")->find_mutable("c")->insert(arena, 1, Value::string(arena, "new \"one\"\n"));
  EXPECT_EQ(value.to_json(),
            R"({"a":1.50,"b":{"c":[1.0,"new \"one\"\n",2e0,"\u0041"],"d":0.10},"e":[[1e1]]})");
  EXPECT_TRUE(value.erase("a"));
  EXPECT_FALSE(value.erase("a"));
  value.set(arena, "e", Value::integer(arena, INT64_MIN));
  value.set(arena, "f", Value::object()).set(arena, "g", Value::array()).append(arena, Value());
  value.find_mutable("b")->find_mutable("c")->erase_element(0);
  value.find_mutable("b")->find_mutable("c")->truncate(2);
  EXPECT_EQ(value.to_json(),
            R"({"b":{"c":["new \"one\"\n",2e0],"d":0.10},"e":-9223372036854775808,"f":{"g":[null]}})");
}

TEST(Value, AMemberThatIsSetFromItsOwnObjectSurvivesTheMove) {
  Arena arena;
  Value value = Value::array();
  value.append(arena, Value::string(arena, "first"));
  for (int i = 0; i < 100; ++i) value.append(arena, value.elements()[0]);
  EXPECT_EQ(value.size(), 101U);
  for (const Value& element : value.elements()) EXPECT_TRUE(element.is_string_equal_to("first"));
}

TEST(Value, ACloneSharesNoMembers) {
  Arena arena;
  Value value = parsed(arena, R"({"a":{"b":[1]}})");
  Value copy = value.clone(arena);
  copy.find_mutable("a")->find_mutable("b")->append(arena, Value());
  EXPECT_EQ(value.to_json(), R"({"a":{"b":[1]}})");
  EXPECT_EQ(copy.to_json(), R"({"a":{"b":[1,null]}})");
  Value second = copy.clone(arena);
  second.find_mutable("a")->erase("b");
  EXPECT_EQ(copy.to_json(), R"({"a":{"b":[1,null]}})");
  EXPECT_EQ(second.to_json(), R"({"a":{}})");
}

TEST(Value, ACopyNeedsNothingButItsArena) {
  Arena arena;
  Value copy;
  {
    Arena other;
    const std::string text = R"({"a":[1.50,"\u0061",{"b":null}],"c":true})";
    copy = parsed(other, text).copy(arena);
  }
  EXPECT_EQ(copy.to_json(), R"({"a":[1.50,"\u0061",{"b":null}],"c":true})");
}

TEST(Value, StringsAreEscapedAsTheyGoInAndComeOutAsTheyWere) {
  EXPECT_TRUE(rc::check([](const std::vector<std::uint8_t>& ascii) {
    std::string text;
    for (const std::uint8_t byte : ascii) text.push_back(static_cast<char>(byte & 0x7F));
    Arena arena;
    const Value value = Value::string(arena, text);
    RC_ASSERT(value.to_string() == text);
    RC_ASSERT(value.is_string_equal_to(text));
    RC_ASSERT(parsed(arena, arena.copy(value.to_json())).to_string() == text);
  }));
}

TEST(Arena, GivesAlignedMemoryAndKeepsOneBlockAfterReset) {
  Arena arena;
  for (int round = 0; round < 3; ++round) {
    std::vector<std::string_view> copies;
    for (int i = 0; i < 5000; ++i) {
      copies.push_back(
          arena.copy(std::string(static_cast<std::size_t>(i % 40 + 1), static_cast<char>('a' + i % 26))));
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(arena.allocate(24, 8)) % 8, 0U);
    }
    for (int i = 0; i < 5000; ++i) {
      EXPECT_EQ(copies[static_cast<std::size_t>(i)].find_first_not_of(static_cast<char>('a' + i % 26)),
                std::string::npos);
    }
    arena.reset();
  }
  EXPECT_NE(arena.allocate(10 << 20, 16), nullptr);
}

}  // namespace
}  // namespace quire::document
