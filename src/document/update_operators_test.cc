#include "document/update_operators.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "document/filter.h"
#include "document/testing/json_from_bytes.h"

namespace quire::document {
namespace {

using Bytes = std::vector<std::uint8_t>;

struct Outcome {
  std::string text;  // of the document, or of the error
  ChangedFields changes;
};

std::string joined(const std::vector<std::string>& paths) {
  std::string text;
  for (const std::string& path : paths) text += (text.empty() ? "" : " ") + path;
  return text;
}

Outcome run(const std::string& document, const std::string& operators, const std::string& filters = "[]",
            UpdateContext context = {}) {
  const auto update = Update::parse(operators, filters);
  if (!update) return {update.error().to_string(), {}};
  Arena arena;
  Value value = *Value::parse(arena, document);
  auto changes = update->apply(value, context, arena);
  if (!changes) return {changes.error().to_string(), {}};
  return {value.to_json(), *changes};
}

struct UpdateCase {
  std::string document;
  std::string operators;
  std::string expected;  // document, or error
  std::string updated;
  std::string removed;
};

void check(const std::vector<UpdateCase>& cases) {
  for (const UpdateCase& one : cases) {
    const Outcome outcome = run(one.document, one.operators);
    EXPECT_EQ(outcome.text, one.expected) << one.document << " " << one.operators;
    EXPECT_EQ(joined(outcome.changes.updated), one.updated) << one.document << " " << one.operators;
    EXPECT_EQ(joined(outcome.changes.removed), one.removed) << one.document << " " << one.operators;
  }
}

TEST(Update, SetsAndMakesWhatIsMissing) {
  check({
      {R"({"a":1.50,"b":2})", R"({"$set":{"b":[1]}})", R"({"a":1.50,"b":[1]})", "b", ""},
      {R"({"a":1})", R"({"$set":{"a":1}})", R"({"a":1})", "", ""},
      {R"({"a":1})", R"({"$set":{"a":1.0}})", R"({"a":1.0})", "a", ""},
      {"{}", R"({"$set":{"a.b.c":1}})", R"({"a":{"b":{"c":1}}})", "a", ""},
      {R"({"a":{}})", R"({"$set":{"a.b.c":1}})", R"({"a":{"b":{"c":1}}})", "a.b", ""},
      {"{}", R"({"$set":{"a.y":1,"a.x":2,"b":3}})", R"({"a":{"x":2,"y":1},"b":3})", "a b", ""},
      {"{}", R"({"$set":{"b":1,"a":1,"10":1,"9":1}})", R"({"9":1,"10":1,"a":1,"b":1})", "9 10 a b", ""},
      {R"({"a":[1,2]})", R"({"$set":{"a.1":5}})", R"({"a":[1,5]})", "a.1", ""},
      {R"({"a":[1]})", R"({"$set":{"a.3":5}})", R"({"a":[1,null,null,5]})", "a", ""},
      {R"({"a":[{"b":1}]})", R"({"$set":{"a.0.c.d":5}})", R"({"a":[{"b":1,"c":{"d":5}}]})", "a.0.c", ""},
      {"{}", R"({"$set":{"a.0":5}})", R"({"a":{"0":5}})", "a", ""},
      {R"({"a":1})", R"({"$set":{"a.b":5}})", R"(invalid: a.b: $set: "a" is neither an object nor an array)",
       "", ""},
      {R"({"a":null})", R"({"$set":{"a.b":5}})",
       R"(invalid: a.b: $set: "a" is neither an object nor an array)", "", ""},
      {R"({"a":[]})", R"({"$set":{"a.b":5}})", R"(invalid: a.b: $set: "a" is an array, "b" no index)", "",
       ""},
      {R"({"a":{"$date":"2020-01-01T00:00:00Z"}})", R"({"$set":{"a.b":5}})",
       R"(invalid: a.b: $set: "a" is neither an object nor an array)", "", ""},
      {R"({"a":[]})", R"({"$set":{"a.20000":5}})",
       "too_large: a.20000: an update adds at most so many nulls to an array", "", ""},
      {R"({"\u0061":{"b":1}})", R"({"$set":{"a.b":2}})", R"({"\u0061":{"b":2}})", "a.b", ""},
  });
}

TEST(Update, UnsetsMembersAndElements) {
  check({
      {R"({"a":1,"b":{"c":2,"d":3}})", R"({"$unset":{"a":"","b.c":1,"x.y":1}})", R"({"b":{"d":3}})", "",
       "a b.c"},
      {R"({"a":[1,2,3]})", R"({"$unset":{"a.1":""}})", R"({"a":[1,null,3]})", "a.1", ""},
      {R"({"a":[1]})", R"({"$unset":{"a.5":"","a.b":""}})", R"({"a":[1]})", "", ""},
      {R"({"a":5})", R"({"$unset":{"a.b":""}})", R"({"a":5})", "", ""},
  });
}

TEST(Update, Calculates) {
  check({
      {R"({"a":1,"b":1.5})", R"({"$inc":{"a":2,"b":-0.25,"c.d":5}})", R"({"a":3,"b":1.25,"c":{"d":5}})",
       "a b c", ""},
      {R"({"a":{"$numberLong":"1"}})", R"({"$inc":{"a":1}})", R"({"a":{"$numberLong":"2"}})", "a", ""},
      {R"({"a":4})", R"({"$mul":{"a":0.5,"b":7}})", R"({"a":2.0,"b":0})", "a b", ""},
      {"{}", R"({"$mul":{"a":{"$numberLong":"7"}}})", R"({"a":{"$numberLong":"0"}})", "a", ""},
      {R"({"a":1})", R"({"$inc":{"a":0}})", R"({"a":1})", "", ""},
      {R"({"a":"1"})", R"({"$inc":{"a":1}})", "invalid: a: $inc: the value is not a number", "", ""},
      {R"({"a":null})", R"({"$inc":{"a":1}})", "invalid: a: $inc: the value is not a number", "", ""},
      {"{}", R"({"$inc":{"a":"1"}})", "invalid: a: $inc: the operand must be a number", "", ""},
      {R"({"a":{"$numberLong":"9223372036854775807"}})", R"({"$inc":{"a":1}})",
       "invalid: a: $inc: the result is out of range", "", ""},
      {R"({"a":5,"b":5,"c":5})", R"({"$min":{"a":4,"b":6,"x":1}})", R"({"a":4,"b":5,"c":5,"x":1})", "a x",
       ""},
      {R"({"a":5,"b":5})", R"({"$max":{"a":4,"b":"6"}})", R"({"a":5,"b":"6"})", "b", ""},
      {R"({"a":1})", R"({"$max":{"a":1.0}})", R"({"a":1})", "", ""},
  });
}

TEST(Update, RenamesAndDates) {
  check({
      {R"({"a":1,"b":2})", R"({"$rename":{"a":"c"}})", R"({"b":2,"c":1})", "c", "a"},
      {R"({"a":{"x":1},"b":2})", R"({"$rename":{"a.x":"b"}})", R"({"a":{},"b":1})", "b", "a.x"},
      {R"({"a":1})", R"({"$rename":{"a":"b.c"}})", R"({"b":{"c":1}})", "b", "a"},
      {R"({"a":1})", R"({"$rename":{"x":"a"}})", R"({"a":1})", "", ""},
      {R"({"a":[{"b":1}]})", R"({"$rename":{"a.0.b":"c"}})",
       "invalid: a.0.b: $rename: a path must not lead through an array", "", ""},
      {R"({"a":1,"b":[]})", R"({"$rename":{"a":"b.0"}})",
       "invalid: b.0: $rename: a path must not lead through an array", "", ""},
      {R"({"a":1})", R"({"$rename":{"a":"a"}})", R"(invalid: a: $rename: conflicts with $rename at "a")", "",
       ""},
      {R"({"a":1})", R"({"$rename":{"a":"a.b"}})", R"(invalid: a.b: $rename: conflicts with $rename at "a")",
       "", ""},
      {R"({"a":1})", R"({"$rename":{"a":5}})", "invalid: a: $rename: the operand must be a path", "", ""},
      {R"({"a":1})", R"({"$rename":{"a":"_b"}})",
       R"(invalid: a: $rename: names that begin with "_" are reserved)", "", ""},
      {R"({"a":1})", R"({"$rename":{"a":"$b"}})", R"(invalid: a: $rename: a name must not begin with "$")",
       "", ""},
      {R"({"a":1})", R"({"$currentDate":{"a":{"$type":"timestamp"}}})",
       R"(invalid: a: $currentDate: the operand must be true or {"$type": "date"})", "", ""},
  });
  UpdateContext context;
  context.now_ms = 1'715'933'730'123;
  const std::string dated = R"({"a":{"$date":"2024-05-17T08:15:30.123Z"}})";
  EXPECT_EQ(run("{}", R"({"$currentDate":{"a":true}})", "[]", context).text, dated);
  EXPECT_EQ(run("{}", R"({"$currentDate":{"a":{"$type":"date"}}})", "[]", context).text, dated);
  context.inserting = true;
  EXPECT_EQ(run("{}", R"({"$setOnInsert":{"a":1}})", "[]", context).text, R"({"a":1})");
  EXPECT_EQ(run("{}", R"({"$setOnInsert":{"a":1}})").text, "{}");
}

TEST(Update, Pushes) {
  check({
      {R"({"a":[1]})", R"({"$push":{"a":2,"b":[3]}})", R"({"a":[1,2],"b":[[3]]})", "a b", ""},
      {R"({"a":[1]})", R"({"$push":{"a":{"$each":[2,3]}}})", R"({"a":[1,2,3]})", "a", ""},
      {R"({"a":[1]})", R"({"$push":{"a":{"$each":[]}}})", R"({"a":[1]})", "", ""},
      {"{}", R"({"$push":{"a":{"$each":[]}}})", R"({"a":[]})", "a", ""},
      {R"({"a":[1,2]})", R"({"$push":{"a":{"$each":[8,9],"$position":0}}})", R"({"a":[8,9,1,2]})", "a", ""},
      {R"({"a":[1,2]})", R"({"$push":{"a":{"$each":[9],"$position":-1}}})", R"({"a":[1,9,2]})", "a", ""},
      {R"({"a":[1,2]})", R"({"$push":{"a":{"$each":[9],"$position":-7}}})", R"({"a":[9,1,2]})", "a", ""},
      {R"({"a":[1,2]})", R"({"$push":{"a":{"$each":[9],"$position":7}}})", R"({"a":[1,2,9]})", "a", ""},
      {R"({"a":[1,2]})", R"({"$push":{"a":{"$each":[3],"$slice":2}}})", R"({"a":[1,2]})", "", ""},
      {R"({"a":[1,2]})", R"({"$push":{"a":{"$each":[3],"$slice":-2}}})", R"({"a":[2,3]})", "a", ""},
      {R"({"a":[1,2]})", R"({"$push":{"a":{"$each":[3],"$slice":-9}}})", R"({"a":[1,2,3]})", "a", ""},
      {R"({"a":[1,2]})", R"({"$push":{"a":{"$each":[3],"$slice":0}}})", R"({"a":[]})", "a", ""},
      {R"({"a":[3,1]})", R"({"$push":{"a":{"$each":["x",2],"$sort":1}}})", R"({"a":[1,2,3,"x"]})", "a", ""},
      {R"({"a":[3,1]})", R"({"$push":{"a":{"$slice":2,"$sort":-1,"$each":[2]}}})", R"({"a":[3,2]})", "a", ""},
      {R"({"a":[{"s":{"t":2},"n":1},{"s":{"t":1},"n":2}]})",
       R"({"$push":{"a":{"$each":[{"n":3},{"s":{"t":2},"n":4}],"$sort":{"s.t":-1,"n":-1}}}})",
       R"({"a":[{"s":{"t":2},"n":4},{"s":{"t":2},"n":1},{"s":{"t":1},"n":2},{"n":3}]})", "a", ""},
      {R"({"a":1})", R"({"$push":{"a":2}})", "invalid: a: $push: the value is not an array", "", ""},
      {"{}", R"({"$push":{"a":{"$each":1}}})", "invalid: a: $push: $each must be an array", "", ""},
      {"{}", R"({"$push":{"a":{"$slice":1}}})", "invalid: a: $push: without $each there are no other $", "",
       ""},
      {"{}", R"({"$push":{"a":{"$each":[],"$sort":2}}})",
       "invalid: a: $push: $sort must be 1 or -1, or an object of these", "", ""},
      {"{}", R"({"$push":{"a":{"$each":[],"$sort":{}}}})",
       "invalid: a: $push: $sort must name a member at least", "", ""},
      {"{}", R"({"$push":{"a":{"$each":[],"$slice":1.5}}})",
       "invalid: a: $push: $slice must be a whole number", "", ""},
      {"{}", R"({"$push":{"a":{"$each":[],"$foo":1}}})", "invalid: a: $push: no such modifier: $foo", "", ""},
      {"{}", R"({"$push":{"a":{"$date":"2020-01-01T00:00:00Z"}}})",
       R"({"a":[{"$date":"2020-01-01T00:00:00Z"}]})", "a", ""},
  });
}

TEST(Update, AddsToSetsAndPulls) {
  check({
      {R"({"a":[1,"x"]})", R"({"$addToSet":{"a":1.0}})", R"({"a":[1,"x"]})", "", ""},
      {R"({"a":[1]})", R"({"$addToSet":{"a":{"$each":[2,1,2,{"b":1},{"b":1.0}]}}})", R"({"a":[1,2,{"b":1}]})",
       "a", ""},
      {"{}", R"({"$addToSet":{"a":[1]}})", R"({"a":[[1]]})", "a", ""},
      {"{}", R"({"$addToSet":{"a":{"$each":[]}}})", R"({"a":[]})", "a", ""},
      {R"({"a":{}})", R"({"$addToSet":{"a":1}})", "invalid: a: $addToSet: the value is not an array", "", ""},
      {"{}", R"({"$addToSet":{"a":{"$each":[],"$slice":1}}})",
       "invalid: a: $addToSet: beside $each nothing may stand", "", ""},
      {R"({"a":[1,2,1.0,[1],"1"]})", R"({"$pull":{"a":1}})", R"({"a":[2,[1],"1"]})", "a", ""},
      {R"({"a":[1,5,9,"x"]})", R"({"$pull":{"a":{"$gte":5}}})", R"({"a":[1,"x"]})", "a", ""},
      {R"({"a":[1,5,9]})", R"({"$pull":{"a":{"$in":[5,9]}}})", R"({"a":[1]})", "a", ""},
      {R"({"a":[{"b":1,"c":2},{"b":2},{"b":[1,3]},1]})", R"({"$pull":{"a":{"b":1}}})", R"({"a":[{"b":2},1]})",
       "a", ""},
      {R"({"a":[{"b":1},{"b":2},{"b":3},1]})", R"({"$pull":{"a":{"$or":[{"b":1},{"b":3}]}}})",
       R"({"a":[{"b":2},1]})", "a", ""},
      {R"({"a":[[1,2],[2,1],1]})", R"({"$pull":{"a":[1,2]}})", R"({"a":[[2,1],1]})", "a", ""},
      {R"({"a":[{"$oid":"000000000000000000000000"}]})",
       R"({"$pull":{"a":{"$oid":"000000000000000000000000"}}})", R"({"a":[]})", "a", ""},
      {R"({"a":[1]})", R"({"$pull":{"a":2,"x":1,"y.z":1}})", R"({"a":[1]})", "", ""},
      {R"({"a":1})", R"({"$pull":{"a":1}})", "invalid: a: $pull: the value is not an array", "", ""},
      {R"({"a":[1]})", R"({"$pull":{"a":{"$foo":1}}})", "invalid: a: $pull: $foo: no such operator here", "",
       ""},
      {R"({"a":[1,2,3,2,{"b":1}]})", R"({"$pullAll":{"a":[2.0,{"b":1}]}})", R"({"a":[1,3]})", "a", ""},
      {R"({"a":[1]})", R"({"$pullAll":{"a":1}})", "invalid: a: $pullAll: the operand must be an array", "",
       ""},
      {R"({"a":[1,2,3]})", R"({"$pop":{"a":1}})", R"({"a":[1,2]})", "a", ""},
      {R"({"a":[1,2,3]})", R"({"$pop":{"a":-1}})", R"({"a":[2,3]})", "a", ""},
      {R"({"a":[]})", R"({"$pop":{"a":-1,"b":1}})", R"({"a":[]})", "", ""},
      {R"({"a":[1]})", R"({"$pop":{"a":2}})", "invalid: a: $pop: the operand must be 1 or -1", "", ""},
  });
}

TEST(Update, ReachesElementsByPosition) {
  EXPECT_EQ(run(R"({"a":[1,2]})", R"({"$inc":{"a.$[]":10}})").text, R"({"a":[11,12]})");
  EXPECT_EQ(run(R"({"a":[{"b":[1]},{"b":[2,3]}]})", R"({"$mul":{"a.$[].b.$[]":2}})").text,
            R"({"a":[{"b":[2]},{"b":[4,6]}]})");
  EXPECT_EQ(run(R"({"a":[5,8,12]})", R"({"$set":{"a.$[big]":0}})", R"([{"big":{"$gte":8}}])").text,
            R"({"a":[5,0,0]})");
  const Outcome outcome = run(R"({"a":[{"n":1,"x":[1,5]},{"n":2,"x":[5]}]})",
                              R"({"$unset":{"a.$[one].x.$[five]":1}})", R"([{"one.n":1},{"five":5}])");
  EXPECT_EQ(outcome.text, R"({"a":[{"n":1,"x":[1,null]},{"n":2,"x":[5]}]})");
  EXPECT_EQ(joined(outcome.changes.updated), "a.0.x.1");
  EXPECT_EQ(
      run(R"({"a":[{"n":1},{"n":7}]})", R"({"$set":{"a.$[e].n":0}})", R"([{"$or":[{"e.n":7},{"e.n":8}]}])")
          .text,
      R"({"a":[{"n":1},{"n":0}]})");
  EXPECT_EQ(run(R"({"a":[]})", R"({"$set":{"a.$[]":1}})").text, R"({"a":[]})");

  EXPECT_EQ(run("{}", R"({"$set":{"a.$[]":1}})").text,
            R"(invalid: a.$[]: $set: there is no array for "$[]")");
  EXPECT_EQ(run(R"({"a":{}})", R"({"$set":{"a.$[]":1}})").text,
            R"(invalid: a.$[]: $set: there is no array for "$[]")");
  EXPECT_EQ(run("{}", R"({"$set":{"$[]":1}})").text, R"(invalid: $[]: $set: "$[]" has no place here)");
  EXPECT_EQ(run("{}", R"({"$set":{"a.$x":1}})").text,
            R"(invalid: a.$x: $set: a name must not begin with "$")");
  EXPECT_EQ(run("{}", R"({"$set":{"a.$[x]":1}})").text,
            R"(invalid: a.$[x]: $set: there is no array filter about "x")");
  EXPECT_EQ(run("{}", R"({"$set":{"a":1}})", R"([{"x":1}])").text,
            R"(invalid: arrayFilters: no path uses the array filter about "x")");
  EXPECT_EQ(run("{}", R"({"$set":{"a.$[x]":1}})", R"([{"x":1},{"x.b":1}])").text,
            R"(invalid: arrayFilters[1]: two array filters are about "x")");
  const std::string one_name =
      "an array filter is about one name, of letters and digits, the first in lower case";
  EXPECT_EQ(run("{}", R"({"$set":{"a":1}})", R"([{"x":1,"y":2}])").text,
            "invalid: arrayFilters[0]: " + one_name);
  EXPECT_EQ(run("{}", R"({"$set":{"a":1}})", R"([{"X":1}])").text, "invalid: arrayFilters[0]: " + one_name);
  EXPECT_EQ(run("{}", R"({"$set":{"a":1}})", R"([{"x":{"$foo":1}}])").text,
            "invalid: arrayFilters[0].x.$foo: no such operator here");
  EXPECT_EQ(run("{}", R"({"$set":{"a":1}})", "{}").text,
            "invalid: arrayFilters: array filters must be an array");
  EXPECT_EQ(run(R"({"a":[{"$date":"2020-01-01T00:00:00Z"}]})", R"({"$rename":{"a.$[]":"b"}})").text,
            R"(invalid: a.$[]: $rename: "$[]" has no place here)");
}

TEST(Update, RefusesPathsThatMeet) {
  EXPECT_EQ(run("{}", R"({"$set":{"a":1},"$inc":{"a":1}})").text,
            R"(invalid: a: $inc: conflicts with $set at "a")");
  EXPECT_EQ(run("{}", R"({"$set":{"a.b":1,"a":1}})").text,
            R"(invalid: a.b: $set: conflicts with $set at "a")");
  EXPECT_EQ(run("{}", R"({"$set":{"a.b":1},"$unset":{"a.b.c":1}})").text,
            R"(invalid: a.b.c: $unset: conflicts with $set at "a.b")");
  EXPECT_EQ(run("{}", R"({"$set":{"a.b":1,"ab":2,"a-b":3}})").text, R"({"a":{"b":1},"a-b":3,"ab":2})");
  // Only the document tells.
  EXPECT_EQ(run(R"({"a":[1,2]})", R"({"$set":{"a.$[]":1},"$inc":{"a.1":1}})").text,
            R"(invalid: a.1: $inc: conflicts with $set at "a.1")");
  EXPECT_EQ(run(R"({"a":[1]})", R"({"$set":{"a.$[]":1},"$inc":{"a.1":1}})").text, R"({"a":[1,1]})");
  EXPECT_EQ(run(R"({"a":[1,5]})", R"({"$set":{"a.$[x]":0},"$inc":{"a.$[y]":1}})",
                R"([{"x":{"$lt":3}},{"y":{"$gt":3}}])")
                .text,
            R"({"a":[0,6]})");
}

TEST(Update, RefusesWhatIsNoUpdate) {
  EXPECT_EQ(run("{}", "[]").text, "invalid: an update must be an object of operators");
  EXPECT_EQ(run("{}", "{}").text, "invalid: an update must be an object of operators");
  EXPECT_EQ(run("{}", R"({"a":1})").text, "invalid: a: no such update operator");
  EXPECT_EQ(run("{}", R"({"$foo":{"a":1}})").text, "invalid: $foo: no such update operator");
  EXPECT_EQ(run("{}", R"({"$set":5})").text, "invalid: $set: $set: it needs an object of paths");
  EXPECT_EQ(run("{}", R"({"$set":{"_id":5}})").text,
            R"(invalid: _id: $set: names that begin with "_" are reserved)");
  EXPECT_EQ(run("{}", R"({"$set":{"a._id":5}})").text, R"({"a":{"_id":5}})");
  EXPECT_EQ(run("{}", R"({"$set":{"":5}})").text, "invalid: $set: a path must not have empty steps");
  EXPECT_EQ(run("{}", R"({"$set":{"a.":5}})").text, "invalid: a.: $set: a path must not have empty steps");
  EXPECT_EQ(run("{}", R"({"$set":{"a..b":5}})").text,
            "invalid: a..b: $set: a path must not have empty steps");
  EXPECT_EQ(run("{}", R"({"$set":)").text, "invalid: $set: JSON: the text ends too early at byte 8");
  EXPECT_EQ(run(R"({"a":1})", R"({"$set":{}})").text, R"({"a":1})");
}

TEST(Update, RefusesMalformedExtendedJson) {
  const auto place = [](std::string_view operators, std::string_view array_filters = "[]") {
    const auto update = Update::parse(operators, array_filters);
    return update ? std::string("taken") : update.error().field();
  };
  EXPECT_EQ(place(R"({"$set":{"a.b":{"$date":"2018-03-20"}}})"), "a.b");
  EXPECT_EQ(place(R"({"$set":{"a":{"b":[{"$numberLong":"x"}]}}})"), "a.b[0]");
  EXPECT_EQ(place(R"({"$push":{"a":{"$each":[1,{"$oid":"zz"}]}}})"), "a.$each[1]");
  EXPECT_EQ(place(R"({"$pull":{"a":{"$gt":{"$numberInt":"1.5"}}}})"), "a.$gt");
  EXPECT_EQ(place(R"({"$set":{"a.$[x]":1}})", R"([{"x":{"$lt":{"$date":1}}}])"), "arrayFilters[0].x.$lt");
  EXPECT_EQ(place(R"({"$set":{"a":{"$date":"2018-03-20T00:00:00Z"},"b":{"$other":1}}})"), "taken");
}

TEST(Update, KeepsTheDocumentWithinItsLimits) {
  UpdateContext context;
  context.limits.depth = 3;
  EXPECT_EQ(run("{}", R"({"$set":{"a.b":[]}})", "[]", context).text, R"({"a":{"b":[]}})");
  EXPECT_EQ(run("{}", R"({"$set":{"a.b":[[]]}})", "[]", context).text,
            "too_large: the updated document nests too deep");
  EXPECT_EQ(run("{}", R"({"$set":{"a.b.c.d":1}})", "[]", context).text,
            "too_large: the updated document nests too deep");
  context.limits.members = 2;
  EXPECT_EQ(run(R"({"a":1,"b":2})", R"({"$set":{"c":1}})", "[]", context).text,
            "too_large: an object of the updated document has too many members");
  std::string long_path = "a";
  for (int i = 0; i < 100; ++i) long_path += ".a";
  EXPECT_EQ(Update::parse(R"({"$set":{")" + long_path + R"(":1}})").error().code(), ErrorCode::too_large);
  std::string many = "[0";
  for (int i = 0; i < 100'000; ++i) many += ",0";
  EXPECT_NE(run(R"({"a":)" + many + "]}", R"({"$inc":{"a.$[]":1}})").text.find("too many places"),
            std::string::npos);
}

TEST(Update, CanBeAppliedToManyDocumentsWithoutBeingChanged) {
  const auto update = Update::parse(R"({"$set":{"a":{"b":[1]}}})");
  const auto more = Update::parse(R"({"$push":{"a.b":2}})");
  for (int i = 0; i < 3; ++i) {
    Arena arena;
    Value document = *Value::parse(arena, "{}");
    ASSERT_TRUE(update->apply(document, {}, arena));
    ASSERT_TRUE(more->apply(document, {}, arena));
    EXPECT_EQ(document.to_json(), R"({"a":{"b":[1,2]}})");
  }
  // One operand at several places.
  Arena arena;
  Value document = *Value::parse(arena, R"({"a":[0,0]})");
  ASSERT_TRUE(Update::parse(R"({"$set":{"a.$[]":[1]}})")->apply(document, {}, arena));
  ASSERT_TRUE(Update::parse(R"({"$push":{"a.0":2}})")->apply(document, {}, arena));
  EXPECT_EQ(document.to_json(), R"({"a":[[1,2],[1]]})");
}

// Updates out of bytes.
std::string update_from(testing::JsonFromBytes& source) {
  static const std::vector<std::string> kOperators = {"$set",  "$unset",   "$inc",  "$mul",
                                                      "$min",  "$max",     "$push", "$addToSet",
                                                      "$pull", "$pullAll", "$pop",  "$rename"};
  static const std::vector<std::string> kSteps = {"a", "b", "c", "0", "1", "$[]"};
  std::string text = "{";
  std::vector<std::string> used;
  for (std::size_t count = 1 + source.pick(3); count > 0; --count) {
    const std::string op = kOperators[source.pick(kOperators.size())];
    if (std::find(used.begin(), used.end(), op) != used.end()) continue;
    used.push_back(op);
    std::string path = kSteps[source.pick(3)];
    for (std::size_t more = source.pick(3); more > 0; --more)
      path += "." + kSteps[source.pick(kSteps.size())];
    std::string operand = source.value();
    if (op == "$inc" || op == "$mul") operand = source.number();
    if (op == "$pullAll") operand = "[" + operand + "]";
    if (op == "$pop") operand = source.pick(2) == 0 ? "1" : "-1";
    if (op == "$rename") operand = "\"" + kSteps[source.pick(3)] + ".x\"";
    if (op == "$push" && source.pick(2) == 0)
      operand = R"({"$each":[)" + operand + R"(,1],"$sort":-1,"$slice":3})";
    text += (text.size() == 1 ? "\"" : ",\"") + op + R"(":{")" + path + "\":" + operand + "}";
  }
  return text + "}";
}

// Takes the values of the paths out of one document.
std::string set_of(const std::vector<std::string>& paths, const Value& document) {
  std::string text;
  for (const std::string& path : paths) {
    const Value* value = &document;
    std::size_t begin = 0;
    while (begin <= path.size()) {
      const std::size_t end = std::min(path.find('.', begin), path.size());
      const std::string step = path.substr(begin, end - begin);
      value = value->is_array() ? &value->elements()[std::stoul(step)] : value->find(step);
      begin = end + 1;
    }
    text += (text.empty() ? "\"" : ",\"") + path + "\":" + value->to_json();
  }
  return text;
}

// Members "m0", "m1", ... of a large object and of one inside it.
std::string large_document(std::uint32_t members) {
  std::string text = "{";
  for (std::uint32_t i = 0; i < members; ++i) {
    const std::string number = std::to_string(i);
    text += "\"m" + number + "\":" + number + ",\"o" + number + "\":{\"x\":1,\"y\":" + number + "},";
  }
  std::string inside = text;
  inside.back() = '}';
  return text + "\"in\":" + inside + "}";
}

// Each of these leads elsewhere than the others. In the order of their paths, or of where a rename leads.
std::vector<std::pair<std::string, std::string>> any_changes(std::mt19937& random, std::uint32_t members) {
  std::map<std::string, std::pair<std::string, std::string>> changes;
  for (const std::string& above : {std::string(), std::string("in.")}) {
    for (std::uint32_t i = 0; i < members; ++i) {
      const std::string number = std::to_string(i);
      const std::string path = above + "m" + number;
      const std::string inner = above + "o" + number + ".x";
      switch (random() % 8) {
        case 0: changes[path] = {"$unset", "\"" + path + "\":1"}; break;
        case 1: changes[path] = {"$inc", "\"" + path + "\":7"}; break;
        case 2: changes[above + "new" + number] = {"$set", "\"" + above + "new" + number + "\":[]"}; break;
        case 3: changes[inner] = {"$unset", "\"" + inner + "\":1"}; break;
        case 4: changes[inner + "y"] = {"$set", "\"" + inner + "y\":2"}; break;
        case 5: changes["to" + number] = {"$rename", "\"" + path + "\":\"to" + number + "\""}; break;
        default: break;
      }
    }
  }
  std::vector<std::pair<std::string, std::string>> in_order;
  for (auto& [path, change] : changes) in_order.push_back(std::move(change));
  return in_order;
}

TEST(Update, ManyChangesOfALargeObjectAreThoseOfEachAlone) {
  std::mt19937 random(5);
  for (int round = 0; round < 30; ++round) {
    const std::uint32_t members = 10 + random() % 50;
    const std::string document = large_document(members);
    std::map<std::string, std::string> operators;
    std::string expected = document;
    for (const auto& [name, change] : any_changes(random, members)) {
      std::string& all = operators[name];
      all += (all.empty() ? "" : ",") + change;
      expected = run(expected, "{\"" + name + "\":{" + change + "}}").text;
    }
    std::string update;
    for (const auto& [name, changes] : operators) {
      update += (update.empty() ? "\"" : ",\"") + name + "\":{" + changes + "}";
    }
    ASSERT_EQ(run(document, "{" + update + "}").text, expected) << document << "\n" << update;
  }
}

TEST(Update, ItsChangesLeadFromTheOldDocumentToTheNew) {
  int applied = 0;
  EXPECT_TRUE(rc::check([&](const Bytes& document_bytes, const Bytes& update_bytes) {
    const std::string document = testing::JsonFromBytes(document_bytes, {.extended = true}).object();
    testing::JsonFromBytes source(update_bytes, {.extended = true, .depth = 2});
    const std::string operators = update_from(source);
    RC_LOG() << document << " " << operators << "\n";
    const Outcome outcome = run(document, operators);
    if (outcome.text[0] != '{') return;
    applied += outcome.changes.empty() ? 0 : 1;
    RC_ASSERT(outcome.changes.empty() == (outcome.text == document));
    std::string minified;
    RC_ASSERT(static_cast<bool>(minify(outcome.text, {}, minified)));
    RC_ASSERT(minified == outcome.text);

    Arena arena;
    const Value after = *Value::parse(arena, outcome.text);
    std::string unset;
    for (const std::string& path : outcome.changes.removed)
      unset += (unset.empty() ? "\"" : ",\"") + path + "\":1";
    const std::string replay =
        R"({"$unset":{)" + unset + R"(},"$set":{)" + set_of(outcome.changes.updated, after) + "}}";
    RC_LOG() << replay << "\n";
    RC_ASSERT(run(document, replay).text == outcome.text);
  }));
  EXPECT_GT(applied, 20);
}

// --- "$": the element by which a filter found the document

struct FoundCase {
  std::string filter;
  std::string document;
  std::string operators;
  std::string expected;  // or the error's message
};

std::string updated(const FoundCase& one) {
  const auto filter = Filter::parse(one.filter).value();
  const auto update = Update::parse(one.operators);
  if (!update) return update.error().message();
  Arena arena;
  auto document = Value::parse(arena, one.document).value();
  UpdateContext context;
  context.found_by = &filter;
  const auto changes = update->apply(document, context, arena);
  return changes ? document.to_json() : changes.error().message();
}

TEST(FoundElements, are_those_that_the_filter_asks_for) {
  const std::string none =
      "$set: \"$\" is the element that the filter asks for, and it asks for none of this array";
  const FoundCase cases[] = {
      {R"({"a":2})", R"({"a":[1,2,2]})", R"({"$set":{"a.$":9}})", R"({"a":[1,9,2]})"},
      {R"({"a":{"$gt":1}})", R"({"a":[1,2,3]})", R"({"$inc":{"a.$":5}})", R"({"a":[1,7,3]})"},
      {R"({"a":{"$in":[3,2]}})", R"({"a":[1,2,3]})", R"({"$set":{"a.$":0}})", R"({"a":[1,0,3]})"},
      {R"({"a":{"$all":[3]}})", R"({"a":[1,2,3]})", R"({"$set":{"a.$":0}})", R"({"a":[1,2,0]})"},
      {R"({"a":{"$elemMatch":{"$gt":1,"$lt":3}}})", R"({"a":[5,2]})", R"({"$set":{"a.$":0}})",
       R"({"a":[5,0]})"},
      {R"({"a.n":2})", R"({"a":[{"n":1},{"n":2}]})", R"({"$set":{"a.$.m":1}})",
       R"({"a":[{"n":1},{"n":2,"m":1}]})"},
      {R"({"o.a.n":2})", R"({"o":{"a":[{"n":1},{"n":2}]}})", R"({"$unset":{"o.a.$.n":1}})",
       R"({"o":{"a":[{"n":1},{}]}})"},
      {R"({"a":{"$elemMatch":{"n":{"$gt":1},"m":1}}})", R"({"a":[{"n":2},{"n":3,"m":1}]})",
       R"({"$push":{"a.$.l":1}})", R"({"a":[{"n":2},{"n":3,"m":1,"l":[1]}]})"},
      {R"({"a.n":2})", R"({"a":[{"n":[1,3]},{"n":[4,2]}]})", R"({"$set":{"a.$.n":0}})",
       R"({"a":[{"n":[1,3]},{"n":0}]})"},
      // All conditions by one element before each by another one.
      {R"({"a.n":1,"a.m":2})", R"({"a":[{"m":2},{"n":1},{"n":1,"m":2}]})", R"({"$set":{"a.$.x":0}})",
       R"({"a":[{"m":2},{"n":1},{"n":1,"m":2,"x":0}]})"},
      {R"({"a.n":1,"a.m":2})", R"({"a":[{"n":1},{"m":2}]})", R"({"$set":{"a.$.x":0}})",
       R"({"a":[{"n":1},{"m":2,"x":0}]})"},
      {R"({"$and":[{"b":1},{"a":3}]})", R"({"b":1,"a":[1,3]})", R"({"$set":{"a.$":0}})",
       R"({"b":1,"a":[1,0]})"},
      {R"({"b":1})", R"({"b":1,"a":[1]})", R"({"$set":{"a.$":0}})", none},
      {R"({"a":{"$ne":3}})", R"({"a":[1]})", R"({"$set":{"a.$":0}})", none},
      {R"({"a":{"$size":1}})", R"({"a":[1]})", R"({"$set":{"a.$":0}})", none},
      {R"({"ab":1})", R"({"ab":[1],"a":[1]})", R"({"$set":{"a.$":0}})", none},
      {R"({"a":1})", R"({"a":1})", R"({"$set":{"a.$":0}})", "$set: there is no array for \"$\""},
      {R"({"a":1})", R"({"a":[1]})", R"({"$set":{"a.$.b.$":0}})",
       "$set: \"$\" is for the outermost array, once"},
      {R"({"a":1})", R"({"a":[1]})", R"({"$set":{"a.$[].$":0}})",
       "$set: \"$\" is for the outermost array, once"},
      {R"({"a":1})", R"({"a":[1]})", R"({"$set":{"a.$":0,"a.0":1}})", "$set: conflicts with $set at \"a.0\""},
  };
  for (const FoundCase& one : cases)
    EXPECT_EQ(updated(one), one.expected) << one.filter << " " << one.document << " " << one.operators;
}

TEST(FoundElements, are_none_without_a_filter) {
  const auto update = Update::parse(R"({"$set":{"a.$":0}})").value();
  Arena arena;
  auto document = Value::parse(arena, R"({"a":[1]})").value();
  EXPECT_EQ(update.apply(document, {}, arena).error().field(), "a.$");
}

}  // namespace
}  // namespace quire::document
