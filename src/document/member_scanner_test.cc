#include "document/member_scanner.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

#include "document/extended_json.h"
#include "document/json.h"
#include "document/testing/json_from_bytes.h"
#include "document/text_blocks.h"

namespace quire::document {
namespace {

using Bytes = std::vector<std::uint8_t>;
using testing::JsonFromBytes;

std::vector<Path> paths_of(const std::vector<std::string>& texts) {
  std::vector<Path> paths;
  for (const std::string& text : texts) paths.push_back(*Path::parse(text, 100));
  return paths;
}

// What was found, a text each: "-" for what is missing, "steps:text" where the way goes through an array.
std::vector<std::string> scan(const std::vector<std::string>& paths, std::string_view text) {
  // A copy of its own, so that the address sanitizer sees a read past its end.
  const std::vector<char> copy(text.begin(), text.end());
  std::vector<ScannedMember> members(paths.size());
  const auto status = MemberScanner(paths_of(paths)).scan({copy.data(), copy.size()}, members);
  if (!status) return {std::string(name(status.error().code()))};
  std::vector<std::string> found;
  for (const ScannedMember& member : members) {
    const std::string value(member.begin == nullptr ? "-" : member.text());
    found.push_back(member.is_open() ? std::to_string(member.steps) + ":" + value : value);
  }
  return found;
}

using Found = std::vector<std::string>;

TEST(MemberScanner, FindsMembersAndPassesOverTheRest) {
  const std::string text =
      R"({"a":1,"b":{"a":2,"c":["x",{"a":3}]},"c":"\"a\":4,","d":[[],{"a":5}],"e":null})";
  EXPECT_EQ(scan({"a"}, text), Found({"1"}));
  EXPECT_EQ(scan({"e", "c", "a", "z"}, text), Found({"null", R"("\"a\":4,")", "1", "-"}));
  EXPECT_EQ(scan({"b", "d"}, text), Found({R"({"a":2,"c":["x",{"a":3}]})", R"([[],{"a":5}])"}));
  EXPECT_EQ(scan({"a"}, "{}"), Found({"-"}));
  EXPECT_EQ(scan({}, text), Found({}));
}

TEST(MemberScanner, FollowsPathsThroughObjects) {
  const std::string text = R"({"a":{"b":{"c":1,"d":2},"c":3},"b":{"b":4},"x":5})";
  EXPECT_EQ(scan({"a.b.d", "b.b", "a.c", "x"}, text), Found({"2", "4", "3", "5"}));
  EXPECT_EQ(scan({"a", "a.b", "a.b.c"}, text),
            Found({R"({"b":{"c":1,"d":2},"c":3})", R"({"c":1,"d":2})", "1"}));
  EXPECT_EQ(scan({"a.b.z", "x.y", "a.c.d", "x"}, text), Found({"-", "-", "-", "5"}));
  EXPECT_EQ(scan({"b.b", "b.b"}, text), Found({"4", "4"}));
  EXPECT_EQ(scan({"a.b", "c.d"}, R"({"a":{},"c":{"d":{}}})"), Found({"-", "{}"}));
}

TEST(MemberScanner, StopsAtArraysAndAtNamesThatMayBeOfSpecialTypes) {
  EXPECT_EQ(scan({"a.b", "a", "a.b.c"}, R"({"a":[{"b":1}],"b":2})"),
            Found({R"(1:[{"b":1}])", R"([{"b":1}])", R"(1:[{"b":1}])"}));
  EXPECT_EQ(scan({"a.b.0"}, R"({"a":{"b":[7]}})"), Found({"2:[7]"}));
  EXPECT_EQ(scan({"a.$date"}, R"({"a":{"$date":"2020-01-01T00:00:00Z"}})"),
            Found({R"(1:{"$date":"2020-01-01T00:00:00Z"})"}));
  std::string path = "a";
  std::string text = "1";
  for (int i = 0; i < 40; ++i) path += ".a";
  for (int i = 0; i < 41; ++i) text = R"({"a":)" + text + "}";
  EXPECT_TRUE(scan({path}, text)[0].starts_with("16:"));
}

TEST(MemberScanner, ReadsNamesWithEscapes) {
  EXPECT_EQ(scan({"a", "ab"}, R"({"x\"a":1,"\u0061":2,"\"a":3,"\\a":4,"\u0061\u0062":5})"),
            Found({"2", "5"}));
  EXPECT_EQ(scan({R"(x\n)", "x\n"}, R"({"x\n":1,"x\\n":2})"), Found({"2", "1"}));
  EXPECT_EQ(scan({R"(a"b)", R"(a\)"}, R"({"a\"b":1,"a\\":2})"), Found({"1", "2"}));
  EXPECT_EQ(
      scan({"long name that is cut", "name"}, R"({"other long name that is cut":1,"a name":2,"name":3})"),
      Found({"-", "3"}));
  EXPECT_EQ(scan({""}, R"({"a":1,"":2})"), Found({"2"}));
}

TEST(MemberScanner, SearchesWhereManyAreWanted) {
  std::vector<std::string> names;
  Found numbers;
  std::string text = "{";
  for (int i = 0; i < 300; ++i) {
    names.push_back("n" + std::to_string(i));
    numbers.push_back(std::to_string(i));
    text += (i == 0 ? "\"" : ",\"") + names.back() + "\":" + numbers.back();
  }
  EXPECT_EQ(scan(names, text + "}"), numbers);
}

TEST(MemberScanner, CallsDamagedTextCorrupt) {
  for (const std::string_view text :
       {"", "{", "}", "[]", "1", R"({"a)", R"({"a")", R"({"a":)", R"({"a":1)", R"({"a":"x)", R"({"a":"x")",
        R"({"a":{"b":1})", R"({"a":})", R"({"b":1}})", R"({"b":1}x)", R"({"b":"\)", R"({"a":[1)"}) {
    EXPECT_EQ(scan({"a"}, text), Found({"corrupt"})) << text;
  }
  // Every prefix of a good text, in memory of its own.
  const std::string text = R"({"x":{"y":[1,2,{"z":"\\\""}]},"b\u0061c":"0123456789","a":{"b":[true,null]}})";
  for (std::size_t size = 0; size < text.size(); ++size) {
    scan({"a.b", "x.y", "bac", "z"}, std::string_view(text).substr(0, size));
  }
}

// The value at a path that goes through objects, in the tree.
const Value* find(const Value& document, const Path& path, bool& open) {
  const Value* value = &document;
  for (const PathStep& step : path.steps()) {
    if (value->is_array()) open = true;
    if (open || !is_plain_object(*value)) return nullptr;
    value = value->find(step.name);
    if (value == nullptr) return nullptr;
  }
  return value;
}

TEST(MemberScanner, FindsWhatTheTreeHas) {
  int found_count = 0;
  const auto finds_alike = [&] {
    const Bytes bytes = *rc::gen::container<Bytes>(150, rc::gen::arbitrary<std::uint8_t>());
    const Bytes path_bytes = *rc::gen::container<Bytes>(30, rc::gen::arbitrary<std::uint8_t>());
    JsonFromBytes source(bytes, {.extended = true});
    const std::string text = R"({"a":)" + source.value() + R"(,"":)" + source.object() + R"(,"b":)" +
                             source.value() + R"(,"aa":)" + source.object() + "}";
    Arena arena;
    const Value document = *Value::parse(arena, text);
    JsonFromBytes names(path_bytes, {});
    std::vector<std::string> texts;
    for (std::size_t count = names.pick(12); count > 0; --count) {
      std::string path = names.name();
      for (std::size_t more = names.pick(3); more > 0; --more) path += "." + names.name();
      texts.push_back(path);
    }
    const auto paths = paths_of(texts);
    std::vector<ScannedMember> members(paths.size());
    RC_LOG() << text << "\n";
    RC_ASSERT(MemberScanner(paths).scan(text, members).has_value());
    for (std::size_t i = 0; i < paths.size(); ++i) {
      bool open = false;
      const Value* const expected = find(document, paths[i], open);
      RC_LOG() << texts[i] << "\n";
      RC_ASSERT(members[i].is_open() == open);
      RC_ASSERT(members[i].is_found() == (expected != nullptr));
      if (expected == nullptr) continue;
      ++found_count;
      RC_ASSERT(members[i].text() == expected->to_json());
      if (expected->is_string())
        RC_ASSERT(members[i].escaped == (members[i].text().find('\\') != std::string::npos));
    }
  };
  for (int round = 0; round < 5; ++round) EXPECT_TRUE(rc::check(finds_alike));
  EXPECT_GT(found_count, 50);
}

TEST(BlockReader, SaysTheSameInEveryWay) {
  EXPECT_TRUE(rc::check([&](const Bytes& choices) {
    std::string text;
    for (const std::uint8_t choice : choices) text += R"(\\\"""{}[]:,a )"[choice % 15];
    if (*rc::gen::arbitrary<bool>()) std::erase(text, '\\');
    while (text.size() % 64 != 0) text += ' ';
    const std::size_t count = text.size() / 64;
    const std::string ends = *rc::gen::element<std::string>("", "a", "\"", "a:", " a,[");
    std::vector<std::uint64_t> first;
    for (const BlockKernel& kernel : block_kernels()) {
      std::vector<TextBlock> blocks(count);
      BlockCarry carry;
      kernel.read(text.data(), count, ends, carry, blocks.data());
      std::vector<std::uint64_t> all = {carry.in_string, carry.escaped, carry.backslashes};
      for (const TextBlock& block : blocks) all.insert(all.end(), {block.colons, block.opens, block.closes});
      if (first.empty()) first = all;
      RC_ASSERT(all == first);
    }
    // The plain way: a byte at a time.
    bool inside = false;
    bool escaped = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      const bool here = !escaped && c == '"';
      inside = inside != here;
      const auto bit = [&](std::size_t mask) { return (first[3 + i / 64 * 3 + mask] >> i % 64 & 1) != 0; };
      // A backslash in the same block, or before, makes all colons be told.
      const bool all = ends.empty() || text.find('\\') < (i / 64 + 1) * 64;
      const bool wanted = all || (i >= 2 && ends.find(text[i - 2]) != std::string::npos);
      RC_ASSERT(bit(0) == (!inside && c == ':' && wanted));
      RC_ASSERT(bit(1) == (!inside && (c == '{' || c == '[')));
      RC_ASSERT(bit(2) == (!inside && (c == '}' || c == ']')));
      escaped = !escaped && c == '\\';
    }
  }));
}

}  // namespace
}  // namespace quire::document
