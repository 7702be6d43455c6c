#include "query/aggregate/pipeline.h"

#include <gtest/gtest.h>

#include "query/testing/run_pipeline.h"

namespace quire::query {
namespace {

using testing::PipelineRunner;

struct PipelineCase {
  const char* name;
  std::vector<std::string> documents;
  const char* pipeline;
  // The documents that come out, in one text with spaces between; or an error as it prints.
  const char* expected;
};
void PrintTo(const PipelineCase& one, std::ostream* out) { *out << one.name; }

class Pipelines : public ::testing::TestWithParam<PipelineCase> {};

TEST_P(Pipelines, MakeOfTheirDocumentsWhatTheirStagesSay) {
  PipelineRunner runner;
  runner.collections["c"] = testing::documents_of(GetParam().documents);
  runner.collections["others"] =
      testing::documents_of({R"({"_id":"x","k":1,"v":"one"})", R"({"_id":"y","k":2,"v":"two"})",
                             R"({"_id":"z","k":[1,3],"v":"both"})", R"({"_id":"n","v":"none"})"});
  EXPECT_EQ(runner.run("c", GetParam().pipeline), GetParam().expected);
}

std::string case_name(const ::testing::TestParamInfo<PipelineCase>& info) { return info.param.name; }

const std::vector<std::string> kFew = {R"({"_id":"a","n":1,"g":"x"})", R"({"_id":"b","n":2,"g":"y"})",
                                       R"({"_id":"c","n":3,"g":"x"})"};
const std::vector<std::string> kOrders = {
    R"({"_id":"1","items":[{"sku":"p","n":2},{"sku":"q","n":1}],"by":{"name":"Ada","tags":["t","u"]}})",
    R"({"_id":"2","items":[],"by":{"name":"Bo"}})", R"({"_id":"3","by":null})", R"({"_id":"4","items":"p"})"};

INSTANTIATE_TEST_SUITE_P(
    Stages, Pipelines,
    ::testing::Values(
        PipelineCase{"Nothing", kFew, "[]",
                     R"({"_id":"a","n":1,"g":"x"} {"_id":"b","n":2,"g":"y"} {"_id":"c","n":3,"g":"x"})"},
        PipelineCase{"Match", kFew, R"([{"$match":{"n":{"$gt":1}}}])",
                     R"({"_id":"b","n":2,"g":"y"} {"_id":"c","n":3,"g":"x"})"},
        PipelineCase{"MatchTwice", kFew, R"([{"$match":{"n":{"$gt":1}}},{"$match":{"_id":"c"}}])",
                     R"({"_id":"c","n":3,"g":"x"})"},
        PipelineCase{"SortSkipLimit", kFew, R"([{"$sort":{"n":-1}},{"$skip":1},{"$limit":1}])",
                     R"({"_id":"b","n":2,"g":"y"})"},
        PipelineCase{"LimitThenSkip", kFew, R"([{"$limit":2},{"$skip":1}])", R"({"_id":"b","n":2,"g":"y"})"},
        PipelineCase{"SortBehindAStage", kFew, R"([{"$project":{"n":1}},{"$sort":{"n":-1}},{"$limit":2}])",
                     R"({"_id":"c","n":3} {"_id":"b","n":2})"},
        PipelineCase{
            "SortByTheFirstTuple",
            {R"({"_id":"1","a":[{"x":1,"y":1},{"x":2,"y":9}]})", R"({"_id":"2","a":[{"x":1,"y":5}]})",
             R"({"_id":"3","a":[]})", R"({"_id":"4"})", R"({"_id":"5","a":[{"x":3,"y":9},{"x":1,"y":7}]})"},
            R"([{"$unwind":{"path":"$none","preserveNullAndEmptyArrays":true}},{"$sort":{"a.x":1,"a.y":-1}},{"$project":{"_id":1}}])",
            R"({"_id":"3"} {"_id":"4"} {"_id":"5"} {"_id":"2"} {"_id":"1"})"},
        PipelineCase{
            "SortOfArraysSideBySide",
            {R"({"a":[1],"b":[2]})"},
            R"([{"$unwind":{"path":"$none","preserveNullAndEmptyArrays":true}},{"$sort":{"a":1,"b":1}}])",
            "invalid: a document cannot stand in the order of the sort: its paths 'a' and 'b' go through two "
            "arrays side by side"},
        PipelineCase{
            "ProjectInclusion", kOrders, R"([{"$project":{"by.name":1,"items":{"sku":1}}}])",
            R"({"_id":"1","items":[{"sku":"p"},{"sku":"q"}],"by":{"name":"Ada"}} {"_id":"2","items":[],"by":{"name":"Bo"}} {"_id":"3"} {"_id":"4"})"},
        PipelineCase{"ProjectExclusion", kOrders,
                     R"([{"$limit":1},{"$project":{"_id":0,"by.tags":0,"items.n":0}}])",
                     R"({"items":[{"sku":"p"},{"sku":"q"}],"by":{"name":"Ada"}})"},
        PipelineCase{
            "ProjectComputed", kFew,
            R"([{"$limit":1},{"$project":{"_id":0,"m":{"$add":["$n",1]},"l":"lit","r":["$n","$none"],"o":{"p":"$g"}}}])",
            R"({"m":2,"l":"lit","r":[1,null],"o":{"p":"x"}})"},
        PipelineCase{
            "ProjectMixed", kFew, R"([{"$project":{"n":1,"g":0}}])",
            "invalid: [0].$project.g: members are named that stay, or that go, and not both but for _id"},
        PipelineCase{"ProjectPathsCollide", kFew, R"([{"$project":{"a":1,"a.b":1}}])",
                     "invalid: [0].$project.a.b: the path is below another one"},
        PipelineCase{
            "AddFields", kOrders,
            R"([{"$limit":2},{"$addFields":{"by.name":"$_id","items.seen":true,"z":{"$size":"$items"}}}])",
            R"({"_id":"1","items":[{"sku":"p","n":2,"seen":true},{"sku":"q","n":1,"seen":true}],"by":{"name":"1","tags":["t","u"]},"z":2} {"_id":"2","items":[],"by":{"name":"2"},"z":0})"},
        PipelineCase{"AddFieldsRemoves", kFew, R"([{"$limit":1},{"$set":{"g":"$$REMOVE","m":"$none"}}])",
                     R"({"_id":"a","n":1})"},
        PipelineCase{"Unset", kFew, R"([{"$limit":1},{"$unset":["n","g"]}])", R"({"_id":"a"})"},
        PipelineCase{
            "Group", kFew,
            R"([{"$group":{"_id":"$g","n":{"$sum":1},"s":{"$sum":"$n"},"a":{"$avg":"$n"},"f":{"$first":"$_id"},"l":{"$last":"$_id"},"p":{"$push":"$n"},"c":{"$count":{}}}},{"$sort":{"_id":1}}])",
            R"({"_id":"x","n":2,"s":4,"a":2,"f":"a","l":"c","p":[1,3],"c":2} {"_id":"y","n":1,"s":2,"a":2,"f":"b","l":"b","p":[2],"c":1})"},
        PipelineCase{"GroupOfNothing", {}, R"([{"$group":{"_id":null,"n":{"$sum":1}}}])", ""},
        PipelineCase{"GroupKeysByValue",
                     {R"({"k":1})", R"({"k":1.0})", R"({"k":{"$numberLong":"1"}})", R"({"k":null})", R"({})",
                      R"({"k":"1"})"},
                     R"([{"$group":{"_id":"$k","n":{"$sum":1}}}])",
                     R"({"_id":1,"n":3} {"_id":null,"n":2} {"_id":"1","n":1})"},
        PipelineCase{"GroupByObject", kFew, R"([{"$group":{"_id":{"g":"$g","o":"$none"}}}])",
                     R"({"_id":{"g":"x"}} {"_id":{"g":"y"}})"},
        PipelineCase{
            "GroupMinMax",
            {R"({"v":5})", R"({"v":null})", R"({"v":2.5})", R"({"v":"s"})", R"({})"},
            R"([{"$group":{"_id":null,"l":{"$min":"$v"},"h":{"$max":"$v"},"z":{"$min":"$none"},"e":{"$avg":"$none"},"s":{"$addToSet":"$v"}}}])",
            R"({"_id":null,"l":2.5,"h":"s","z":null,"e":null,"s":[5,null,2.5,"s"]})"},
        PipelineCase{
            "GroupSumIsExact",
            {R"({"v":9223372036854775807})", R"({"v":1})", R"({"v":0.10})", R"({"v":0.2})", R"({"v":"x"})"},
            R"([{"$group":{"_id":null,"s":{"$sum":"$v"},"a":{"$avg":"$v"}}}])",
            R"({"_id":null,"s":9223372036854775808.30,"a":2305843009213693952.075})"},
        PipelineCase{"GroupUnknownAccumulator", kFew, R"([{"$group":{"_id":null,"x":{"$foo":1}}}])",
                     "invalid: [0].$group.x.$foo: no such accumulator"},
        PipelineCase{
            "Unwind", kOrders, R"([{"$unwind":"$items"},{"$project":{"items":1}}])",
            R"({"_id":"1","items":{"sku":"p","n":2}} {"_id":"1","items":{"sku":"q","n":1}} {"_id":"4","items":"p"})"},
        PipelineCase{
            "UnwindPreserving", kOrders,
            R"([{"$unwind":{"path":"$items","includeArrayIndex":"at","preserveNullAndEmptyArrays":true}},{"$project":{"at":1,"items.sku":1}}])",
            R"({"_id":"1","items":{"sku":"p"},"at":0} {"_id":"1","items":{"sku":"q"},"at":1} {"_id":"2","at":null} {"_id":"3","at":null} {"_id":"4","at":null})"},
        PipelineCase{
            "UnwindBelow", kOrders, R"([{"$unwind":"$by.tags"},{"$project":{"by":1}}])",
            R"({"_id":"1","by":{"name":"Ada","tags":"t"}} {"_id":"1","by":{"name":"Ada","tags":"u"}})"},
        PipelineCase{
            "Lookup",
            {R"({"k":1})", R"({"k":[2,3]})", R"({"k":9})", R"({})"},
            R"([{"$lookup":{"from":"others","localField":"k","foreignField":"k","as":"o"}},{"$project":{"_id":0,"o.v":1}}])",
            R"({"o":[{"v":"one"},{"v":"both"}]} {"o":[{"v":"two"},{"v":"both"}]} {"o":[]} {"o":[{"v":"none"}]})"},
        PipelineCase{
            "LookupOfNothingFindsNull",
            {R"({"k":[]})", R"({"k":5})", R"({"k":[1,{"j":2}]})", R"({"k":[1,2]})", R"({"k":{"j":[]}})"},
            R"([{"$lookup":{"from":"others","localField":"k.j","foreignField":"k","as":"o"}},{"$project":{"_id":0,"o._id":1}}])",
            R"({"o":[{"_id":"n"}]} {"o":[{"_id":"n"}]} {"o":[{"_id":"y"}]} {"o":[{"_id":"n"}]} {"o":[{"_id":"n"}]})"},
        PipelineCase{
            "LookupOfAnEmptyArrayFindsNull",
            {R"({"k":[]})", R"({"k":[[]]})", R"({"k":[null,2]})"},
            R"([{"$lookup":{"from":"others","localField":"k","foreignField":"k","as":"o"}},{"$project":{"_id":0,"o._id":1}}])",
            R"({"o":[{"_id":"n"}]} {"o":[]} {"o":[{"_id":"y"},{"_id":"n"}]})"},
        PipelineCase{
            "LookupByPlace",
            {R"({"k":[2,1]})", R"({"k":[{"j":1},{"j":2}]})"},
            R"([{"$lookup":{"from":"others","localField":"k.0","foreignField":"k","as":"o"}},{"$lookup":{"from":"others","localField":"k.1.j","foreignField":"k","as":"p"}},{"$project":{"_id":0,"o._id":1,"p._id":1}}])",
            R"({"o":[{"_id":"y"}],"p":[{"_id":"n"}]} {"o":[],"p":[{"_id":"y"}]})"},
        PipelineCase{
            "LookupOfNothingWithPipeline",
            {R"({"k":[]})"},
            R"([{"$lookup":{"from":"others","localField":"k","foreignField":"k","pipeline":[{"$project":{"v":1}}],"as":"o"}},{"$project":{"_id":0,"o":1}}])",
            R"({"o":[{"_id":"n","v":"none"}]})"},
        PipelineCase{
            "LookupOfNoCollection", kFew,
            R"([{"$limit":1},{"$lookup":{"from":"nowhere","localField":"n","foreignField":"k","as":"o"}}])",
            R"({"_id":"a","n":1,"g":"x","o":[]})"},
        PipelineCase{
            "LookupById",
            {R"({"k":"x"})", R"({"k":{"$oid":"5f1e2d3c4b5a697887960504"}})"},
            R"([{"$lookup":{"from":"others","localField":"k","foreignField":"_id","as":"o"}},{"$project":{"_id":0,"o":1}}])",
            R"({"o":[{"_id":"x","k":1,"v":"one"}]} {"o":[]})"},
        PipelineCase{
            "LookupWithPipeline", kFew,
            R"([{"$lookup":{"from":"others","localField":"n","foreignField":"k","let":{"g":"$g"},"pipeline":[{"$project":{"_id":0,"v":1,"g":"$$g"}}],"as":"o"}},{"$project":{"o":1}}])",
            R"({"_id":"a","o":[{"v":"one","g":"x"},{"v":"both","g":"x"}]} {"_id":"b","o":[{"v":"two","g":"y"}]} {"_id":"c","o":[{"v":"both","g":"x"}]})"},
        PipelineCase{
            "LookupWithPipelineAlone", kFew,
            R"([{"$limit":2},{"$lookup":{"from":"others","pipeline":[{"$match":{"k":2}},{"$count":"n"}],"as":"o"}},{"$project":{"o":1}}])",
            R"({"_id":"a","o":[{"n":1}]} {"_id":"b","o":[{"n":1}]})"},
        PipelineCase{"Count", kFew, R"([{"$match":{"g":"x"}},{"$count":"many"}])", R"({"many":2})"},
        PipelineCase{"CountOfNothing", {}, R"([{"$count":"many"}])", ""},
        PipelineCase{"SortByCount", kFew, R"([{"$sortByCount":"$g"}])",
                     R"({"_id":"x","count":2} {"_id":"y","count":1})"},
        PipelineCase{"ReplaceRoot", kOrders, R"([{"$limit":2},{"$replaceRoot":{"newRoot":"$by"}}])",
                     R"({"name":"Ada","tags":["t","u"]} {"name":"Bo"})"},
        PipelineCase{"ReplaceWithNoObject", kOrders, R"([{"$replaceWith":"$items"}])",
                     "invalid: [0].$replaceWith: a document is replaced by an object, not by an array"},
        PipelineCase{"UnionWith", kFew,
                     R"([{"$limit":1},{"$unionWith":{"coll":"others","pipeline":[{"$match":{"k":2}}]}}])",
                     R"({"_id":"a","n":1,"g":"x"} {"_id":"y","k":2,"v":"two"})"},
        PipelineCase{"UnknownStage", kFew, R"([{"$match":{}},{"$out":"c"}])",
                     "invalid: [1].$out: no such stage"},
        PipelineCase{"UnknownFunction", kFew, R"([{"$match":{}},{"$project":{"total":{"$foo":1}}}])",
                     "invalid: [1].$project.total.$foo: no such function in an expression"},
        PipelineCase{"BadFilter", kFew, R"([{"$match":{"a":{"$foo":1}}}])",
                     "invalid: [0].$match.a.$foo: no such operator here"},
        PipelineCase{"TwoMembers", kFew, R"([{"$match":{},"$limit":1}])",
                     "invalid: [0]: a stage is an object of one member"},
        PipelineCase{"NotAnArray", kFew, R"({"$match":{}})", "invalid: a pipeline is an array of stages"}),
    case_name);

}  // namespace
}  // namespace quire::query
