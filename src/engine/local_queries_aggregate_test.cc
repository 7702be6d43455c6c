#include <gtest/gtest.h>

#include "engine/queries.h"
#include "engine/testing/test_node.h"

namespace quire::engine {
namespace {

using testing::AuthorityOf;
using testing::TestNode;

struct Answer {
  std::string documents;  // with spaces between
  std::string error;
  QueryStats stats;
};

Answer aggregate(TestNode& node, const std::string& pipeline, const std::string& collection = "_default",
                 std::size_t most = 1000, const std::string& collation = {}) {
  Answer answer;
  const auto sink = [&](const FoundRow& row) {
    if (!answer.documents.empty()) answer.documents += ' ';
    answer.documents += row.value;
    return --most > 0;
  };
  AggregateRequest request;
  request.pipeline = pipeline;
  request.collation = collation;
  auto done = wait<QueryStats>([&](auto then) {
    node.node.queries().aggregate(node.caller, node.limits,
                                  {.database = {.name = "main"}, .collection = collection}, request, sink,
                                  std::move(then));
  });
  if (done) answer.stats = *done;
  if (!done) answer.error = done.error().to_string();
  return answer;
}

// Of reading: documents whose "secret" is true are hidden, and so is the collection "hidden".
Decision hides_secrets(const Caller&, Action action, const Target& target) {
  if (action != Action::read) return Predicate();
  if (target.collection == "hidden") return Error(ErrorCode::forbidden, "hidden");
  return Predicate([](const Candidate& candidate) {
    return candidate.body.find(R"("secret":true)") == std::string_view::npos;
  });
}

constexpr std::size_t kAll = 1000;

void fill(TestNode& node) {
  node.put("a", R"({"n":1,"g":"x"})");
  node.put("b", R"({"n":2,"g":"y"})");
  node.put("c", R"({"n":3,"g":"x","secret":true})");
  node.put("o", R"({"n":1})", "others");
  node.put("p", R"({"n":2,"secret":true})", "others");
  node.put("h", R"({"n":1})", "hidden");
}

constexpr const char* kCounts = R"([{"$group":{"_id":"$g","n":{"$sum":1}}},{"$sort":{"_id":1}}])";

TEST(Aggregate, SendsTheDocumentsOfACollectionThroughAPipeline) {
  TestNode node;
  fill(node);
  const Answer answer = aggregate(node, kCounts);
  EXPECT_EQ(answer.documents, R"({"_id":"x","n":2} {"_id":"y","n":1})");
  EXPECT_EQ(answer.stats.returned, 2U);
  EXPECT_EQ(answer.stats.scanned, 3U);
  EXPECT_EQ(aggregate(node, R"([{"$match":{"n":{"$gte":2}}},{"$sort":{"n":-1}},{"$limit":1}])").documents,
            R"({"_id":"c","n":3,"g":"x","secret":true})");
}

TEST(Aggregate, SeesOnlyWhatItsCallerMaySee) {
  const AuthorityOf everything([](const Caller&, Action, const Target&) -> Decision { return Predicate(); });
  const AuthorityOf some(hides_secrets);
  TestNode all(everything);
  TestNode node(some);
  fill(all);
  fill(node);

  const std::string lookup =
      R"([{"$lookup":{"from":"others","localField":"n","foreignField":"n","as":"o"}},{"$project":{"o._id":1}},{"$sort":{"_id":1}}])";
  const std::string hidden = R"([{"$limit":1},{"$unionWith":"hidden"},{"$count":"n"}])";
  const std::string nowhere = R"([{"$limit":1},{"$unionWith":"nowhere"},{"$count":"n"}])";
  EXPECT_EQ(aggregate(all, kCounts).documents, R"({"_id":"x","n":2} {"_id":"y","n":1})");
  EXPECT_EQ(aggregate(all, lookup).documents,
            R"({"_id":"a","o":[{"_id":"o"}]} {"_id":"b","o":[{"_id":"p"}]} {"_id":"c","o":[]})");
  EXPECT_EQ(aggregate(all, hidden).documents, R"({"n":2})");
  EXPECT_EQ(aggregate(node, kCounts).documents, R"({"_id":"x","n":1} {"_id":"y","n":1})");
  EXPECT_EQ(aggregate(node, lookup).documents, R"({"_id":"a","o":[{"_id":"o"}]} {"_id":"b","o":[]})");
  EXPECT_EQ(aggregate(node, hidden).documents, R"({"n":1})");
  EXPECT_EQ(aggregate(node, nowhere).documents, R"({"n":1})");
  EXPECT_EQ(aggregate(node, "[]", "hidden").error, "forbidden: hidden");
}

TEST(Aggregate, SaysWhereAPipelineIsAtFault) {
  TestNode node;
  fill(node);
  EXPECT_EQ(aggregate(node, R"([{"$match":{}},{"$project":{"total":{"$foo":1}}}])").error,
            "invalid: pipeline[1].$project.total.$foo: no such function in an expression");
  EXPECT_EQ(aggregate(node, R"([{"$project":{"t":{"$add":["$g",1]}}}])").error,
            "invalid: pipeline[0].$project.t.$add: $add takes numbers and one date, not a string");
  EXPECT_EQ(aggregate(node, "{}").error, "invalid: pipeline: a pipeline is an array of stages");
  EXPECT_TRUE(aggregate(node, "[]", "nowhere").error.starts_with("not_found"));
}

TEST(Aggregate, EndsWhereItsCallerHasHadEnough) {
  TestNode node;
  for (int i = 0; i < 50; ++i) node.put("d" + std::to_string(i), "{}");
  EXPECT_EQ(aggregate(node, "[]", "_default", 2).stats.returned, 2U);
  node.limits.cancellation = Cancellation::make();
  node.limits.cancellation.cancel();
  EXPECT_TRUE(aggregate(node, "[]").error.starts_with("cancelled"));
}

TEST(LocalAggregate, ComparesByTheCollationOfTheRequest) {
  TestNode node;
  node.put("a", R"({"g":"x","n":"B"})");
  node.put("b", R"({"g":"X","n":"a"})");
  node.put("c", R"({"g":"y","n":"C"})");
  const std::string loose = R"({"locale":"en","strength":2})";
  const auto run = [&](const std::string& pipeline) {
    const Answer answer = aggregate(node, pipeline, "_default", kAll, loose);
    return answer.error + answer.documents;
  };
  EXPECT_EQ(run(R"([{"$match":{"g":"X"}},{"$sort":{"n":1}},{"$project":{"n":1,"_id":0}}])"),
            R"({"n":"a"} {"n":"B"})");
  EXPECT_EQ(
      run(R"([{"$group":{"_id":"$g","least":{"$min":"$n"},"all":{"$addToSet":"$g"}}},{"$sort":{"_id":1}}])"),
      R"({"_id":"x","least":"a","all":["x"]} {"_id":"y","least":"C","all":["y"]})");
  EXPECT_EQ(run(R"([{"$match":{"_id":"A"}},)"
                R"({"$lookup":{"from":"_default","localField":"g","foreignField":"g","as":"f"}},)"
                R"({"$project":{"f":{"$size":"$f"},"same":{"$eq":["$g","X"]},"in":{"$in":["X",["x"]]}}}])"),
            R"({"_id":"a","f":2,"same":true,"in":true})");
  EXPECT_EQ(run(R"([{"$limit":1},{"$unionWith":{"coll":"_default","pipeline":[{"$match":{"g":"Y"}}]}},)"
                R"({"$count":"n"}])"),
            R"({"n":2})");
  ASSERT_TRUE(node.node.queries().create_index(node.caller, {}, {.database = {.name = "main"}}, "loose",
                                               R"({"keys":[{"g":1}],"collation":)" + loose + "}"));
  ASSERT_TRUE(node.shard()->wait_for_index(node.shard()->indexes().back().id));
  const std::string matching = R"([{"$match":{"g":"X"}},{"$count":"n"}])";
  const Answer by_index = aggregate(node, matching, "_default", kAll, loose);
  EXPECT_EQ(by_index.documents, R"({"n":2})");
  EXPECT_EQ(by_index.stats.index, "loose");
  EXPECT_EQ(aggregate(node, matching).documents, R"({"n":1})");
  EXPECT_EQ(aggregate(node, matching, "_default", kAll, R"({"locale":"no such"})").error.find("invalid"), 0U);
}

TEST(LocalAggregate, NoStagesAreAllDocuments) {
  TestNode node;
  node.put("a", R"({"n":1})");
  node.put("b", "{}");
  EXPECT_EQ(aggregate(node, "[]").documents, R"({"_id":"a","n":1} {"_id":"b"})");
}

}  // namespace
}  // namespace quire::engine
