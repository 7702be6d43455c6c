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

struct ExpressionCase {
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

class Expressions : public ::testing::TestWithParam<ExpressionCase> {};

TEST_P(Expressions, Are) {
  EXPECT_EQ(evaluate(GetParam().expression), GetParam().expected) << GetParam().expression;
}

INSTANTIATE_TEST_SUITE_P(
    Paths, Expressions,
    ::testing::Values(ExpressionCase{R"("$n")", "7"}, ExpressionCase{R"("$o.q.r")", R"("deep")"},
                      ExpressionCase{R"("$none")", "-"}, ExpressionCase{R"("$o.p.x")", "-"},
                      ExpressionCase{R"("$l.v")", "[1,2]"}, ExpressionCase{R"("$a.0")", "[]"},
                      ExpressionCase{R"("$at.$date")", "a step of a path does not begin with a dollar sign"},
                      ExpressionCase{R"("$$ROOT.o.p")", "1"}, ExpressionCase{R"("$$CURRENT.n")", "7"},
                      ExpressionCase{R"("$$REMOVE")", "-"},
                      ExpressionCase{R"("$$nobody")", "no such variable here"},
                      ExpressionCase{R"("$")", "a path has an empty step"},
                      ExpressionCase{R"("$a..b")", "a path has an empty step"},
                      ExpressionCase{R"({"$literal":"$n"})", R"("$n")"},
                      ExpressionCase{R"(["$n","$none"])", "[7,null]"},
                      ExpressionCase{R"({"$ifNull":["$none","$nil",{"k":"$n"}]})", R"({"k":7})"}));

INSTANTIATE_TEST_SUITE_P(
    Numbers, Expressions,
    ::testing::Values(
        ExpressionCase{R"({"$add":["$n",1,"$m"]})", "6"}, ExpressionCase{R"({"$add":["$d","$d"]})", "5.00"},
        ExpressionCase{R"({"$add":[]})", "0"}, ExpressionCase{R"({"$add":["$n","$nil"]})", "null"},
        ExpressionCase{R"({"$add":["$n","$none"]})", "null"},
        ExpressionCase{R"({"$add":["$big",1]})", "9223372036854775808"},
        ExpressionCase{R"({"$add":["$long",1]})", "has a result that its form of number does not hold"},
        ExpressionCase{R"({"$add":["$dec",1]})", R"({"$numberDecimal":"2.10"})"},
        ExpressionCase{R"({"$add":["$real",1]})", R"({"$numberDouble":"1.5"})"},
        ExpressionCase{R"({"$add":["$n","$s"]})", "takes numbers and one date, not a string"},
        ExpressionCase{R"({"$add":["$at",1000]})", R"({"$date":"2024-02-29T13:14:16.016Z"})"},
        ExpressionCase{R"({"$subtract":["$n","$m"]})", "9"},
        ExpressionCase{R"({"$subtract":["$at","$at"]})", "0"},
        ExpressionCase{R"({"$subtract":["$at",16]})", R"({"$date":"2024-02-29T13:14:15Z"})"},
        ExpressionCase{R"({"$multiply":["$n","$m",2]})", "-28"},
        ExpressionCase{R"({"$multiply":["$d","$d"]})", "6.2500"},
        ExpressionCase{R"({"$divide":["$n",2]})", "3.5"},
        ExpressionCase{R"({"$divide":[1,3]})", "0.3333333333333333"},
        ExpressionCase{R"({"$divide":[6,3]})", "2"}, ExpressionCase{R"({"$divide":[0,3]})", "0"},
        ExpressionCase{R"({"$divide":["$dec",3]})",
                       R"({"$numberDecimal":"0.3666666666666666666666666666666667"})"},
        ExpressionCase{R"({"$divide":[1,"$z"]})", "divides by 0"},
        ExpressionCase{R"({"$divide":[1]})", "the function takes 2 arguments"},
        ExpressionCase{R"({"$mod":["$n",3]})", "1"}, ExpressionCase{R"({"$mod":[-7,3]})", "-1"},
        ExpressionCase{R"({"$mod":[7.5,2]})", "1.5"}, ExpressionCase{R"({"$mod":[1e30,7]})", "1"},
        ExpressionCase{R"({"$mod":[1,1e30]})", "1"}, ExpressionCase{R"({"$mod":[1,0]})", "divides by 0"},
        ExpressionCase{R"({"$abs":"$m"})", "2"}, ExpressionCase{R"({"$abs":"$nil"})", "null"},
        ExpressionCase{R"({"$floor":-2.5})", "-3"}, ExpressionCase{R"({"$ceil":-2.5})", "-2"},
        ExpressionCase{R"({"$floor":2.5})", "2"}, ExpressionCase{R"({"$ceil":2.000001})", "3"},
        ExpressionCase{R"({"$trunc":-2.9})", "-2"}, ExpressionCase{R"({"$ceil":-0.5})", "0"},
        ExpressionCase{R"({"$floor":0.5})", "0"}, ExpressionCase{R"({"$round":2.5})", "2"},
        ExpressionCase{R"({"$round":3.5})", "4"}, ExpressionCase{R"({"$round":[2.345,2]})", "2.34"},
        ExpressionCase{R"({"$round":[1234,-2]})", "1200"}, ExpressionCase{R"({"$round":[999.9]})", "1000"},
        ExpressionCase{R"({"$round":[55,-2]})", "100"}, ExpressionCase{R"({"$round":[50,-2]})", "0"},
        ExpressionCase{R"({"$round":[5,-2]})", "0"}, ExpressionCase{R"({"$round":[0.05,1]})", "0"},
        ExpressionCase{R"({"$round":[0.15,1]})", "0.2"}, ExpressionCase{R"({"$round":[2.675,2]})", "2.68"},
        ExpressionCase{R"({"$round":[{"$numberDouble":"2.675"},2]})", R"({"$numberDouble":"2.67"})"},
        ExpressionCase{R"({"$round":[{"$numberDouble":"2.5"}]})", R"({"$numberDouble":"2.0"})"},
        ExpressionCase{R"({"$round":[{"$numberDouble":"0.1"},40]})", R"({"$numberDouble":"0.1"})"},
        ExpressionCase{R"({"$trunc":[{"$numberDouble":"-2.675"},2]})", R"({"$numberDouble":"-2.67"})"},
        ExpressionCase{R"({"$trunc":[{"$numberDouble":"1234.5"},-2]})", R"({"$numberDouble":"1200.0"})"},
        ExpressionCase{R"({"$trunc":[{"$numberDouble":"1e300"},2]})", R"({"$numberDouble":"1e300"})"},
        ExpressionCase{R"({"$sum":"$a"})", "6"}, ExpressionCase{R"({"$avg":["$n","$m","$s"]})", "2.5"},
        ExpressionCase{R"({"$max":["$a",5]})", "[3,1,2]"}, ExpressionCase{R"({"$min":"$a"})", "1"},
        ExpressionCase{R"({"$avg":"$none"})", "null"}, ExpressionCase{R"({"$sum":["$s"]})", "0"}));

INSTANTIATE_TEST_SUITE_P(
    Logic, Expressions,
    ::testing::Values(
        ExpressionCase{R"({"$eq":["$n",7.0]})", "true"}, ExpressionCase{R"({"$eq":["$none",null]})", "false"},
        ExpressionCase{R"({"$lt":["$none",null]})", "true"}, ExpressionCase{R"({"$gt":["$s","$n"]})", "true"},
        ExpressionCase{R"({"$cmp":["$a",[3,1]]})", "1"}, ExpressionCase{R"({"$ne":["$n","$n"]})", "false"},
        ExpressionCase{R"({"$gte":["$n",7]})", "true"}, ExpressionCase{R"({"$lte":["$n",6]})", "false"},
        ExpressionCase{R"({"$and":["$t","$e","$a"]})", "true"},
        ExpressionCase{R"({"$and":["$t","$z"]})", "false"}, ExpressionCase{R"({"$and":[]})", "true"},
        ExpressionCase{R"({"$or":["$nil","$none",0.0]})", "false"},
        ExpressionCase{R"({"$or":["$t",{"$divide":[1,0]}]})", "true"},
        ExpressionCase{R"({"$not":["$t"]})", "false"}, ExpressionCase{R"({"$not":"$nil"})", "true"},
        ExpressionCase{R"({"$cond":["$t","$n",{"$divide":[1,0]}]})", "7"},
        ExpressionCase{R"({"$cond":{"if":"$z","then":1,"else":"$none"}})", "-"},
        ExpressionCase{R"({"$cond":{"if":1,"then":1}})", "the function needs the argument else"},
        ExpressionCase{
            R"({"$switch":{"branches":[{"case":{"$lt":["$n",5]},"then":"low"},{"case":true,"then":"high"}]}})",
            R"("high")"},
        ExpressionCase{R"({"$switch":{"branches":[{"case":false,"then":1}]}})",
                       "no branch of a $switch holds, and it has no default"},
        ExpressionCase{R"({"$switch":{"branches":[{"case":false,"then":1}],"default":2}})", "2"},
        ExpressionCase{R"({"$type":"$none"})", R"("missing")"},
        ExpressionCase{R"({"$type":"$d"})", R"("double")"},
        ExpressionCase{R"({"$type":"$dec"})", R"("decimal")"},
        ExpressionCase{R"({"$type":"$at"})", R"("date")"},
        ExpressionCase{R"({"$type":["$a"]})", R"("array")"}, ExpressionCase{R"({"$isArray":"$a"})", "true"},
        ExpressionCase{R"({"$isArray":"$none"})", "false"}));

INSTANTIATE_TEST_SUITE_P(
    Strings, Expressions,
    ::testing::Values(ExpressionCase{R"({"$concat":["$s","!"]})", R"("Grüße, Welt!")"},
                      ExpressionCase{R"({"$concat":["$s","$nil"]})", "null"},
                      ExpressionCase{R"({"$concat":["$s","$n"]})", "takes strings, not a number"},
                      ExpressionCase{R"({"$toUpper":"$s"})", R"("GRüßE, WELT")"},
                      ExpressionCase{R"({"$toLower":"$nil"})", R"("")"},
                      ExpressionCase{R"({"$strLenCP":"$s"})", "11"},
                      ExpressionCase{R"({"$strLenCP":"$nil"})", "takes a string, not nothing"},
                      ExpressionCase{R"({"$substrCP":["$s",2,3]})", R"("üße")"},
                      ExpressionCase{R"({"$substrCP":["$s",20,3]})", R"("")"},
                      ExpressionCase{R"({"$substrCP":["$s",-1,3]})",
                                     "takes a start and a count that are whole and not negative"},
                      ExpressionCase{R"({"$split":["$s",", "]})", R"(["Grüße","Welt"])"},
                      ExpressionCase{R"({"$split":["$s","x"]})", R"(["Grüße, Welt"])"},
                      ExpressionCase{R"({"$split":["$s",""]})", "takes a separator that is not empty"},
                      ExpressionCase{R"({"$indexOfCP":["$s","W"]})", "7"},
                      ExpressionCase{R"({"$indexOfCP":["$s","e",5]})", "8"},
                      ExpressionCase{R"({"$indexOfCP":["$s","e",5,8]})", "-1"},
                      ExpressionCase{R"({"$indexOfCP":["$s","zz"]})", "-1"},
                      ExpressionCase{R"({"$trim":{"input":"  a b\t\n"}})", R"("a b")"},
                      ExpressionCase{R"({"$ltrim":{"input":"üxüa","chars":"xü"}})", R"("a")"},
                      ExpressionCase{R"({"$rtrim":{"input":"aaa","chars":"a"}})", R"("")"},
                      ExpressionCase{R"({"$trim":{"input":"a","chars":null}})", "null"},
                      ExpressionCase{R"({"$trim":{"chars":"a"}})", "the function needs the argument input"},
                      ExpressionCase{R"({"$trim":{"input":"a","x":1}})", "the function has no such argument"},
                      ExpressionCase{R"({"$regexMatch":{"input":"$s","regex":"^gr","options":"i"}})",
                                     "true"}));

INSTANTIATE_TEST_SUITE_P(
    Arrays, Expressions,
    ::testing::Values(
        ExpressionCase{R"({"$size":"$a"})", "3"},
        ExpressionCase{R"({"$size":"$none"})", "takes an array, not nothing"},
        ExpressionCase{R"({"$arrayElemAt":["$a",-1]})", "2"},
        ExpressionCase{R"({"$arrayElemAt":["$a",3]})", "-"}, ExpressionCase{R"({"$first":"$a"})", "3"},
        ExpressionCase{R"({"$last":"$a"})", "2"}, ExpressionCase{R"({"$slice":["$a",2]})", "[3,1]"},
        ExpressionCase{R"({"$slice":["$a",-2]})", "[1,2]"},
        ExpressionCase{R"({"$slice":["$a",1,5]})", "[1,2]"},
        ExpressionCase{R"({"$slice":["$a",-9,1]})", "[3]"}, ExpressionCase{R"({"$slice":["$a",9,1]})", "[]"},
        ExpressionCase{R"({"$slice":["$a",-9]})", "[3,1,2]"}, ExpressionCase{R"({"$in":[1.0,"$a"]})", "true"},
        ExpressionCase{R"({"$slice":["$a",{"$numberLong":"2"}]})", "[3,1]"},
        ExpressionCase{R"({"$indexOfArray":["$a",3,1]})", "-1"},
        ExpressionCase{R"({"$indexOfArray":["$a",2,1,3]})", "2"},
        ExpressionCase{R"({"$indexOfArray":["$a",2,1,2]})", "-1"},
        ExpressionCase{R"({"$indexOfArray":["$a",3,2,1]})", "-1"},
        ExpressionCase{R"({"$indexOfArray":["$a",2,0,99]})", "2"},
        ExpressionCase{R"({"$indexOfArray":["$a",2,-1]})",
                       "takes a start that is a whole number of 0 or more"},
        ExpressionCase{R"({"$indexOfArray":["$a",2,0,"$nil"]})",
                       "takes an end that is a whole number of 0 or more"},
        ExpressionCase{R"({"$in":[9,"$a"]})", "false"},
        ExpressionCase{R"({"$in":["$n",["x",9,7.0,3,{"a":1}]]})", "true"},
        ExpressionCase{R"({"$in":["$long",[9223372036854775806,9223372036854775807]]})", "true"},
        ExpressionCase{R"({"$in":["$long",[9223372036854775806,9223372036854775808]]})", "false"},
        ExpressionCase{R"({"$in":["$l",[[{"v":1}],[{"v":1},{"v":2.0},{"w":3},4]]]})", "true"},
        ExpressionCase{R"({"$in":["$n",["$n"]]})", "true"}, ExpressionCase{R"({"$in":["$n",[]]})", "false"},
        ExpressionCase{R"({"$in":["$nil",[1,null]]})", "true"},
        ExpressionCase{R"({"$in":["$none",[1,null]]})", "false"},
        ExpressionCase{R"({"$in":[{"$literal":"$n"},{"$literal":["$n"]}]})", "true"},
        ExpressionCase{R"({"$in":["$n",7]})", "takes an array, not a number"},
        ExpressionCase{R"([[1,{"$literal":"$n"}],[]])", R"([[1,"$n"],[]])"},
        ExpressionCase{R"({"$indexOfArray":["$a",2]})", "2"},
        ExpressionCase{R"({"$concatArrays":["$a",[9]]})", "[3,1,2,9]"},
        ExpressionCase{R"({"$reverseArray":"$a"})", "[2,1,3]"},
        ExpressionCase{R"({"$range":[0,5,2]})", "[0,2,4]"},
        ExpressionCase{R"({"$range":[3,0,-1]})", "[3,2,1]"},
        ExpressionCase{R"({"$filter":{"input":"$a","as":"x","cond":{"$gte":["$$x",2]}}})", "[3,2]"},
        ExpressionCase{R"({"$filter":{"input":"$a","cond":{"$gte":["$$this",1]},"limit":2}})", "[3,1]"},
        ExpressionCase{R"({"$map":{"input":"$l","as":"x","in":"$$x.v"}})", "[1,2,null,null]"},
        ExpressionCase{R"({"$map":{"input":"$nil","in":1}})", "null"},
        ExpressionCase{R"({"$map":{"input":"$n","in":1}})", "takes an array as its input, not a number"},
        ExpressionCase{
            R"({"$reduce":{"input":"$a","initialValue":"","in":{"$concat":["$$value",{"$toString":"$$this"}]}}})",
            R"("312")"},
        ExpressionCase{R"({"$let":{"vars":{"x":"$n","y":2},"in":{"$multiply":["$$x","$$y"]}}})", "14"},
        ExpressionCase{R"({"$let":{"vars":{"x":"$$y","y":2},"in":1}})", "no such variable here"},
        ExpressionCase{
            R"({"$map":{"input":"$a","as":"x","in":{"$map":{"input":"$a","as":"y","in":{"$add":["$$x","$$y"]}}}}})",
            "[[6,4,5],[4,2,3],[5,3,4]]"},
        ExpressionCase{R"({"$mergeObjects":["$o",{"p":2},"$nil"]})", R"({"p":2,"q":{"r":"deep"}})"},
        ExpressionCase{R"({"$objectToArray":{"a":1,"b":"$n"}})", R"([{"k":"a","v":1},{"k":"b","v":7}])"},
        ExpressionCase{R"({"$arrayToObject":[[["x",1],["y","$n"]]]})", R"({"x":1,"y":7})"},
        ExpressionCase{R"({"$arrayToObject":{"$objectToArray":"$o"}})", R"({"p":1,"q":{"r":"deep"}})"},
        ExpressionCase{R"({"$getField":{"field":"p","input":"$o"}})", "1"},
        ExpressionCase{R"({"$getField":{"field":"n"}})", "7"}, ExpressionCase{R"({"$getField":"n"})", "7"},
        ExpressionCase{R"({"$getField":{"$concat":["s",""]}})", R"("Grüße, Welt")"},
        ExpressionCase{R"({"$getField":"none"})", "-"},
        ExpressionCase{R"({"$getField":{"field":"p","input":"$none"}})", "-"},
        ExpressionCase{R"({"$getField":{"field":"p","input":"$nil"}})", "null"},
        ExpressionCase{R"({"$getField":{"input":"$o"}})", "the function needs the argument field"},
        ExpressionCase{R"({"$getField":5})", "takes a name that is a string"}));

INSTANTIATE_TEST_SUITE_P(
    DatesAndTypes, Expressions,
    ::testing::Values(
        ExpressionCase{R"({"$year":"$at"})", "2024"}, ExpressionCase{R"({"$month":"$at"})", "2"},
        ExpressionCase{R"({"$dayOfMonth":"$at"})", "29"}, ExpressionCase{R"({"$hour":"$at"})", "13"},
        ExpressionCase{R"({"$minute":"$at"})", "14"}, ExpressionCase{R"({"$second":"$at"})", "15"},
        ExpressionCase{R"({"$millisecond":"$at"})", "16"}, ExpressionCase{R"({"$dayOfWeek":"$at"})", "5"},
        ExpressionCase{R"({"$dayOfYear":"$at"})", "60"}, ExpressionCase{R"({"$year":"$nil"})", "null"},
        ExpressionCase{R"({"$year":"$oid"})", "2020"},
        ExpressionCase{R"({"$year":"$n"})", "takes a date, not a number"},
        ExpressionCase{R"({"$hour":{"date":"$at"}})", "13"}, ExpressionCase{R"({"$hour":["$at"]})", "13"},
        ExpressionCase{R"({"$hour":{"date":"$at","timezone":"Europe/Zurich"}})", "14"},
        ExpressionCase{R"({"$hour":{"date":"$at","timezone":"-02:30"}})", "10"},
        ExpressionCase{R"({"$minute":{"date":"$at","timezone":"Asia/Kathmandu"}})", "59"},
        ExpressionCase{R"({"$dayOfMonth":{"date":"$at","timezone":"Pacific/Auckland"}})", "1"},
        ExpressionCase{R"({"$month":{"date":"$at","timezone":"Pacific/Auckland"}})", "3"},
        ExpressionCase{R"({"$year":{"date":"$at","timezone":"$nil"}})", "null"},
        ExpressionCase{R"({"$year":{"date":"$at","timezone":"$none"}})", "2024"},
        ExpressionCase{R"({"$year":{"timezone":"UTC"}})", "the function needs the argument date"},
        ExpressionCase{R"({"$year":["$at","UTC"]})", "the function takes 1 argument"},
        ExpressionCase{
            R"({"$year":{"date":"$at","timezone":"Mars/Olympus"}})",
            "takes as its timezone UTC, an offset such as +02:00, or a name such as Europe/Zurich"},
        ExpressionCase{
            R"({"$year":{"date":"$at","timezone":"GMT+3"}})",
            "takes as its timezone UTC, an offset such as +02:00, or a name such as Europe/Zurich"},
        ExpressionCase{
            R"({"$dateToString":{"date":{"$date":"2024-07-01T12:00:00Z"},"timezone":"America/New_York","format":"%Y-%m-%d %H:%M %z %Z"}})",
            R"("2024-07-01 08:00 -0400 -240")"},
        ExpressionCase{R"({"$dateToString":{"date":"$at","timezone":"Europe/London"}})",
                       R"("2024-02-29T13:14:15.016")"},
        ExpressionCase{
            R"({"$dateTrunc":{"date":{"$date":"2024-07-01T03:00:00Z"},"unit":"year","timezone":"America/New_York"}})",
            R"({"$date":"2024-01-01T05:00:00Z"})"},
        ExpressionCase{
            R"({"$dateTrunc":{"date":{"$date":"2024-11-03T06:30:00Z"},"unit":"hour","timezone":"America/New_York"}})",
            R"({"$date":"2024-11-03T06:00:00Z"})"},
        ExpressionCase{
            R"({"$dateTrunc":{"date":{"$date":"2024-11-03T20:00:00Z"},"unit":"day","timezone":"America/New_York"}})",
            R"({"$date":"2024-11-03T04:00:00Z"})"},
        ExpressionCase{R"({"$dateToString":{"date":"$at"}})", R"("2024-02-29T13:14:15.016Z")"},
        ExpressionCase{
            R"({"$dateToString":{"date":"$at","format":"%d.%m.%Y %H:%M %j%%","timezone":"+02:00"}})",
            R"("29.02.2024 15:14 060%")"},
        ExpressionCase{R"({"$dateToString":{"date":"$nil","onNull":"never"}})", R"("never")"},
        ExpressionCase{R"({"$dateToString":{"date":"$at","format":"%Q"}})",
                       "knows %Y %m %d %H %M %S %L %j %w %u %z %Z %% in a format"},
        ExpressionCase{R"({"$dateTrunc":{"date":"$at","unit":"month"}})",
                       R"({"$date":"2024-02-01T00:00:00Z"})"},
        ExpressionCase{R"({"$dateTrunc":{"date":"$at","unit":"week"}})",
                       R"({"$date":"2024-02-25T00:00:00Z"})"},
        ExpressionCase{R"({"$dateTrunc":{"date":"$at","unit":"hour","binSize":6}})",
                       R"({"$date":"2024-02-29T12:00:00Z"})"},
        ExpressionCase{R"({"$dateTrunc":{"date":"$at","unit":"quarter"}})",
                       R"({"$date":"2024-01-01T00:00:00Z"})"},
        ExpressionCase{R"({"$dateTrunc":{"date":"$at","unit":"day","timezone":"-12:00"}})",
                       R"({"$date":"2024-02-29T12:00:00Z"})"},
        ExpressionCase{R"({"$toString":"$d"})", R"("2.50")"},
        ExpressionCase{R"({"$toString":"$t"})", R"("true")"},
        ExpressionCase{R"({"$toString":"$oid"})", R"("5f1e2d3c4b5a697887960504")"},
        ExpressionCase{R"({"$toString":"$a"})", "cannot convert this array"},
        ExpressionCase{R"({"$toInt":"12"})", "12"},
        ExpressionCase{R"({"$toInt":"1.5"})", "cannot convert this string"},
        ExpressionCase{R"({"$toInt":-1.9})", "-1"},
        ExpressionCase{R"({"$toInt":"$big"})", "cannot convert this long"},
        ExpressionCase{R"({"$toLong":"$at"})", "1709212455016"},
        ExpressionCase{R"({"$toDouble":"$n"})", "7.0"}, ExpressionCase{R"({"$toDouble":"1e3"})", "1000.0"},
        ExpressionCase{R"({"$toDouble":"NaN"})", R"({"$numberDouble":"NaN"})"},
        ExpressionCase{R"({"$toDecimal":"1.50"})", R"({"$numberDecimal":"1.50"})"},
        ExpressionCase{R"({"$toDecimal":true})", R"({"$numberDecimal":"1"})"},
        ExpressionCase{R"({"$toBool":"$z"})", "false"}, ExpressionCase{R"({"$toBool":"$nil"})", "null"},
        ExpressionCase{R"({"$toDate":"2024-02-29"})", R"({"$date":"2024-02-29T00:00:00Z"})"},
        ExpressionCase{R"({"$toDate":"2024-02-29T13:14:15"})", R"({"$date":"2024-02-29T13:14:15Z"})"},
        ExpressionCase{R"({"$toDate":"2024-02-29 13:14:15.5"})", R"({"$date":"2024-02-29T13:14:15.500Z"})"},
        ExpressionCase{R"({"$toDate":"2024-02-29T13:14:15+01:00"})", R"({"$date":"2024-02-29T12:14:15Z"})"},
        ExpressionCase{R"({"$toDate":"2024-02-30"})", "cannot convert this string"},
        ExpressionCase{R"({"$toDate":0})", R"({"$date":"1970-01-01T00:00:00Z"})"}));

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

// If this fails, a path is taken for a pattern, which matches nothing.
TEST(ExpressionParsing, APathIsNoPattern) {
  testing::PipelineRunner runner;
  const std::string answer =
      runner.run("c", R"([{"$project":{"x":{"$regexMatch":{"input":"$s","regex":"$p"}}}}])");
  EXPECT_TRUE(answer.starts_with("invalid")) << answer;
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

TEST(LargeObjects, AreMadeOfPairsAndMergedWithTheLastOfAName) {
  std::string pairs;
  std::string later;
  std::string expected;
  for (int i = 0; i < 200; ++i) {
    const std::string name = "\"n" + std::to_string(i) + "\"";
    pairs += (i == 0 ? "[" : ",[") + name + ",0]";
    if (i % 2 == 0) later += ",[" + name + ",1]";
    expected += (i == 0 ? "" : ",") + name + (i % 2 == 0 ? ":1" : ":0");
  }
  EXPECT_EQ(evaluate(R"({"$arrayToObject":[[)" + pairs + later + "]]}"), "{" + expected + "}");
  EXPECT_EQ(evaluate(R"({"$mergeObjects":[{"$arrayToObject":[[)" + pairs + R"(]]},{"$arrayToObject":[[)" +
                     later.substr(1) + R"(,["last",2]]]}]})"),
            "{" + expected + R"(,"last":2})");
}

TEST(ExpressionsByCollation, AValueIsInAListThatHoldsAnEqualOne) {
  testing::PipelineRunner runner;
  runner.collections["c"] = testing::documents_of({R"({"_id":"i","s":"B","list":["b"]})"});
  const std::string pipeline =
      R"([{"$project":{"_id":0,"known":{"$in":["$s",["c","b","A"]]},"found":{"$in":["$s","$list"]}}}])";
  EXPECT_EQ(runner.run("c", pipeline), R"({"known":false,"found":false})");
  runner.collation = R"({"locale":"en","strength":2})";
  EXPECT_EQ(runner.run("c", pipeline), R"({"known":true,"found":true})");
}

}  // namespace
}  // namespace quire::query
