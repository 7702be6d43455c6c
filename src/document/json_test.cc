#include "document/json.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

#include "document/testing/json_from_bytes.h"
#include "document/testing/naive_json.h"
#include "document/tuning.h"

namespace quire::document {
namespace {

using Bytes = std::vector<std::uint8_t>;

std::string minified(std::string_view text, const JsonLimits& limits = {}) {
  std::string out;
  const Status status = minify(text, limits, out);
  return status ? out : status.error().to_string();
}

struct BadText {
  std::string text;
  std::string error;
};

TEST(Json, NamesWhatIsWrongWithBadTextAndWhere) {
  const std::vector<BadText> cases = {
      {"", "invalid: JSON: no value at byte 0"},
      {" \n", "invalid: JSON: no value at byte 2"},
      {"\xEF\xBB\xBF{}", "invalid: JSON: a byte order mark at byte 0"},
      {std::string("\0", 1), "invalid: JSON: no value begins here at byte 0"},
      {std::string("{}\0", 3), "invalid: JSON: something follows the value at byte 2"},
      {"{} {}", "invalid: JSON: something follows the value at byte 3"},
      {"1 2", "invalid: JSON: something follows the value at byte 2"},
      {"[1]]", "invalid: JSON: something follows the value at byte 3"},
      {"{", "invalid: JSON: the text ends too early at byte 1"},
      {"[", "invalid: [0]: JSON: the text ends too early at byte 1"},
      {"[1", "invalid: [0]: JSON: the text ends too early at byte 2"},
      {"[1,", "invalid: [1]: JSON: the text ends too early at byte 3"},
      {"[1,]", "invalid: [1]: JSON: no value begins here at byte 3"},
      {"[,1]", "invalid: [0]: JSON: no value begins here at byte 1"},
      {"[1 2]", "invalid: [0]: JSON: neither a comma nor the container's end at byte 3"},
      {"[1}", "invalid: [0]: JSON: neither a comma nor the container's end at byte 2"},
      {R"({"a":1,})", "invalid: JSON: no member's name at byte 7"},
      {R"({"a" 1})", "invalid: a: JSON: no colon behind a member's name at byte 5"},
      {R"({"a":1 "b":2})", "invalid: a: JSON: neither a comma nor the container's end at byte 7"},
      {R"({"a":1"b":2})", "invalid: a: JSON: no value begins here at byte 5"},
      {R"({a:1})", "invalid: JSON: no member's name at byte 1"},
      {R"({1:1})", "invalid: JSON: no member's name at byte 1"},
      {R"({'a':1})", "invalid: JSON: no member's name at byte 1"},
      {R"({"a":})", "invalid: a: JSON: no value begins here at byte 5"},
      {R"({"a":{"b":[0,{"c":tru}]}})", "invalid: a.b[1].c: JSON: no value begins here at byte 18"},
      {R"({"a":1,"a":2})", "invalid: a: JSON: a member's name stands twice at byte 8"},
      {R"({"a":1,"\u0061":2})", "invalid: \\u0061: JSON: a member's name stands twice at byte 8"},
      {R"({"x":{"":1,"":2}})", "invalid: x.: JSON: a member's name stands twice at byte 12"},
      {R"("abc)", "invalid: JSON: a string that does not end at byte 0"},
      {R"(["abc)", "invalid: [0]: JSON: a string that does not end at byte 1"},
      {R"(["abc\"])", "invalid: [0]: JSON: a string that does not end at byte 1"},
      {R"(["\x"])", "invalid: [0]: JSON: no such escape at byte 2"},
      {R"(["\u12"])", "invalid: [0]: JSON: no such escape at byte 2"},
      {R"(["\u12G4"])", "invalid: [0]: JSON: no such escape at byte 2"},
      {R"(["\uD800"])", "invalid: [0]: JSON: a lone surrogate at byte 2"},
      {R"(["a\uDC00"])", "invalid: [0]: JSON: a lone surrogate at byte 3"},
      {R"(["\uD800\u0041"])", "invalid: [0]: JSON: a lone surrogate at byte 2"},
      {R"(["\uD800\uD800\uDC00"])", "invalid: [0]: JSON: a lone surrogate at byte 2"},
      {R"(["\uD83D\n"])", "invalid: [0]: JSON: a lone surrogate at byte 2"},
      {"[\"a\nb\"]", "invalid: [0]: JSON: a control character that is not escaped at byte 3"},
      {std::string("[\"a\0b\"]", 7), "invalid: [0]: JSON: a control character that is not escaped at byte 3"},
      {"[\"a\x1F\"]", "invalid: [0]: JSON: a control character that is not escaped at byte 3"},
      {"[\"\xFF\"]", "invalid: [0]: JSON: not UTF-8 at byte 2"},
      {"[\"\xC0\x80\"]", "invalid: [0]: JSON: not UTF-8 at byte 2"},
      {"[\"\xED\xA0\x80\"]", "invalid: [0]: JSON: not UTF-8 at byte 2"},
      {"[\"\xF4\x90\x80\x80\"]", "invalid: [0]: JSON: not UTF-8 at byte 2"},
      {"[\"\xE2\x82\"]", "invalid: [0]: JSON: not UTF-8 at byte 2"},
      {"[1,\xE9]", "invalid: [1]: JSON: not UTF-8 at byte 3"},
      {"[\xC3\xA9]", "invalid: [0]: JSON: no value begins here at byte 1"},
      {"\\", "invalid: JSON: no value begins here at byte 0"},
      {"[01]", "invalid: [0]: JSON: a malformed number at byte 1"},
      {"[-]", "invalid: [0]: JSON: a malformed number at byte 1"},
      {"[-01]", "invalid: [0]: JSON: a malformed number at byte 1"},
      {"[1.]", "invalid: [0]: JSON: a malformed number at byte 1"},
      {"[.1]", "invalid: [0]: JSON: no value begins here at byte 1"},
      {"[+1]", "invalid: [0]: JSON: no value begins here at byte 1"},
      {"[1e]", "invalid: [0]: JSON: a malformed number at byte 1"},
      {"[1e+]", "invalid: [0]: JSON: a malformed number at byte 1"},
      {"[1e5.5]", "invalid: [0]: JSON: no value begins here at byte 1"},
      {"[0x10]", "invalid: [0]: JSON: no value begins here at byte 1"},
      {"[1a]", "invalid: [0]: JSON: no value begins here at byte 1"},
      {"[1\"a\"]", "invalid: [0]: JSON: no value begins here at byte 1"},
      {"[\"a\"1]", "invalid: [0]: JSON: neither a comma nor the container's end at byte 4"},
      {"[\"a\"\"b\"]", "invalid: [0]: JSON: neither a comma nor the container's end at byte 4"},
      {"[NaN]", "invalid: [0]: JSON: no value begins here at byte 1"},
      {"[Infinity]", "invalid: [0]: JSON: no value begins here at byte 1"},
      {"[-Infinity]", "invalid: [0]: JSON: a malformed number at byte 1"},
      {"[True]", "invalid: [0]: JSON: no value begins here at byte 1"},
      {"[truefalse]", "invalid: [0]: JSON: no value begins here at byte 1"},
      {"[nul]", "invalid: [0]: JSON: no value begins here at byte 1"},
      {"[1,\f2]", "invalid: [1]: JSON: no value begins here at byte 3"},
      {"[1,\xC2\xA0"
       "2]",
       "invalid: [1]: JSON: no value begins here at byte 3"},
      {"/* */{}", "invalid: JSON: no value begins here at byte 0"},
      {"{}//", "invalid: JSON: something follows the value at byte 2"},
      {"]", "invalid: JSON: no value begins here at byte 0"},
      {":", "invalid: JSON: no value begins here at byte 0"},
      {R"({"a"})", "invalid: a: JSON: no colon behind a member's name at byte 4"},
      {R"({"a":1:2})", "invalid: a: JSON: neither a comma nor the container's end at byte 6"},
  };
  for (const BadText& bad : cases) {
    EXPECT_EQ(minified(bad.text), bad.error) << bad.text;
    EXPECT_FALSE(testing::is_json(bad.text)) << bad.text;
  }
}

TEST(Json, KeepsEveryValidCornerByteForByte) {
  const std::vector<std::string> corners = {
      "null",
      "true",
      "false",
      "0",
      "-0",
      "-0.0",
      "1E0",
      "1e+00",
      "1e999",
      "-1E-999",
      "1e0000000000000000000001",
      "123456789012345678901234567890.12345678901234567890",
      "0.1",
      "1.0",
      "10000000000000000000000",
      "\"\"",
      "{}",
      "[]",
      "[[]]",
      "[{}]",
      R"({"":0})",
      R"({"__proto__":1,"constructor":2})",
      R"("\u0000")",
      R"("\/")",
      R"("/")",
      R"("\uD83D\uDE00")",
      R"("\ud83d\ude00")",
      "\"\xF0\x9F\x98\x80\"",
      "\"\xEF\xBF\xBF\"",
      "\"\x7F\"",
      R"("\"\\\/\b\f\n\r\t")",
      R"({"a":1,"A":2,"\u0041\u0041":3})",
      R"(["[","{","\\",":",",","]"])",
      "\"\xE2\x80\xA8\xE2\x80\xA9\"",
      "\"\xEF\xBB\xBF\"",
      R"({"a":{"a":{"a":[1,[2,[3]]]}},"b":[]})",
      R"("\\\\\"")",
  };
  for (const std::string& text : corners) EXPECT_EQ(minified(text), text);
}

TEST(Json, LeavesOutWhiteSpaceBetweenTokensOnly) {
  EXPECT_EQ(minified(" { \"a b\" : [ 1 ,\t2\r\n, \" x \" ] , \"c\" : { } } \n"),
            R"({"a b":[1,2," x "],"c":{}})");
  EXPECT_EQ(minified(" 7 "), "7");
  EXPECT_EQ(minified("\n\"a\"\t"), "\"a\"");
}

TEST(Json, AppendsToWhatIsThereAndLeavesItOnAnError) {
  std::string out = "before";
  EXPECT_TRUE(minify("[ 1 ]", {}, out));
  EXPECT_EQ(out, "before[1]");
  EXPECT_FALSE(minify("[ 1, ]", {}, out));
  EXPECT_EQ(out, "before[1]");
}

TEST(Json, RefusesEveryProperPrefix) {
  const std::string text = R"({"a":[1,-2.5e+7,true,null,"x\u00e9\uD83D\uDE00"],"b":{"c":"\\"},"d":false})"
                           "\xF0\x9F\x98\x80";
  const std::string whole = text.substr(0, text.size() - 4);
  ASSERT_EQ(minified(whole), whole);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    std::string out;
    EXPECT_FALSE(minify(whole.substr(0, length), {}, out)) << length;
  }
}

TEST(Json, NamesTheLimitThatWasPassed) {
  const auto error = [](std::string_view text, const JsonLimits& limits) {
    std::string out;
    const Status status = minify(text, limits, out);
    EXPECT_FALSE(status);
    EXPECT_EQ(status.error().code(), ErrorCode::too_large);
    return std::pair(status.error().limit(), status.error().field());
  };
  EXPECT_EQ(error("[1,2,3]", {.document_bytes = 6}), std::pair(std::uint64_t{6}, std::string()));
  EXPECT_EQ(error(R"({"a":[[1]]})", {.depth = 2}), std::pair(std::uint64_t{2}, std::string("a[0]")));
  EXPECT_EQ(error(R"({"a":1,"b":2,"c":3})", {.members = 2}).first, 2U);
  EXPECT_EQ(error(R"({"a":"1234"})", {.string_bytes = 3}), std::pair(std::uint64_t{3}, std::string("a")));
  EXPECT_EQ(error(R"({"a":12345})", {.number_bytes = 4}), std::pair(std::uint64_t{4}, std::string("a")));
  EXPECT_EQ(error("[1e123456789012345678]", {}), std::pair(std::uint64_t{17}, std::string("[0]")));
  EXPECT_EQ(error("[" + std::string(100'000, '7') + "]", {}).first, 64U);

  EXPECT_EQ(minified("[1,2,3]", {.document_bytes = 7}), "[1,2,3]");
  EXPECT_EQ(minified(R"({"a":[1]})", {.depth = 2}), R"({"a":[1]})");
  EXPECT_EQ(minified(R"({"a":1,"b":2})", {.members = 2}), R"({"a":1,"b":2})");
  EXPECT_EQ(minified(R"({"a":"123"})", {.string_bytes = 3}), R"({"a":"123"})");
  EXPECT_EQ(minified("1234", {.number_bytes = 4}), "1234");
}

TEST(Json, AnswersHostileDepthAtOnce) {
  for (const std::string unit : {"[", "{\"a\":", "[{\"\":"}) {
    std::string text;
    for (int i = 0; i < 1'000'000; ++i) text += unit;
    std::string out;
    const Status status = minify(text, {.depth = 1'000'000}, out);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().limit(), kMaxDepth);  // whatever the caller allows
    EXPECT_LT(status.error().field().size(), 300U);
  }
  EXPECT_NE(minified(std::string(1'000'000, '[') + "\xFF").find("not UTF-8"), std::string::npos);
}

std::string object_of(const std::vector<std::string>& names) {
  std::string text = "{";
  for (const std::string& name : names) text += (text.size() == 1 ? "\"" : ",\"") + name + "\":0";
  return text + "}";
}

TEST(Json, FindsADuplicateNameAmongThousands) {
  for (const std::size_t count : {2U, 31U, 32U, 33U, 34U, 100U, 10'000U}) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < count; ++i) names.push_back("member-" + std::to_string(i));
    const std::string whole = object_of(names);
    EXPECT_EQ(minified(whole), whole);
    for (const auto& [first, second] : {std::pair(std::size_t{0}, count - 1), std::pair(count / 2, count - 1),
                                        std::pair(std::size_t{0}, std::size_t{1})}) {
      if (first == second) continue;
      auto twice = names;
      twice[second] = twice[first];
      EXPECT_NE(minified(object_of(twice)).find("stands twice"), std::string::npos) << count;
    }
  }
}

// Names that agree in their first and last eight bytes and in length, which is all that the quick hash looks
// at.
TEST(Json, IsNotSlowedDownByNamesThatCollide) {
  std::vector<std::string> names;
  for (int i = 0; i < 10'000; ++i) names.push_back("samehead" + std::to_string(100'000 + i) + "sametail");
  const std::string text = object_of(names);
  EXPECT_EQ(minified(text), text);
  names.back() = names.front();
  EXPECT_NE(minified(object_of(names)).find("stands twice"), std::string::npos);
}

TEST(Json, ComparesNamesWithinTheirObjectOnly) {
  const std::string text = R"({"a":{"a":{"a":1},"b":{"a":1}},"b":[{"a":1},{"a":1}]})";
  EXPECT_EQ(minified(text), text);
  EXPECT_NE(minified(R"({"b":{"a":1},"c":2,"b":3})").find("stands twice"), std::string::npos);
}

TEST(Json, AnyValueComesBackWithoutItsWhiteSpace) {
  EXPECT_TRUE(rc::check([](const Bytes& bytes) {
    const std::string spaced = testing::JsonFromBytes(bytes, {.extended = true, .white_space = true}).value();
    const std::string once = minified(spaced);
    std::string expected;
    bool in_string = false;
    for (std::size_t i = 0; i < spaced.size(); ++i) {
      if (!in_string && std::string_view(" \n\r\t").find(spaced[i]) != std::string_view::npos) continue;
      if (in_string && spaced[i] == '\\')
        expected.push_back(spaced[i++]);
      else if (spaced[i] == '"')
        in_string = !in_string;
      expected.push_back(spaced[i]);
    }
    RC_ASSERT(once == expected);
    RC_ASSERT(minified(once) == once);
  }));
}

TEST(Json, AgreesWithTheNaiveReaderOnDamagedText) {
  static const std::string kBytes = "{}[]:,\"\\ \n0123456789-+.eEtrufalsn\x01\x7F\xC3\xA9\xF0\xED\xA0u/";
  int valid = 0;
  // A hundred damaged texts may all be broken; of a thousand many are JSON still.
  for (int round = 0; round < 10; ++round) {
    EXPECT_TRUE(rc::check(
        [&](const Bytes& bytes, const std::vector<std::pair<std::uint16_t, std::uint8_t>>& damages) {
          std::string text = testing::JsonFromBytes(bytes, {.extended = true, .white_space = true}).value();
          for (const auto& [where, what] : damages) {
            const std::size_t at = where % (text.size() + 1);
            const char byte = kBytes[what % kBytes.size()];
            if (what % 3 == 0 && at < text.size()) text[at] = byte;
            if (what % 3 == 1) text.insert(at, 1, byte);
            if (what % 3 == 2 && at < text.size()) text.erase(at, 1 + what % 5);
          }
          std::string out;
          const bool accepted = static_cast<bool>(minify(text, {}, out));
          valid += accepted ? 1 : 0;
          RC_ASSERT(accepted == testing::is_json(text));
        }));
  }
  EXPECT_GT(valid, 5);
}

TEST(SplitDocument, TakesReservedMembersOutWhereverTheyStand) {
  const auto split = [](std::string_view text) {
    const auto result = split_document(text, {});
    if (!result) return result.error().to_string();
    std::string all = result->body;
    for (const auto& member : result->reserved) all += " " + member.name + "=" + member.value;
    return all;
  };
  EXPECT_EQ(split("{}"), "{}");
  EXPECT_EQ(split(R"({ "a" : 1 })"), R"({"a":1})");
  EXPECT_EQ(split(R"({ "_id" : "x" })"), R"({} _id="x")");
  EXPECT_EQ(split(R"({"_id":"x","a":1})"), R"({"a":1} _id="x")");
  EXPECT_EQ(split(R"({"a":1,"_id":"x"})"), R"({"a":1} _id="x")");
  EXPECT_EQ(split(R"({"a":1,"_id":"x", "b":2})"), R"({"a":1,"b":2} _id="x")");
  EXPECT_EQ(split(R"({"_id":"x","_rev":{"_a":[ 1 ]},"a":1,"_c":[]})"),
            R"({"a":1} _id="x" _rev={"_a":[1]} _c=[])");
  EXPECT_EQ(split(R"({"a":1,"_b":2,"_c":3})"), R"({"a":1} _b=2 _c=3)");
  EXPECT_EQ(split(R"({"\u005fid":"x","a":{"_id":1}})"), R"({"a":{"_id":1}} _id="x")");
  EXPECT_EQ(split(R"({"_":1,"":2})"), R"({"":2} _=1)");
  EXPECT_EQ(split("[1]"), "invalid: JSON: a document must be an object");
  EXPECT_EQ(split(R"([{"_id":1}])"), "invalid: JSON: a document must be an object");
  EXPECT_EQ(split(R"({"_id":1,"\u005fid":2})"),
            "invalid: \\u005fid: JSON: a member's name stands twice at byte 10");
}

TEST(SplitDocument, KeepsTheOtherMembersInOrder) {
  EXPECT_TRUE(rc::check([](const Bytes& bytes, const std::vector<std::uint8_t>& reserved) {
    testing::JsonFromBytes source(bytes, {.extended = true, .white_space = true});
    std::string document = "{";
    std::string body = "{";
    std::string taken;
    for (std::size_t i = 0; i < reserved.size(); ++i) {
      const std::string name = (reserved[i] % 2 == 0 ? "_" : "m") + std::to_string(i);
      const std::string value = source.value();
      document += (i == 0 ? " \"" : " , \"") + name + "\" : " + value;
      if (reserved[i] % 2 == 0)
        taken += name + minified(value);
      else
        body += (body.size() == 1 ? "\"" : ",\"") + name + "\":" + minified(value);
    }
    const auto split = split_document(document + "}", {});
    RC_ASSERT(split.has_value());
    RC_ASSERT(split->body == body + "}");
    std::string members;
    for (const auto& member : split->reserved) members += member.name + member.value;
    RC_ASSERT(members == taken);
  }));
}

TEST(JsonString, EscapesOnlyWhatJsonRequires) {
  std::string out;
  append_json_string(out, std::string_view("a\"\\/\b\f\n\r\t\0\x1F\x7F\xC3\xA9", 14));
  EXPECT_EQ(out, "\"a\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\x7F\xC3\xA9\"");
  EXPECT_TRUE(testing::is_json(out));
}

}  // namespace
}  // namespace quire::document
