#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "api/testing/test_api.h"

namespace quire::api {
namespace {

using testing::Answer;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using testing::TestApi;

const std::string kAggregated = "/v1/databases/main/collections/things";

void fill(TestApi& api, int count) {
  std::string lines;
  for (int i = 0; i < count; ++i) {
    lines += "{\"_id\":\"d" + std::to_string(i) + "\",\"n\":" + std::to_string(i % 5) +
             ",\"i\":" + std::to_string(i) + "}\n";
  }
  ASSERT_EQ(api.post(kAggregated + "/documents", lines, "application/x-ndjson").status, 200U);
}

Answer lines(TestApi& api, const std::string& body) {
  return api.send(net::Method::post, kAggregated + "/aggregate", body, "application/json",
                  {{"Accept", "application/x-ndjson"}});
}

TEST(Aggregate, AnswersWhatAPipelineMakes) {
  TestApi api;
  fill(api, 12);
  const Answer answer = api.post(
      kAggregated + "/aggregate",
      R"({"pipeline":[{"$match":{"n":{"$gte":3}}},{"$group":{"_id":"$n","s":{"$sum":"$i"}}},{"$sort":{"_id":1}}]})");
  EXPECT_EQ(answer.status, 200U);
  EXPECT_THAT(
      answer.body,
      StartsWith(R"({"documents":[{"_id":3,"s":11},{"_id":4,"s":13}],"stats":{"returned":2,"scanned":12,)"));
}

TEST(Aggregate, StreamsLines) {
  TestApi api;
  fill(api, 1500);
  const Answer answer = lines(api, R"({"pipeline":[{"$match":{"n":1}},{"$project":{"i":1}}]})");
  EXPECT_TRUE(answer.streamed);
  EXPECT_EQ(answer.content_type, "application/x-ndjson");
  EXPECT_EQ(std::count(answer.body.begin(), answer.body.end(), '\n'), 300);
}

TEST(Aggregate, SaysWhatIsWrong) {
  TestApi api;
  fill(api, 2);
  const std::string wrong = R"({"pipeline":[{"$match":{}},{"$project":{"total":{"$foo":1}}}]})";
  for (const Answer& answer : {api.post(kAggregated + "/aggregate", wrong), lines(api, wrong)}) {
    EXPECT_EQ(answer.status, 400U);
    EXPECT_THAT(answer.body, HasSubstr(R"("field":"pipeline[1].$project.total.$foo")"));
  }
  const auto field = [&](const std::string& stage) {
    const std::string body = api.post(kAggregated + "/aggregate", R"({"pipeline":[)" + stage + "]}").body;
    const std::size_t at = body.find(R"("field":")");
    return at == std::string::npos ? body : body.substr(at + 9, body.find('"', at + 9) - at - 9);
  };
  EXPECT_EQ(field(R"({"$match":{"n":{"$in":[{"$numberLong":"x"}]}}})"), "pipeline[0].$match.n.$in[0]");
  EXPECT_EQ(field(R"({"$set":{"x":{"$range":[0,100000000]}}})"), "pipeline[0].$set.x.$range");
  EXPECT_EQ(api.post(kAggregated + "/aggregate", R"({"stages":[]})").status, 400U);
  EXPECT_EQ(api.post(kAggregated + "/aggregate", R"({"pipeline":[1]})").status, 400U);
  const Answer none =
      api.post(kAggregated + "/aggregate", R"({"pipeline":[{"$match":{}}],"collation":{"locale":"none"}})");
  EXPECT_EQ(none.status, 400U);
  EXPECT_THAT(none.body, HasSubstr(R"("field":"collation.locale")"));
}

TEST(Aggregate, NoStagesAreAllDocuments) {
  TestApi api;
  fill(api, 2);
  EXPECT_EQ(api.post(kAggregated + "/aggregate", R"({"pipeline":[]})").body.find(R"({"documents":[{"_id":)"),
            0U);
}

TEST(Aggregate, MoreThanAnAnswerHoldsIsForLines) {
  TestApi api;
  fill(api, 3);
  const std::string doubled = R"({"$set":{"s":{"$concat":["$s","$s"]}}})";
  std::string stages = R"({"$set":{"s":"01234567"}})";
  for (int i = 0; i < 19; ++i) stages += "," + doubled;
  stages += R"(,{"$unset":"n"})";
  const std::string body =
      R"({"pipeline":[)" + stages + "," + R"({"$unionWith":{"coll":"things","pipeline":[)" + stages + "]}}]}";
  const Answer page = api.post(kAggregated + "/aggregate", body);
  EXPECT_EQ(page.status, 413U);
  EXPECT_THAT(page.body, HasSubstr("x-ndjson"));
  EXPECT_GT(lines(api, body).body.size(), 24U << 20);
}

}  // namespace
}  // namespace quire::api
