#include "document/filter.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

#include "document/json.h"
#include "document/testing/json_from_bytes.h"
#include "document/testing/naive_filter.h"
#include "document/testing/parsed.h"

namespace quire::document {
namespace {

using Bytes = std::vector<std::uint8_t>;
using testing::JsonFromBytes;
using testing::Parsed;

bool matches(std::string_view filter, std::string_view document) {
  const auto parsed = Filter::parse(filter);
  EXPECT_TRUE(parsed) << filter << " " << (parsed ? "" : parsed.error().to_string());
  if (!parsed) return false;
  const Parsed value(document);
  const bool matched = parsed->matches(value.value);
  Arena scratch;
  EXPECT_EQ(*parsed->matches_text(value.text, "x", scratch), matched) << filter << " " << document;
  const auto reread = Filter::parse(parsed->print());
  EXPECT_TRUE(reread) << parsed->print();
  EXPECT_EQ(reread && reread->matches(value.value), matched) << parsed->print();
  return matched;
}

struct FilterCase {
  std::string filter;
  std::vector<std::string> yes;
  std::vector<std::string> no;
};

void check(const std::vector<FilterCase>& cases) {
  for (const FilterCase& one : cases) {
    for (const std::string& document : one.yes)
      EXPECT_TRUE(matches(one.filter, document)) << one.filter << " " << document;
    for (const std::string& document : one.no)
      EXPECT_FALSE(matches(one.filter, document)) << one.filter << " " << document;
  }
}

TEST(Filter, ComparesByValueAndWithinOneTypeOnly) {
  check({
      {"{}", {"{}", R"({"a":1})"}, {}},
      {R"({"a":1})",
       {R"({"a":1.0})", R"({"a":{"$numberLong":"1"}})", R"({"a":[2,1]})", R"({"a":10e-1})"},
       {R"({"a":2})", R"({"a":"1"})", R"({"a":true})", R"({"a":[[1]]})", R"({})", R"({"b":1})",
        R"({"a":{"a":1}})"}},
      {R"({"a":{"$gt":5}})",
       {R"({"a":6})", R"({"a":[1,9]})", R"({"a":5.1})"},
       {R"({"a":5})", R"({"a":"9"})", R"({"a":null})", "{}", R"({"a":[[9]]})",
        R"({"a":{"$numberDouble":"NaN"}})"}},
      {R"({"a":{"$lt":5}})", {R"({"a":-1})"}, {R"({"a":{"$numberDouble":"NaN"}})", R"({"a":null})", "{}"}},
      {R"({"a":{"$lte":{"$numberDouble":"NaN"}}})", {R"({"a":{"$numberDouble":"NaN"}})"}, {R"({"a":1})"}},
      {R"({"a":{"$gte":"b","$lt":"d"}})",
       {R"({"a":"c"})", R"({"a":["a","z"]})"},
       {R"({"a":"a"})", R"({"a":["a"]})", R"({"a":3})"}},
      {R"({"a":{"$gt":{"$date":"2020-01-01T00:00:00Z"}}})",
       {R"({"a":{"$date":{"$numberLong":"1700000000000"}}})"},
       {R"({"a":1700000000000})", R"({"a":"2024"})", R"({"a":{"$date":"2019-01-01T00:00:00Z"}})"}},
      {R"({"a":{"$lt":true}})", {R"({"a":false})"}, {R"({"a":true})", R"({"a":0})", R"({"a":null})"}},
      {R"({"a":{"$gte":[1,2]}})",
       {R"({"a":[1,2]})", R"({"a":[2]})", R"({"a":[0,[3]]})"},
       {R"({"a":[1]})", R"({"a":3})"}},
      {R"({"a":{"b":1}})",
       {R"({"a":{"b":1}})", R"({"a":[{"b":1.0}]})"},
       {R"({"a":{"b":1,"c":2}})", R"({"a":{"b":[1]}})"}},
      {R"({"a":{}})", {R"({"a":{}})"}, {R"({"a":{"b":1}})", "{}"}},
      {R"({"a":[1,2]})",
       {R"({"a":[1,2]})", R"({"a":[[1,2],3]})"},
       {R"({"a":[2,1]})", R"({"a":[1,2,3]})", R"({"a":1})"}},
      {R"({"a":{"$oid":"5f1e2d3c4b5a697887960504"}})",
       {R"({"a":{"$oid":"5F1E2D3C4B5A697887960504"}})"},
       {R"({"a":"5f1e2d3c4b5a697887960504"})"}},
  });
}

TEST(Filter, TakesNullForMissingTheWayPathsFindIt) {
  check({
      {R"({"a":null})",
       {"{}", R"({"a":null})", R"({"a":[1,null]})"},
       {R"({"a":[]})", R"({"a":0})", R"({"a":{}})"}},
      {R"({"a":{"$ne":null}})", {R"({"a":1})", R"({"a":[]})"}, {"{}", R"({"a":[null]})"}},
      {R"({"a":{"$gte":null}})", {"{}", R"({"a":null})"}, {R"({"a":1})"}},
      {R"({"a":{"$gt":null}})", {}, {"{}", R"({"a":null})", R"({"a":1})"}},
      {R"({"a":{"$in":[null,3]}})", {"{}", R"({"a":3})"}, {R"({"a":4})"}},
      {R"({"a":{"$nin":[null,3]}})", {R"({"a":4})", R"({"a":[]})"}, {"{}", R"({"a":[1,3]})"}},
      {R"({"a.b":null})",
       {"{}", R"({"a":null})", R"({"a":4})", R"({"a":{}})", R"({"a":{"b":null}})",
        R"({"a":[{"b":null},{"b":1}]})", R"({"a":[{"b":3},{}]})"},
       {R"({"a":{"b":"hi"}})", R"({"a":[]})", R"({"a":[[]]})", R"({"a":[1,"x",null]})",
        R"({"a":[{"b":1},{"b":3}]})"}},
      {R"({"a.b":{"$exists":false}})",
       {"{}", R"({"a":4})", R"({"a":[]})", R"({"a":[{}]})", R"({"a":[[{"b":1}]]})"},
       {R"({"a":{"b":null}})", R"({"a":[{},{"b":1}]})"}},
      {R"({"a":{"$exists":true}})", {R"({"a":null})", R"({"a":[]})"}, {"{}"}},
  });
}

TEST(Filter, GoesThroughArraysOnItsPath) {
  check({
      {R"({"a.b":5})",
       {R"({"a":{"b":5}})", R"({"a":[{"b":5}]})", R"({"a":[1,{"b":[4,5]}]})"},
       {R"({"a":[[{"b":5}]]})", R"({"a":{"c":5}})"}},
      {R"({"a.0":5})",
       {R"({"a":[5]})", R"({"a":{"0":5}})", R"({"a":[{"0":5}]})"},
       {R"({"a":[4,5]})", R"({"a":[[5]]})", R"({"a":5})"}},
      {R"({"a.1":[2,4]})", {R"({"a":[5,[2,4]]})"}, {R"({"a":[5,2]})"}},
      {R"({"a.1":2})", {R"({"a":[5,2]})"}, {R"({"a":[5,[2,4],3]})"}},
      {R"({"a.1.b":4})", {R"({"a":[5,{"b":4}]})", R"({"a":[5,[{"b":4}]]})"}, {R"({"a":[{"b":4},5]})"}},
      {R"({"a.01":5})", {R"({"a":{"01":5}})"}, {R"({"a":[0,5]})"}},
      {R"({"":1})", {R"({"":1})"}, {R"({"a":1})"}},
      {R"({"a..b":1})", {R"({"a":{"":{"b":1}}})"}, {R"({"a":{"b":1}})"}},
      {R"({"a.$date":1})", {}, {R"({"a":{"$date":"2020-01-01T00:00:00Z"}})"}},
  });
}

TEST(Filter, CombinesAndNegates) {
  check({
      {R"({"a":1,"b":2})", {R"({"a":1,"b":2})"}, {R"({"a":1})"}},
      {R"({"$or":[{"a":1},{"b":{"$gt":3}}]})", {R"({"a":1})", R"({"b":4})"}, {R"({"b":3})"}},
      {R"({"$nor":[{"a":1},{"b":2}]})", {"{}", R"({"a":2})"}, {R"({"a":1})", R"({"b":2})"}},
      {R"({"$and":[{"a":{"$gt":1}},{"a":{"$lt":5}}]})", {R"({"a":3})", R"({"a":[0,9]})"}, {R"({"a":7})"}},
      {R"({"a":{"$not":{"$gt":5}}})", {R"({"a":5})", R"({"a":"x"})", "{}"}, {R"({"a":6})", R"({"a":[1,6]})"}},
      {R"({"a":{"$not":{"$gt":5,"$lt":9}}})", {R"({"a":9})"}, {R"({"a":7})", R"({"a":[0,99]})"}},
      {R"({"a":{"$not":{"$not":{"$eq":1}}}})", {R"({"a":[1,2]})"}, {R"({"a":2})"}},
  });
}

TEST(Filter, LooksAtTypesSizesAndElements) {
  check({
      {R"({"a":{"$type":"string"}})", {R"({"a":"x"})", R"({"a":[1,"x"]})"}, {R"({"a":1})", "{}"}},
      {R"({"a":{"$type":["int",10]}})",
       {R"({"a":1})", R"({"a":null})"},
       {R"({"a":1.5})", R"({"a":2147483648})", "{}"}},
      {R"({"a":{"$type":"number"}})",
       {R"({"a":1})", R"({"a":1e3})", R"({"a":{"$numberDecimal":"1"}})"},
       {R"({"a":"1"})"}},
      {R"({"a":{"$type":"array"}})", {R"({"a":[]})", R"({"a":[[1]]})"}, {R"({"a":1})"}},
      {R"({"a":{"$type":"object"}})", {R"({"a":{}})"}, {R"({"a":{"$date":"2020-01-01T00:00:00Z"}})"}},
      {R"({"a":{"$type":"timestamp"}})", {}, {R"({"a":1})", "{}"}},
      {R"({"a":{"$size":2}})", {R"({"a":[1,2]})"}, {R"({"a":[[1,2]]})", R"({"a":2})", "{}"}},
      {R"({"a.b":{"$size":1}})", {R"({"a":[{"b":[]},{"b":[7]}]})"}, {R"({"a":[{"b":[]}]})"}},
      {R"({"a":{"$all":[1,2]}})", {R"({"a":[3,2,1]})"}, {R"({"a":[1]})", R"({"a":1})"}},
      {R"({"a":{"$all":[1]}})", {R"({"a":1})"}, {R"({"a":[[1]]})"}},
      {R"({"a":{"$all":[[1,2]]}})", {R"({"a":[1,2]})", R"({"a":[[1,2]]})"}, {R"({"a":[2,1]})"}},
      {R"({"a":{"$all":[]}})", {}, {R"({"a":[]})", "{}"}},
      {R"({"a":{"$all":[{"$elemMatch":{"b":1,"c":1}},{"$elemMatch":{"b":2}}]}})",
       {R"({"a":[{"b":1,"c":1},{"b":2}]})"},
       {R"({"a":[{"b":1},{"c":1},{"b":2}]})"}},
      {R"({"a":{"$elemMatch":{"$gt":1,"$lt":5}}})",
       {R"({"a":[0,3]})"},
       {R"({"a":[0,9]})", R"({"a":3})", R"({"a":[[3]]})"}},
      {R"({"a":{"$elemMatch":{"b":1,"c":2}}})",
       {R"({"a":[{"b":1,"c":2}]})"},
       {R"({"a":[{"b":1},{"c":2}]})", R"({"a":{"b":1,"c":2}})"}},
      {R"({"a":{"$elemMatch":{"b":null}}})",
       {R"({"a":[[]]})", R"({"a":[{}]})"},
       {R"({"a":[]})", R"({"a":[1]})", R"({"a":[null]})"}},
      {R"({"a":{"$elemMatch":{"0":5}}})", {R"({"a":[[5]]})"}, {R"({"a":[5]})"}},
      {R"({"a":{"$elemMatch":{"$or":[{"b":1},{"c":1}]}}})", {R"({"a":[{"c":1}]})"}, {R"({"a":[{"d":1}]})"}},
      {R"({"a":{"$elemMatch":{"$ne":null}}})",
       {R"({"a":[[]]})", R"({"a":[null,1]})"},
       {R"({"a":[null]})", R"({"a":[]})"}},
      {R"({"a":{"$elemMatch":{"$elemMatch":{"$eq":1}}}})", {R"({"a":[[1]]})"}, {R"({"a":[1]})"}},
      {R"({"a":{"$allMatch":{"$gt":1}}})",
       {R"({"a":[2,3]})"},
       {R"({"a":[1,2]})", R"({"a":[]})", R"({"a":2})"}},
      {R"({"a":{"$allMatch":{"b":1}}})", {R"({"a":[{"b":1},{"b":[1]}]})"}, {R"({"a":[{"b":1},{}]})"}},
      {R"({"a":{"$keyMapMatch":{"$regex":"^x"}}})",
       {R"({"a":{"y":1,"xy":2}})"},
       {R"({"a":{"y":"x"}})", R"({"a":"x"})", R"({"a":["x"]})"}},
      {R"({"a":{"$mod":[4,0]}})",
       {R"({"a":8})", R"({"a":8.9})", R"({"a":[1,-4]})"},
       {R"({"a":9})", R"({"a":"8"})", "{}"}},
      {R"({"a":{"$mod":[-1,0]}})", {R"({"a":-9223372036854775808})"}, {R"({"a":1e30})"}},
      {R"({"a":{"$mod":[3.9,-1]}})", {R"({"a":-4})"}, {R"({"a":4})"}},
  });
}

TEST(Filter, FindsRegularExpressions) {
  check({
      {R"({"a":{"$regex":"b+c"}})",
       {R"({"a":"abbcd"})", R"({"a":["x","bc"]})", R"({"a":"\u0062c"})"},
       {R"({"a":"abd"})", R"({"a":5})"}},
      {R"({"a":{"$regex":"^B","$options":"i"}})", {R"({"a":"bc"})"}, {R"({"a":"x\nb"})"}},
      {R"({"a":{"$options":"mi","$regex":"^B$"}})", {R"({"a":"x\nb\ny"})"}, {R"({"a":"xb"})"}},
      {R"({"a":{"$regex":"a.c"}})",
       {R"({"a":"a c"})",
        "{\"a\":\"a\xC3\xA9"
        "c\"}"},
       {R"({"a":"a\nc"})"}},
      {R"({"a":{"$regex":"a.c","$options":"s"}})", {R"({"a":"a\nc"})"}, {}},
      {R"({"a":{"$regex":"a b # both\n c\\ d[ #]","$options":"x"}})",
       {R"({"a":"abc d#"})"},
       {R"({"a":"a bc d#"})"}},
      {R"({"a":{"$not":{"$regex":"b"}}})", {R"({"a":"a"})", "{}"}, {R"({"a":"b"})"}},
      {R"({"a":{"$regex":"^.{1,3}$"}})", {"{\"a\":\"\xF0\x9F\x98\x80\"}"}, {}},
  });
}

TEST(Filter, ComparesStringsByACollation) {
  const auto collation =
      std::make_shared<const Collation>(*Collation::parse(R"({"locale":"de","strength":2})"));
  const std::vector<FilterCase> cases = {
      {R"({"a":"STRASSE"})",
       {R"({"a":"strasse"})", R"({"a":["x","Strasse"]})", R"({"a":"\u0053trasse"})"},
       {R"({"a":"stras"})"}},
      {R"({"a":{"$ne":"B"}})", {R"({"a":"a"})", "{}"}, {R"({"a":"b"})"}},
      {R"({"a":{"$in":["B","a",3,"A"]}})", {R"({"a":"b"})", R"({"a":3})", R"({"a":"A"})"}, {R"({"a":"c"})"}},
      {R"({"a":{"$gt":"b"}})",
       {R"({"a":"C"})", R"({"a":"c"})"},
       {R"({"a":"B"})", R"({"a":"A"})", R"({"a":5})"}},
      {R"({"a":{"$lt":"\u00e4z"}})", {R"({"a":"AB"})", R"({"a":"\u00c4"})"}, {R"({"a":"b"})"}},
      {R"({"a":["X",{"k":"Y"}]})", {R"({"a":["x",{"k":"y"}]})"}, {R"({"a":["x",{"K":"y"}]})"}},
      {R"({"a":{"$all":["X","y"]}})", {R"({"a":["Y","x"]})"}, {R"({"a":["x"]})"}},
      {R"({"a":{"$elemMatch":{"b":"X"}}})", {R"({"a":[{"b":"x"}]})"}, {R"({"a":[{"b":"y"}]})"}},
      {R"({"a":{"$regex":"X"}})", {R"({"a":"X"})"}, {R"({"a":"x"})"}},
  };
  Arena scratch;
  for (const FilterCase& one : cases) {
    const auto filter = Filter::parse(one.filter, {}, collation);
    ASSERT_TRUE(filter) << one.filter;
    EXPECT_EQ(filter->collation(), collation);
    const auto agree = [&](const std::string& text, bool expected) {
      const Parsed document(text);
      EXPECT_EQ(filter->matches(document.value), expected) << one.filter << " " << text;
      EXPECT_EQ(*filter->matches_text(document.text, "k", scratch), expected) << one.filter << " " << text;
    };
    for (const std::string& text : one.yes) agree(text, true);
    for (const std::string& text : one.no) agree(text, false);
  }
}

TEST(Filter, KnowsTheDocumentsId) {
  const auto matches_id = [](std::string_view filter, std::string_view id) {
    Arena scratch;
    return *Filter::parse(filter)->matches_text(R"({"a":1})", id, scratch);
  };
  EXPECT_TRUE(matches_id(R"({"_id":"k"})", "k"));
  EXPECT_FALSE(matches_id(R"({"_id":"k"})", "l"));
  EXPECT_TRUE(matches_id(R"({"_id":{"$oid":"5F1E2D3C4B5A697887960504"},"a":1})", "5f1e2d3c4b5a697887960504"));
  EXPECT_TRUE(
      matches_id(R"({"_id":{"$in":["x",{"$oid":"5f1e2d3c4b5a697887960504"}]}})", "5f1e2d3c4b5a697887960504"));
  EXPECT_TRUE(matches_id(R"({"_id":{"$gt":"k"}})", "l"));
  // Only the document's own id.
  EXPECT_FALSE(matches(R"({"a":{"$elemMatch":{"_id":{"$oid":"5f1e2d3c4b5a697887960504"}}}})",
                       R"({"a":[{"_id":"5f1e2d3c4b5a697887960504"}]})"));
}

TEST(Filter, TakesOperatorsForOperatorsOnlyWhereOneMayStand) {
  check({
      {R"({"a":{"$eq":{"$gt":5}}})", {R"({"a":{"$gt":5}})"}, {R"({"a":6})"}},
      {R"({"a":{"b":{"$gt":""}}})", {R"({"a":{"b":{"$gt":""}}})"}, {R"({"a":{"b":"x"}})"}},
      {R"({"a":"$gt"})", {R"({"a":"$gt"})"}, {}},
      {R"({"a":{"$in":[["$gt"]]}})", {R"({"a":["$gt"]})"}, {}},
  });
}

TEST(Filter, NamesTheOperatorThatIsAtFault) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"[]", "invalid: a filter must be an object"},
      {R"({"$where":"1"})", "invalid: $where: no such operator here"},
      {R"({"$not":{"a":1}})", "invalid: $not: no such operator here"},
      {R"({"$gt":5})", "invalid: $gt: no such operator here"},
      {R"({"$or":[]})", "invalid: $or: the operator needs one filter at least, and its array is empty"},
      {R"({"$or":{"a":1}})", "invalid: $or: the operator needs an array of filters"},
      {R"({"$or":[{"a":1},{"b":{"$foo":1}}]})", "invalid: $or[1].b.$foo: no such operator here"},
      {R"({"$and":[1]})", "invalid: $and[0]: a filter must be an object"},
      {R"({"a":{"$gt":1,"b":2}})", "invalid: a.b: no such operator here"},
      {R"({"a":{"$and":[]}})", "invalid: a.$and: no such operator here"},
      {R"({"a":{"$in":5}})", "invalid: a.$in: the operator needs an array"},
      {R"({"a":{"$in":[{"$gt":5}]}})", "invalid: a.$in[0]: the array must hold values, not operators"},
      {R"({"a":{"$not":5}})", "invalid: a.$not: the operator needs an object of operators"},
      {R"({"a":{"$not":{}}})", "invalid: a.$not: the operator needs an object of operators"},
      {R"({"a":{"$exists":"x"}})", "invalid: a.$exists: $exists needs true or false"},
      {R"({"a":{"$type":"strings"}})", "invalid: a.$type: $type needs names or codes of types"},
      {R"({"a":{"$type":[]}})", "invalid: a.$type: $type needs a type at least"},
      {R"({"a":{"$size":-1}})", "invalid: a.$size: $size needs a whole number that is not negative"},
      {R"({"a":{"$size":1.5}})", "invalid: a.$size: $size needs a whole number that is not negative"},
      {R"({"a":{"$mod":[0,1]}})", "invalid: a.$mod: the divisor must not be 0"},
      {R"({"a":{"$mod":[1]}})", "invalid: a.$mod: $mod needs a divisor and a remainder"},
      {R"({"a":{"$all":5}})", "invalid: a.$all: $all needs an array"},
      {R"({"a":{"$all":[{"$gt":1}]}})", "invalid: a.$all[0]: $all knows only $elemMatch"},
      {R"({"a":{"$elemMatch":5}})", "invalid: a.$elemMatch: the operator needs an object"},
      {R"({"a":{"$regex":5}})", "invalid: a.$regex: $regex needs a string"},
      {R"({"a":{"$options":"i"}})", "invalid: a.$options: no such operator here"},
      {R"({"a":{"$regex":"x","$options":"g"}})",
       "invalid: a.$regex: the options of a regular expression are i, m, s and x"},
      {R"({"a":{"$regex":"("}})", "invalid: a.$regex: a malformed regular expression: missing ): ("},
      {R"~({"a":{"$regex":"(?=x)"}})~",
       "invalid: a.$regex: a malformed regular expression: invalid perl operator: (?="},
      {R"({"a":1,"a":2})", "invalid: a: JSON: a member's name stands twice at byte 8"},
      {R"({"a":)", "invalid: a: JSON: the text ends too early at byte 5"},
  };
  for (const auto& [filter, error] : cases) {
    const auto parsed = Filter::parse(filter);
    ASSERT_FALSE(parsed) << filter;
    EXPECT_EQ(parsed.error().to_string(), error) << filter;
  }
}

TEST(Filter, RefusesMalformedExtendedJsonWhereItIsSpoken) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"({"a":{"$date":"2018-03-20"}})", "a"},
      {R"({"a":{"$gte":{"$date":"2018-03-20"}}})", "a.$gte"},
      {R"({"$or":[{"a.b":{"$lt":{"$numberInt":"1.5"}}}]})", "$or[0].a.b.$lt"},
      {R"({"a":{"b":[1,{"$numberLong":"x"}]}})", "a.b[1]"},
      {R"({"a":{"$in":[1,{"$oid":"zz"}]}})", "a.$in[1]"},
      {R"({"a":{"$in":[1,[{"$oid":"zz"}]]}})", "a.$in[1][0]"},
      {R"({"a":{"$all":[{"$binary":"AA=="}]}})", "a.$all[0]"},
      {R"({"a":{"$not":{"$numberDecimal":"x"}}})", "a.$not"},
      {R"({"a":{"$elemMatch":{"b":{"$ne":{"$numberDouble":"x"}}}}})", "a.$elemMatch.b.$ne"}};
  for (const auto& [filter, place] : cases) {
    const auto parsed = Filter::parse(filter);
    ASSERT_FALSE(parsed) << filter;
    EXPECT_EQ(parsed.error().code(), ErrorCode::invalid);
    EXPECT_EQ(parsed.error().field(), place) << filter;
    EXPECT_NE(parsed.error().message().find(" holds "), std::string::npos) << filter;
  }
  const auto plain = Filter::parse(R"({"a":{"$eq":{"$date":"2018-03-20"}}})", {.plain_json = true});
  ASSERT_TRUE(plain);
  EXPECT_TRUE(plain->matches(Parsed(R"({"a":{"$date":"2018-03-20"}})").value));
}

TEST(Filter, KeepsToItsLimits) {
  const auto error = [](const std::string& filter, const FilterLimits& limits) {
    const auto parsed = Filter::parse(filter, limits);
    EXPECT_FALSE(parsed);
    EXPECT_EQ(parsed.error().code(), ErrorCode::too_large) << parsed.error().to_string();
    return parsed.error().limit();
  };
  std::string deep = R"({"a":1})";
  for (int i = 0; i < 40; ++i) deep = R"({"$or":[)" + deep + "]}";
  EXPECT_EQ(error(deep, {}), 32U);
  EXPECT_EQ(error(R"({"a":{"$not":{"$not":{"$gt":1}}}})", {.depth = 3}), 3U);
  EXPECT_EQ(error(R"({"a":1,"b":2,"c":3})", {.nodes = 3}), 3U);
  EXPECT_EQ(error(R"({"a.b.c":1})", {.path_steps = 2}), 2U);
  EXPECT_EQ(error(R"({"a":{"$regex":"xxxx"}})", {.pattern_bytes = 3}), 3U);
  EXPECT_EQ(error(R"({"a":"xxxx"})", {.text_bytes = 10}), 10U);
  EXPECT_EQ(error(std::string(1'000'000, '['), {}), 160U);
  EXPECT_TRUE(Filter::parse(R"~({"a":{"$regex":"(((a{100}){100}){100})"}})~").has_error());
}

TEST(Filter, PrintsOneTextForFiltersThatDifferInOrderOnly) {
  const auto print = [](std::string_view filter) { return Filter::parse(filter)->print(); };
  EXPECT_EQ(print("{}"), "{}");
  EXPECT_EQ(print(R"({"a":1})"), R"({"a":{"$eq":1}})");
  EXPECT_EQ(print(R"({"b":2,"a":1})"), R"({"$and":[{"a":{"$eq":1}},{"b":{"$eq":2}}]})");
  EXPECT_EQ(print(R"({"$and":[{"a":1},{"a":1}]})"), R"({"a":{"$eq":1}})");
  EXPECT_EQ(print(R"({"a":{"$in":[3,null,"x",1,3.0]}})"), R"({"a":{"$in":[null,1,3,"x"]}})");
  EXPECT_EQ(print(R"({"$nor":[{"a":1}]})"), R"({"$nor":[{"a":{"$eq":1}}]})");
  EXPECT_EQ(print(R"({"$or":[{"b":1},{"a":{"$exists":1}}]})"),
            R"({"$or":[{"a":{"$exists":true}},{"b":{"$eq":1}}]})");
  EXPECT_EQ(print(R"({"a":{"$regex":"x\"","$options":"si"}})"), R"({"a":{"$regex":"x\"","$options":"is"}})");
  EXPECT_EQ(print(R"({"a":{"$not":{"$size":1,"$mod":[4,1]}}})"),
            R"({"a":{"$not":{"$mod":[4,1],"$size":1}}})");
  EXPECT_EQ(print(R"({"a":{"$type":"long"}})"), R"({"a":{"$type":["long"]}})");
  EXPECT_EQ(print(R"({"a":{"$all":[{"$elemMatch":{"$gt":2}}]}})"),
            R"({"a":{"$all":[{"$elemMatch":{"$gt":2}}]}})");
}

TEST(Filter, MatchesPredicatesOnAValue) {
  const auto predicates = Filter::parse_predicates(R"({"$gte":5,"$lt":9})");
  ASSERT_TRUE(predicates);
  EXPECT_TRUE(predicates->matches_value(Parsed("5").value));
  EXPECT_TRUE(predicates->matches_value(Parsed("[1,7]").value));
  EXPECT_FALSE(predicates->matches_value(Parsed("9").value));
  EXPECT_EQ(predicates->print(), R"({"$gte":5,"$lt":9})");
  EXPECT_FALSE(Filter::parse_predicates(R"({"a":5})"));
  EXPECT_FALSE(Filter::parse_predicates("5"));
}

TEST(Filter, TheOneThatIsEmptyMatchesEverything) {
  EXPECT_TRUE(Filter().matches_everything());
  EXPECT_TRUE(Filter::parse("{}")->matches_everything());
  EXPECT_FALSE(Filter::parse(R"({"a":1})")->matches_everything());
  EXPECT_TRUE(Filter().matches(Parsed("{}").value));
}

TEST(Filter, SaysWhichMembersItReads) {
  const auto filter =
      Filter::parse(R"({"b.c":1,"$or":[{"a":1},{"b":2},{"_id":"x"}],"d":{"$elemMatch":{"e":1}}})");
  const auto names = filter->top_level_names();
  EXPECT_EQ(std::vector<std::string>(names.begin(), names.end()),
            (std::vector<std::string>{"_id", "a", "b", "d"}));
}

// What a text's own evaluation looks at by itself, and what it asks a tree for.
TEST(Filter, ReadsValuesOfEveryFormInTheText) {
  check({
      {R"({"a":{"$gte":0.1,"$lt":0.25}})",
       {R"({"a":0.1})", R"({"a":0.10})", R"({"a":1e-1})", R"({"a":0.2499999999999999999999})",
        R"({"a":["x",0.2]})"},
       {R"({"a":0.25})", R"({"a":0.0999999999999999999999})", R"({"a":-0.2})", R"({"a":[0.3,[0.2]]})"}},
      {R"({"a":123456789012345678})",
       {R"({"a":123456789012345678})", R"({"a":123456789012345678.0})", R"({"a":1.23456789012345678e17})"},
       {R"({"a":123456789012345679})", R"({"a":1234567890123456780})"}},
      {R"({"a":12345678901234567890123})",
       {R"({"a":12345678901234567890123})"},
       {R"({"a":1})", R"({"a":"1"})"}},
      {R"({"a":0})", {R"({"a":-0})", R"({"a":0.000})", R"({"a":0e5})"}, {R"({"a":1})"}},
      {R"({"a":{"$in":["b",5,{"$date":"2020-01-01T00:00:00Z"},true,null,[1]]}})",
       {R"({"a":"b"})", R"({"a":"\u0062"})", R"({"a":5.0})", R"({"a":{"$numberInt":"5"}})",
        R"({"a":{"$date":{"$numberLong":"1577836800000"}}})", R"({"a":true})", "{}", R"({"a":[1]})",
        R"({"a":[[1]]})"},
       {R"({"a":"c"})", R"({"a":{}})", R"({"a":{"b":5}})", R"({"a":6})", R"({"a":[2]})"}},
      {R"({"a":{"$eq":{"$numberLong":"7"}}})",
       {R"({"a":7})", R"({"a":{"\u0024numberLong":"7"}})"},
       {R"({"a":"7"})"}},
      {R"({"a.b.c":"x"})",
       {R"({"a":{"b":{"c":"x"}}})", R"({"a":[{"b":[{"c":["x"]}]}]})", R"({"a":{"\u0062":{"c":"x"}}})"},
       {R"({"a":{"b":"x"}})", R"({"a":{"$oid":"5f1e2d3c4b5a697887960504"}})", R"({"a":{"b":[["x"]]}})"}},
      {R"({"a":{"$in":[]}})", {}, {"{}", R"({"a":1})", R"({"a":[]})"}},
      {R"({"a":{"$nin":[]}})", {"{}", R"({"a":1})"}, {}},
      {R"({"a":{"$not":{"$gt":1,"$lt":5}},"b":1})",
       {R"({"b":1,"a":7})", R"({"b":1})"},
       {R"({"b":1,"a":3})", R"({"a":7})"}},
      {R"({"a":"","b":""})", {R"({"a":"","b":[1,""]})"}, {R"({"a":"","b":" "})"}},
  });
}

TEST(Filter, CallsDamagedTextCorrupt) {
  Arena scratch;
  const auto filter = Filter::parse(R"({"a":1})");
  EXPECT_EQ(filter->matches_text(R"({"a":1)", "x", scratch).error().code(), ErrorCode::corrupt);
}

// Filters out of bytes.
class FilterFromBytes {
 public:
  explicit FilterFromBytes(Bytes bytes) : source_(std::move(bytes), {.extended = true, .depth = 1}) {}

  std::string query(int depth) {
    std::string text = "{";
    std::vector<std::string> names;
    for (std::size_t count = source_.pick(4); count > 0; --count) {
      const bool combine = depth > 0 && source_.pick(4) == 0;
      const std::string name = combine ? pick({"$and", "$or", "$nor"}) : path();
      if (std::find(names.begin(), names.end(), name) != names.end()) continue;
      text += (names.empty() ? "\"" : ",\"") + name + "\":";
      names.push_back(name);
      if (combine)
        text += "[" + query(depth - 1) + "," + query(depth - 1) + "]";
      else
        text += source_.pick(3) == 0 ? source_.value() : condition(depth);
    }
    return text + "}";
  }

 private:
  std::string pick(const std::vector<std::string>& choices) { return choices[source_.pick(choices.size())]; }
  std::string path() {
    std::string text = pick({"a", "b", "0", "1"});
    for (std::size_t more = source_.pick(3); more > 0; --more) text += "." + pick({"a", "b", "0", "1"});
    return text;
  }
  std::string list() { return "[" + source_.value() + "," + source_.value() + ",null]"; }
  std::string condition(int depth) {
    std::string text = "{";
    std::vector<std::string> names;
    for (std::size_t count = 1 + source_.pick(2); count > 0; --count) {
      std::string name =
          pick({"$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$exists", "$type", "$size",
                "$mod", "$regex", "$all", "$not", "$elemMatch", "$allMatch", "$keyMapMatch"});
      if (depth <= 0 && (name == "$not" || name.ends_with("Match"))) name = "$eq";
      if (std::find(names.begin(), names.end(), name) != names.end()) continue;
      text += (names.empty() ? "\"" : ",\"") + name + "\":" + operand(name, depth - 1);
      names.push_back(name);
    }
    return text + "}";
  }
  std::string operand(const std::string& name, int depth) {
    if (name == "$in" || name == "$nin") return list();
    if (name == "$exists") return pick({"true", "false"});
    if (name == "$type")
      return pick({"\"int\"", "\"double\"", "\"number\"", "[\"string\",\"null\"]", "\"array\"", "\"object\"",
                   "\"date\""});
    if (name == "$size") return pick({"0", "1", "2"});
    if (name == "$mod") return pick({"[2,0]", "[3,1]", "[10,-1]", "[-2,1]"});
    if (name == "$regex") return pick({"\"a\"", "\"b\"", "\"0\""});
    if (name == "$all")
      return source_.pick(2) == 0 || depth <= 0 ? list() : "[{\"$elemMatch\":" + condition(depth) + "}]";
    if (name == "$not" || name == "$keyMapMatch") return condition(depth);
    if (name == "$elemMatch" || name == "$allMatch")
      return source_.pick(2) == 0 ? condition(depth) : query(depth);
    return source_.value();
  }

  JsonFromBytes source_;
};

TEST(Filter, AgreesWithTheNaiveEvaluator) {
  int matched = 0;
  int parsed_count = 0;
  EXPECT_TRUE(rc::check([&](const Bytes& filter_bytes, const Bytes& a, const Bytes& b) {
    const std::string text = FilterFromBytes(filter_bytes).query(2);
    const auto filter = Filter::parse(text);
    // $in and $all refuse some of what the generator writes.
    if (!filter) return;
    ++parsed_count;
    const Parsed filter_value(text);
    for (const Bytes& bytes : {a, b, filter_bytes}) {
      const Parsed document(JsonFromBytes(bytes, {.extended = true}).object());
      const bool expected = testing::naive_matches(filter_value.value, document.value);
      matched += expected ? 1 : 0;
      RC_LOG() << text << " " << document.text << "\n";
      RC_ASSERT(filter->matches(document.value) == expected);
      Arena scratch;
      RC_ASSERT(*filter->matches_text(document.text, "", scratch) == expected);
      const auto reread = Filter::parse(filter->print());
      RC_ASSERT(reread.has_value());
      RC_ASSERT(reread->matches(document.value) == expected);
      RC_ASSERT(reread->print() == filter->print());
    }
  }));
  EXPECT_GT(matched, 20);
  EXPECT_GT(parsed_count, 50);
}

}  // namespace
}  // namespace quire::document
