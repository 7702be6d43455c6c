#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "api/testing/test_api.h"

namespace quire::api::rest {
namespace {

using ::testing::AllOf;
using testing::Answer;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using testing::TestApi;
using testing::things;

const std::string kQueried = "/v1/databases/main/collections/things";

void fill(TestApi& api, int count) {
  std::string lines;
  for (int i = 0; i < count; ++i) {
    lines += "{\"_id\":\"d" + std::to_string(100 + i) + "\",\"n\":" + std::to_string(i % 5) +
             ",\"i\":" + std::to_string(i) + "}\n";
  }
  ASSERT_EQ(api.post(things(), lines, "application/x-ndjson").status, 200U);
}

std::string next_page_of(const Answer& answer) {
  const std::size_t at = answer.body.find(R"("next":")");
  if (at == std::string::npos) return {};
  return answer.body.substr(at + 8, answer.body.find('"', at + 8) - at - 8);
}

TEST(Query, AnswersAPageAndWhatItTook) {
  TestApi api;
  fill(api, 12);
  const Answer answer = api.post(
      kQueried + "/query", R"({"filter":{"n":{"$gte":3}},"sort":{"i":-1},"projection":{"i":1},"limit":2.0})");
  EXPECT_EQ(answer.status, 200U);
  EXPECT_THAT(answer.body,
              AllOf(StartsWith(R"({"documents":[{"_id":"d109","i":9},{"_id":"d108","i":8}],"next":")"),
                    HasSubstr(R"("stats":{"returned":2,"scanned":12,)"), HasSubstr(R"("advice":")")));
  const Answer second =
      api.post(kQueried + "/query",
               R"({"filter":{"n":{"$gte":3}},"sort":{"i":-1},"projection":{"i":1},"limit":9,"cursor":")" +
                   next_page_of(answer) + "\"}");
  EXPECT_THAT(second.body,
              StartsWith(R"({"documents":[{"_id":"d104","i":4},{"_id":"d103","i":3}],"stats":)"));
}

TEST(Query, AnEmptyBodyFindsAHundred) {
  TestApi api;
  fill(api, 120);
  const Answer answer = api.post(kQueried + "/query", "{}");
  EXPECT_EQ(std::count(answer.body.begin(), answer.body.end(), '{'), 102);
  EXPECT_NE(next_page_of(answer), "");
}

TEST(Query, RefusesWhatItDoesNotKnow) {
  TestApi api;
  fill(api, 1);
  const auto refused = [&](const std::string& body, const std::string& field) {
    const Answer answer = api.post(kQueried + "/query", body);
    EXPECT_EQ(answer.status, 400U) << body;
    EXPECT_THAT(answer.body, HasSubstr("\"field\":\"" + field + "\"")) << body;
  };
  refused(R"({"filters":{}})", "filters");
  refused(R"({"filter":[]})", "filter");
  refused(R"({"filter":{"a":{"$no":1}}})", "filter.a.$no");
  refused(R"({"filter":{"a":{"$lt":{"$date":"2018-03-20"}}}})", "filter.a.$lt");
  refused(R"({"projection":{"a":{"$elemMatch":{"$gt":{"$numberInt":"x"}}}}})", "projection.a.$elemMatch.$gt");
  refused(R"({"sort":{"a":"up"}})", "sort.a");
  refused(R"({"projection":{"a":1,"b":0}})", "projection.b");
  refused(R"({"limit":0})", "limit");
  refused(R"({"limit":1.5})", "limit");
  refused(R"({"limit":-1.0})", "limit");
  refused(R"({"limit":1001})", "limit");
  refused(R"({"explain":"perhaps"})", "explain");
  refused(R"({"hint":"by_x"})", "hint");
  refused(R"({"cursor":"AAAA"})", "cursor");
  EXPECT_EQ(api.post("/v1/databases/main/collections/none/query", "{}").status, 404U);
  EXPECT_EQ(api.post(kQueried + "/query", "{", "application/json").status, 400U);
}

TEST(Query, StreamsLines) {
  TestApi api;
  fill(api, 1500);
  const Answer answer = api.send(net::Method::post, kQueried + "/query", R"({"filter":{"n":1}})",
                                 "application/json", {{"Accept", "application/x-ndjson"}});
  EXPECT_TRUE(answer.streamed);
  EXPECT_EQ(answer.content_type, "application/x-ndjson");
  EXPECT_EQ(std::count(answer.body.begin(), answer.body.end(), '\n'), 300);
  const Answer wrong = api.send(net::Method::post, kQueried + "/query", R"({"filter":{"$no":1}})",
                                "application/json", {{"Accept", "application/x-ndjson"}});
  EXPECT_EQ(wrong.status, 400U);
}

TEST(Query, LinesThatBreakOffEndWithTheError) {
  TestApi api;
  std::string documents;
  for (int i = 0; i < 40; ++i) {
    documents += "{\"n\":1,\"text\":\"" + std::string(100'000, 'x') + "\"}\n";
  }
  ASSERT_EQ(api.post(things(), documents, "application/x-ndjson").status, 200U);
  const Answer answer =
      api.send(net::Method::post, kQueried + "/query", R"({"filter":{"n":1},"scanLimit":30})",
               "application/json", {{"Accept", "application/x-ndjson"}});
  EXPECT_EQ(answer.status, 200U);
  EXPECT_TRUE(answer.aborted) << "no client takes it for whole";
  ASSERT_TRUE(answer.body.ends_with("}\n"));
  const std::size_t last = answer.body.rfind('\n', answer.body.size() - 2);
  EXPECT_THAT(answer.body.substr(last + 1),
              AllOf(StartsWith(R"({"error":"exhausted","message":")"), HasSubstr(R"("field":"scanLimit")"),
                    HasSubstr(R"("limit":30,"id":")")));
  EXPECT_THAT(api.log.lines(),
              ::testing::Contains(AllOf(HasSubstr("an answer broke off"), HasSubstr("scanLimit"))));
}

TEST(Query, Explains) {
  TestApi api;
  fill(api, 10);
  const Answer plan = api.post(kQueried + "/query", R"({"filter":{"n":1},"explain":"plan"})");
  EXPECT_THAT(plan.body, AllOf(HasSubstr("all documents"), HasSubstr("advice"), Not(HasSubstr("rows"))));
  const Answer run = api.post(kQueried + "/query", R"({"filter":{"_id":"d101"},"explain":"run"})");
  EXPECT_THAT(run.body, AllOf(HasSubstr("ids"), HasSubstr("1 rows")));
}

TEST(Query, ATooDearOneIsRefusedWithTheBound) {
  TestApi api;
  fill(api, 30);
  const Answer answer = api.post(kQueried + "/query", R"({"filter":{"n":1},"scanLimit":10})");
  EXPECT_EQ(answer.status, 503U);
  EXPECT_THAT(answer.body, AllOf(HasSubstr(R"("error":"exhausted")"), HasSubstr(R"("limit":10)"),
                                 HasSubstr(R"("field":"scanLimit")"), HasSubstr("its scanLimit allows"),
                                 HasSubstr(R"({\"keys\":[{\"n\":1}]})")));
}

TEST(Count, CountsAndDistinctTellsValues) {
  TestApi api;
  fill(api, 12);
  EXPECT_EQ(api.post(kQueried + "/count", "{}").body, R"({"count":12})");
  EXPECT_EQ(api.post(kQueried + "/count", R"({"filter":{"n":{"$lt":2}},"skip":1})").body, R"({"count":5})");
  EXPECT_EQ(api.post(kQueried + "/count", R"({"sort":{"n":1}})").status, 400U);
  EXPECT_EQ(api.post(kQueried + "/distinct", R"({"path":"n","filter":{"i":{"$gt":6}}})").body,
            R"({"values":[0,1,2,3,4]})");
  EXPECT_EQ(api.post(kQueried + "/distinct", "{}").status, 400U);
  EXPECT_EQ(api.post(kQueried + "/distinct", R"({"path":""})").status, 400U);
}

TEST(Indexes, AreMadeShownUsedAndDropped) {
  TestApi api;
  fill(api, 50);
  const std::string index = kQueried + "/indexes/by_n";
  EXPECT_EQ(api.get(index).status, 404U);
  EXPECT_EQ(api.put(index, R"({"keys":[{"n":1}]})").status, 201U);
  Answer shown = api.get(index);
  for (int i = 0; i < 1000 && shown.body.find("ready") == std::string::npos; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    shown = api.get(index);
  }
  EXPECT_THAT(shown.body, AllOf(StartsWith(R"({"name":"by_n","definition":{"keys":[{"n":1}])"),
                                HasSubstr(R"("state":"ready")")));
  EXPECT_THAT(api.get(kQueried + "/indexes").body, StartsWith(R"({"indexes":[{"name":"by_n")"));
  EXPECT_THAT(api.post(kQueried + "/query", R"({"filter":{"n":2}})").body, HasSubstr(R"("index":"by_n")"));
  EXPECT_EQ(api.put(index, R"({"keys":[{"n":-1}]})").status, 409U);
  EXPECT_EQ(api.put(kQueried + "/indexes/other", R"({"keys":[{"n":2}]})").status, 400U);
  EXPECT_THAT(api.put(kQueried + "/indexes/other",
                      R"({"keys":[{"n":1}],"partial":{"at":{"$gt":{"$date":"2018-03-20"}}}})")
                  .body,
              HasSubstr(R"("field":"partial.at.$gt")"));
  EXPECT_EQ(api.remove(index).status, 200U);
  EXPECT_EQ(api.get(index).status, 404U);
}

}  // namespace
}  // namespace quire::api::rest
