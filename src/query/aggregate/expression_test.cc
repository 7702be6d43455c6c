// Expressions, each over one document.
#include <gtest/gtest.h>

#include "query/testing/run_pipeline.h"

namespace quire::query {
namespace {

constexpr const char* kDocument =
    R"({"_id":"i","n":7,"m":-2,"d":2.50,"z":0,"s":"Grüße, Welt","e":"","t":true,"nil":null,)"
    R"("a":[3,1,2],"o":{"p":1,"q":{"r":"deep"}},"l":[{"v":1},{"v":2},{"w":3},4],)"
    R"("big":9223372036854775807,"long":{"$numberLong":"9223372036854775807"},"dec":{"$numberDecimal":"1.10"},)"
    R"("real":{"$numberDouble":"0.5"},"at":{"$date":"2024-02-29T13:14:15.016Z"},"oid":{"$oid":"5f1e2d3c4b5a697887960504"}})";

struct Case {
  const char* expression;
  const char* expected;  // the value, "-" where it is missing, or the error's message
};

std::string evaluate(const std::string& expression) {
  testing::PipelineRunner runner;
  runner.collections["c"] = testing::documents_of({kDocument});
  // In an array a value that is missing would be null; here it is left out.
  const std::string made = runner.run("c", R"([{"$project":{"_id":0,"x":)" + expression + "}}]");
  if (made == "{}") return "-";
  if (made.starts_with(R"({"x":)")) return made.substr(5, made.size() - 6);
  const std::size_t message = made.find("]: ") == std::string::npos ? made.find(": ", made.find(".x")) : 0;
  const std::string said = made.substr(message + 2);
  return said.starts_with('$') ? said.substr(said.find(' ') + 1) : said;
}

class Expressions : public ::testing::TestWithParam<Case> {};

TEST_P(Expressions, Are) {
  EXPECT_EQ(evaluate(GetParam().expression), GetParam().expected) << GetParam().expression;
}

INSTANTIATE_TEST_SUITE_P(
    Paths, Expressions,
    ::testing::Values(Case{R"("$n")", "7"}, Case{R"("$o.q.r")", R"("deep")"}, Case{R"("$none")", "-"},
                      Case{R"("$o.p.x")", "-"}, Case{R"("$l.v")", "[1,2]"}, Case{R"("$a.0")", "[]"},
                      Case{R"("$at.$date")", "a step of a path does not begin with a dollar sign"},
                      Case{R"("$$ROOT.o.p")", "1"}, Case{R"("$$CURRENT.n")", "7"}, Case{R"("$$REMOVE")", "-"},
                      Case{R"("$$nobody")", "no such variable here"},
                      Case{R"("$")", "a path has an empty step"},
                      Case{R"("$a..b")", "a path has an empty step"}, Case{R"({"$literal":"$n"})", R"("$n")"},
                      Case{R"(["$n","$none"])", "[7,null]"},
                      Case{R"({"$ifNull":["$none","$nil",{"k":"$n"}]})", R"({"k":7})"}));

INSTANTIATE_TEST_SUITE_P(
    Numbers, Expressions,
    ::testing::Values(
        Case{R"({"$add":["$n",1,"$m"]})", "6"}, Case{R"({"$add":["$d","$d"]})", "5.00"},
        Case{R"({"$add":[]})", "0"}, Case{R"({"$add":["$n","$nil"]})", "null"},
        Case{R"({"$add":["$n","$none"]})", "null"}, Case{R"({"$add":["$big",1]})", "9223372036854775808"},
        Case{R"({"$add":["$long",1]})", "has a result that its form of number does not hold"},
        Case{R"({"$add":["$dec",1]})", R"({"$numberDecimal":"2.10"})"},
        Case{R"({"$add":["$real",1]})", R"({"$numberDouble":"1.5"})"},
        Case{R"({"$add":["$n","$s"]})", "takes numbers and one date, not a string"},
        Case{R"({"$add":["$at",1000]})", R"({"$date":"2024-02-29T13:14:16.016Z"})"},
        Case{R"({"$subtract":["$n","$m"]})", "9"}, Case{R"({"$subtract":["$at","$at"]})", "0"},
        Case{R"({"$subtract":["$at",16]})", R"({"$date":"2024-02-29T13:14:15Z"})"},
        Case{R"({"$multiply":["$n","$m",2]})", "-28"}, Case{R"({"$multiply":["$d","$d"]})", "6.2500"},
        Case{R"({"$divide":["$n",2]})", "3.5"}, Case{R"({"$divide":[1,3]})", "0.3333333333333333"},
        Case{R"({"$divide":[6,3]})", "2"}, Case{R"({"$divide":[0,3]})", "0"},
        Case{R"({"$divide":["$dec",3]})", R"({"$numberDecimal":"0.3666666666666666666666666666666667"})"},
        Case{R"({"$divide":[1,"$z"]})", "divides by 0"},
        Case{R"({"$divide":[1]})", "the function takes 2 arguments"}, Case{R"({"$mod":["$n",3]})", "1"},
        Case{R"({"$mod":[-7,3]})", "-1"}, Case{R"({"$mod":[7.5,2]})", "1.5"},
        Case{R"({"$mod":[1e30,7]})", "1"}, Case{R"({"$mod":[1,1e30]})", "1"},
        Case{R"({"$mod":[1,0]})", "divides by 0"}, Case{R"({"$abs":"$m"})", "2"},
        Case{R"({"$abs":"$nil"})", "null"}, Case{R"({"$floor":-2.5})", "-3"}, Case{R"({"$ceil":-2.5})", "-2"},
        Case{R"({"$floor":2.5})", "2"}, Case{R"({"$ceil":2.000001})", "3"}, Case{R"({"$trunc":-2.9})", "-2"},
        Case{R"({"$ceil":-0.5})", "0"}, Case{R"({"$floor":0.5})", "0"}, Case{R"({"$round":2.5})", "2"},
        Case{R"({"$round":3.5})", "4"}, Case{R"({"$round":[2.345,2]})", "2.34"},
        Case{R"({"$round":[1234,-2]})", "1200"}, Case{R"({"$round":[999.9]})", "1000"},
        Case{R"({"$round":[55,-2]})", "100"}, Case{R"({"$round":[50,-2]})", "0"},
        Case{R"({"$round":[5,-2]})", "0"}, Case{R"({"$round":[0.05,1]})", "0"},
        Case{R"({"$round":[0.15,1]})", "0.2"}, Case{R"({"$sum":"$a"})", "6"},
        Case{R"({"$avg":["$n","$m","$s"]})", "2.5"}, Case{R"({"$max":["$a",5]})", "[3,1,2]"},
        Case{R"({"$min":"$a"})", "1"}, Case{R"({"$avg":"$none"})", "null"}, Case{R"({"$sum":["$s"]})", "0"}));

INSTANTIATE_TEST_SUITE_P(
    Logic, Expressions,
    ::testing::Values(
        Case{R"({"$eq":["$n",7.0]})", "true"}, Case{R"({"$eq":["$none",null]})", "false"},
        Case{R"({"$lt":["$none",null]})", "true"}, Case{R"({"$gt":["$s","$n"]})", "true"},
        Case{R"({"$cmp":["$a",[3,1]]})", "1"}, Case{R"({"$ne":["$n","$n"]})", "false"},
        Case{R"({"$gte":["$n",7]})", "true"}, Case{R"({"$lte":["$n",6]})", "false"},
        Case{R"({"$and":["$t","$e","$a"]})", "true"}, Case{R"({"$and":["$t","$z"]})", "false"},
        Case{R"({"$and":[]})", "true"}, Case{R"({"$or":["$nil","$none",0.0]})", "false"},
        Case{R"({"$or":["$t",{"$divide":[1,0]}]})", "true"}, Case{R"({"$not":["$t"]})", "false"},
        Case{R"({"$not":"$nil"})", "true"}, Case{R"({"$cond":["$t","$n",{"$divide":[1,0]}]})", "7"},
        Case{R"({"$cond":{"if":"$z","then":1,"else":"$none"}})", "-"},
        Case{R"({"$cond":{"if":1,"then":1}})", "the function needs the argument else"},
        Case{
            R"({"$switch":{"branches":[{"case":{"$lt":["$n",5]},"then":"low"},{"case":true,"then":"high"}]}})",
            R"("high")"},
        Case{R"({"$switch":{"branches":[{"case":false,"then":1}]}})",
             "no branch of a $switch holds, and it has no default"},
        Case{R"({"$switch":{"branches":[{"case":false,"then":1}],"default":2}})", "2"},
        Case{R"({"$type":"$none"})", R"("missing")"}, Case{R"({"$type":"$d"})", R"("double")"},
        Case{R"({"$type":"$dec"})", R"("decimal")"}, Case{R"({"$type":"$at"})", R"("date")"},
        Case{R"({"$type":["$a"]})", R"("array")"}, Case{R"({"$isArray":"$a"})", "true"},
        Case{R"({"$isArray":"$none"})", "false"}));

INSTANTIATE_TEST_SUITE_P(
    Strings, Expressions,
    ::testing::Values(
        Case{R"({"$concat":["$s","!"]})", R"("Grüße, Welt!")"}, Case{R"({"$concat":["$s","$nil"]})", "null"},
        Case{R"({"$concat":["$s","$n"]})", "takes strings, not a number"},
        Case{R"({"$toUpper":"$s"})", R"("GRüßE, WELT")"}, Case{R"({"$toLower":"$nil"})", R"("")"},
        Case{R"({"$strLenCP":"$s"})", "11"}, Case{R"({"$strLenCP":"$nil"})", "takes a string, not nothing"},
        Case{R"({"$substrCP":["$s",2,3]})", R"("üße")"}, Case{R"({"$substrCP":["$s",20,3]})", R"("")"},
        Case{R"({"$substrCP":["$s",-1,3]})", "takes a start and a count that are whole and not negative"},
        Case{R"({"$split":["$s",", "]})", R"(["Grüße","Welt"])"},
        Case{R"({"$split":["$s","x"]})", R"(["Grüße, Welt"])"},
        Case{R"({"$split":["$s",""]})", "takes a separator that is not empty"},
        Case{R"({"$indexOfCP":["$s","W"]})", "7"}, Case{R"({"$indexOfCP":["$s","e",5]})", "8"},
        Case{R"({"$indexOfCP":["$s","e",5,8]})", "-1"}, Case{R"({"$indexOfCP":["$s","zz"]})", "-1"},
        Case{R"({"$trim":{"input":"  a b\t\n"}})", R"("a b")"},
        Case{R"({"$ltrim":{"input":"üxüa","chars":"xü"}})", R"("a")"},
        Case{R"({"$rtrim":{"input":"aaa","chars":"a"}})", R"("")"},
        Case{R"({"$trim":{"input":"a","chars":null}})", "null"},
        Case{R"({"$trim":{"chars":"a"}})", "the function needs the argument input"},
        Case{R"({"$trim":{"input":"a","x":1}})", "the function has no such argument"},
        Case{R"({"$regexMatch":{"input":"$s","regex":"^gr","options":"i"}})", "true"}));

INSTANTIATE_TEST_SUITE_P(
    Arrays, Expressions,
    ::testing::Values(
        Case{R"({"$size":"$a"})", "3"}, Case{R"({"$size":"$none"})", "takes an array, not nothing"},
        Case{R"({"$arrayElemAt":["$a",-1]})", "2"}, Case{R"({"$arrayElemAt":["$a",3]})", "-"},
        Case{R"({"$first":"$a"})", "3"}, Case{R"({"$last":"$a"})", "2"},
        Case{R"({"$slice":["$a",2]})", "[3,1]"}, Case{R"({"$slice":["$a",-2]})", "[1,2]"},
        Case{R"({"$slice":["$a",1,5]})", "[1,2]"}, Case{R"({"$slice":["$a",-9,1]})", "[3]"},
        Case{R"({"$slice":["$a",9,1]})", "[]"}, Case{R"({"$slice":["$a",-9]})", "[3,1,2]"},
        Case{R"({"$in":[1.0,"$a"]})", "true"}, Case{R"({"$in":[9,"$a"]})", "false"},
        Case{R"({"$indexOfArray":["$a",2]})", "2"}, Case{R"({"$concatArrays":["$a",[9]]})", "[3,1,2,9]"},
        Case{R"({"$reverseArray":"$a"})", "[2,1,3]"}, Case{R"({"$range":[0,5,2]})", "[0,2,4]"},
        Case{R"({"$range":[3,0,-1]})", "[3,2,1]"},
        Case{R"({"$filter":{"input":"$a","as":"x","cond":{"$gte":["$$x",2]}}})", "[3,2]"},
        Case{R"({"$filter":{"input":"$a","cond":{"$gte":["$$this",1]},"limit":2}})", "[3,1]"},
        Case{R"({"$map":{"input":"$l","as":"x","in":"$$x.v"}})", "[1,2,null,null]"},
        Case{R"({"$map":{"input":"$nil","in":1}})", "null"},
        Case{R"({"$map":{"input":"$n","in":1}})", "takes an array as its input, not a number"},
        Case{
            R"({"$reduce":{"input":"$a","initialValue":"","in":{"$concat":["$$value",{"$toString":"$$this"}]}}})",
            R"("312")"},
        Case{R"({"$let":{"vars":{"x":"$n","y":2},"in":{"$multiply":["$$x","$$y"]}}})", "14"},
        Case{R"({"$let":{"vars":{"x":"$$y","y":2},"in":1}})", "no such variable here"},
        Case{
            R"({"$map":{"input":"$a","as":"x","in":{"$map":{"input":"$a","as":"y","in":{"$add":["$$x","$$y"]}}}}})",
            "[[6,4,5],[4,2,3],[5,3,4]]"},
        Case{R"({"$mergeObjects":["$o",{"p":2},"$nil"]})", R"({"p":2,"q":{"r":"deep"}})"},
        Case{R"({"$objectToArray":{"a":1,"b":"$n"}})", R"([{"k":"a","v":1},{"k":"b","v":7}])"},
        Case{R"({"$arrayToObject":[[["x",1],["y","$n"]]]})", R"({"x":1,"y":7})"},
        Case{R"({"$arrayToObject":{"$objectToArray":"$o"}})", R"({"p":1,"q":{"r":"deep"}})"},
        Case{R"({"$getField":{"field":"p","input":"$o"}})", "1"}));

INSTANTIATE_TEST_SUITE_P(
    DatesAndTypes, Expressions,
    ::testing::Values(
        Case{R"({"$year":"$at"})", "2024"}, Case{R"({"$month":"$at"})", "2"},
        Case{R"({"$dayOfMonth":"$at"})", "29"}, Case{R"({"$hour":"$at"})", "13"},
        Case{R"({"$minute":"$at"})", "14"}, Case{R"({"$second":"$at"})", "15"},
        Case{R"({"$millisecond":"$at"})", "16"}, Case{R"({"$dayOfWeek":"$at"})", "5"},
        Case{R"({"$dayOfYear":"$at"})", "60"}, Case{R"({"$year":"$nil"})", "null"},
        Case{R"({"$year":"$oid"})", "2020"}, Case{R"({"$year":"$n"})", "takes a date, not a number"},
        Case{R"({"$dateToString":{"date":"$at"}})", R"("2024-02-29T13:14:15.016Z")"},
        Case{R"({"$dateToString":{"date":"$at","format":"%d.%m.%Y %H:%M %j%%","timezone":"+02:00"}})",
             R"("29.02.2024 15:14 060%")"},
        Case{R"({"$dateToString":{"date":"$nil","onNull":"never"}})", R"("never")"},
        Case{R"({"$dateToString":{"date":"$at","format":"%Q"}})",
             "knows %Y %m %d %H %M %S %L %j %w %u %z %Z %% in a format"},
        Case{R"({"$dateTrunc":{"date":"$at","unit":"month"}})", R"({"$date":"2024-02-01T00:00:00Z"})"},
        Case{R"({"$dateTrunc":{"date":"$at","unit":"week"}})", R"({"$date":"2024-02-25T00:00:00Z"})"},
        Case{R"({"$dateTrunc":{"date":"$at","unit":"hour","binSize":6}})",
             R"({"$date":"2024-02-29T12:00:00Z"})"},
        Case{R"({"$dateTrunc":{"date":"$at","unit":"quarter"}})", R"({"$date":"2024-01-01T00:00:00Z"})"},
        Case{R"({"$dateTrunc":{"date":"$at","unit":"day","timezone":"-12:00"}})",
             R"({"$date":"2024-02-29T12:00:00Z"})"},
        Case{R"({"$toString":"$d"})", R"("2.50")"}, Case{R"({"$toString":"$t"})", R"("true")"},
        Case{R"({"$toString":"$oid"})", R"("5f1e2d3c4b5a697887960504")"},
        Case{R"({"$toString":"$a"})", "cannot convert this array"}, Case{R"({"$toInt":"12"})", "12"},
        Case{R"({"$toInt":"1.5"})", "cannot convert this string"}, Case{R"({"$toInt":-1.9})", "-1"},
        Case{R"({"$toInt":"$big"})", "cannot convert this long"},
        Case{R"({"$toLong":"$at"})", "1709212455016"}, Case{R"({"$toDouble":"$n"})", "7.0"},
        Case{R"({"$toDouble":"1e3"})", "1000.0"},
        Case{R"({"$toDouble":"NaN"})", R"({"$numberDouble":"NaN"})"},
        Case{R"({"$toDecimal":"1.50"})", R"({"$numberDecimal":"1.50"})"},
        Case{R"({"$toDecimal":true})", R"({"$numberDecimal":"1"})"}, Case{R"({"$toBool":"$z"})", "false"},
        Case{R"({"$toBool":"$nil"})", "null"},
        Case{R"({"$toDate":"2024-02-29"})", R"({"$date":"2024-02-29T00:00:00Z"})"},
        Case{R"({"$toDate":0})", R"({"$date":"1970-01-01T00:00:00Z"})"}));

TEST(ExpressionBounds, PipelinesAreBoundedInTextDepthPartsAndStages) {
  testing::PipelineRunner runner;
  std::string deep = "1";
  for (int i = 0; i < 60; ++i) deep = R"({"$abs":)" + deep + "}";
  EXPECT_TRUE(runner.run("c", R"([{"$project":{"x":)" + deep + "}}]").starts_with("too_large")) << "depth";
  std::string stages = R"({"$limit":1})";
  for (int i = 0; i < 200; ++i) stages += R"(,{"$limit":1})";
  EXPECT_TRUE(runner.run("c", "[" + stages + "]").starts_with("too_large")) << "stages";
  std::string parts = "1";
  for (int i = 0; i < 20'000; ++i) parts += ",1";
  EXPECT_TRUE(runner.run("c", R"([{"$project":{"x":{"$add":[)" + parts + "]}}}]").starts_with("too_large"))
      << "parts";
  EXPECT_TRUE(runner.run("c", "[" + std::string(1 << 20, ' ') + "]").starts_with("too_large")) << "text";
}

// What is kept of a pipeline does not multiply with its names.
TEST(ExpressionBounds, NamesPathsPatternsAndVariablesAreBounded) {
  testing::PipelineRunner runner;
  const auto refused = [&](const std::string& pipeline) {
    return runner.run("c", pipeline).starts_with("too_large");
  };
  const std::string name(300'000, 'n');
  EXPECT_TRUE(refused(R"([{"$project":{")" + name + R"(":1}}])"));
  EXPECT_TRUE(refused(R"([{"$project":{"x":"$)" + name + R"("}}])"));
  std::string paths = R"("p":1)";
  std::string patterns = "1";
  for (int i = 0; i < 6000; ++i) paths += ",\"p" + std::to_string(i) + "\":1";
  for (int i = 0; i < 200; ++i) patterns += R"(,{"$regexMatch":{"input":"$a","regex":"a"}})";
  EXPECT_TRUE(refused("[{\"$project\":{" + paths + "}}]"));
  EXPECT_TRUE(refused(R"([{"$project":{"x":[)" + patterns + "]}}]"));
  EXPECT_TRUE(refused(R"([{"$project":{"x":{"$let":{"vars":{)" + paths + R"(},"in":1}}}}])"));
  const std::string error = runner.run("c", R"([{"$group":{"_id":null,")" + name + R"(":{"$foo":1}}}])");
  EXPECT_LT(error.size(), 200U);
}

// Each of these doubles what it has, and none may get far.
TEST(ExpressionBounds, WhatIsMadeOfOneDocumentIsBounded) {
  testing::PipelineRunner runner;
  runner.collections["c"] = testing::documents_of({R"({"s":"0123456789","a":[1,2,3,4,5,6,7,8,9,0]})"});
  std::string strings;
  std::string arrays;
  std::string wrapped;
  for (int i = 0; i < 150; ++i) {
    strings += (i == 0 ? "" : ",") + std::string(R"({"$set":{"s":{"$concat":["$s","$s"]}}})");
    arrays += (i == 0 ? "" : ",") + std::string(R"({"$set":{"a":["$a","$a"]}})");
    wrapped += (i == 0 ? "" : ",") + std::string(R"({"$replaceWith":{"r":{"r":"$$ROOT"}}})");
  }
  for (const std::string& stages : {strings, arrays, wrapped})
    EXPECT_TRUE(runner.run("c", "[" + stages + "]").starts_with("too_large")) << stages.substr(0, 60);
  EXPECT_TRUE(runner.run("c", R"([{"$set":{"x":{"$range":[0,100000000]}}}])").starts_with("too_large"));
  EXPECT_TRUE(
      runner.run("c", R"([{"$set":{"x":{"$map":{"input":{"$range":[0,3000]},"in":{"$range":[0,3000]}}}}}])")
          .starts_with("too_large"));
}

}  // namespace
}  // namespace quire::query
