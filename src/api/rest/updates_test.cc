#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "api/testing/test_api.h"

namespace quire::api::rest {
namespace {

using testing::Answer;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using testing::TestApi;
using testing::things;

const std::string kUpdated = "/v1/databases/main/collections/things";

class UpdatesRestTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (int i = 0; i < 4; ++i)
      ASSERT_EQ(api_.put(things("/d" + std::to_string(i)), R"({"n":)" + std::to_string(i) + "}").status,
                201U);
  }
  Answer post(const std::string& verb, const std::string& body) {
    return api_.post(kUpdated + "/" + verb, body);
  }

  TestApi api_;
};

TEST_F(UpdatesRestTest, UpdateChangesWhatTheFilterFinds) {
  Answer done = post("update", R"({"filter":{"n":{"$gte":2}},"update":{"$inc":{"n":10}},"many":true})");
  ASSERT_EQ(done.status, 200U) << done.body;
  EXPECT_THAT(done.body,
              StartsWith(R"({"matched":2,"modified":2,"durable":"disk","stats":{"returned":2,"scanned":4)"));
  EXPECT_THAT(api_.get(things("/d3")).body, HasSubstr(R"("n":13)"));
  done = post("update", R"({"filter":{"_id":"new","k":1},"update":{"$set":{"n":5}},"upsert":true})");
  EXPECT_THAT(done.body, StartsWith(R"({"matched":0,"modified":0,"upserted":"new")"));
  EXPECT_THAT(api_.get(things("/new")).body, HasSubstr(R"("k":1,"n":5)"));
}

TEST_F(UpdatesRestTest, WhatIsWrongIsNamed) {
  EXPECT_THAT(post("update", "{}").body, HasSubstr(R"("field":"update")"));
  EXPECT_THAT(post("update", R"({"update":{"$set":{"n":1}},"more":1})").body, HasSubstr(R"("field":"more")"));
  EXPECT_THAT(post("update", R"({"filter":{"n":{"$no":1}},"update":{"$set":{"n":1}}})").body,
              HasSubstr(R"("field":"filter.n.$no")"));
  EXPECT_THAT(post("update", R"({"update":{"$set":5}})").body, HasSubstr(R"("field":"update.$set")"));
  EXPECT_THAT(post("update", R"({"update":{"$set":{"at":{"$date":"2018-03-20"}}}})").body,
              HasSubstr(R"("field":"update.at")"));
  EXPECT_THAT(post("delete", "{}").body, HasSubstr(R"("field":"filter")"));
  EXPECT_THAT(post("find-and-modify", "{}").body, HasSubstr(R"("field":"update")"));
  const Answer keyed = api_.send(net::Method::post, kUpdated + "/update", R"({"update":{"$set":{"n":1}}})",
                                 "application/json", {{"Idempotency-Key", "k"}});
  EXPECT_EQ(keyed.status, 400U);
  EXPECT_EQ(api_.post("/v1/databases/main/collections/none/update", R"({"update":{"$set":{"n":1}}})").status,
            404U);
}

TEST_F(UpdatesRestTest, AnErrorSaysHowFarItCame) {
  ASSERT_EQ(api_.put(things("/d9"), R"({"n":"text"})").status, 201U);
  const Answer failed = post("update", R"({"update":{"$inc":{"n":1}},"many":true})");
  EXPECT_EQ(failed.status, 400U);
  EXPECT_THAT(failed.body, HasSubstr(R"("field":"update.n")"));
  EXPECT_THAT(failed.body, HasSubstr(R"("matched":4,"modified":4)"));
}

TEST_F(UpdatesRestTest, DeleteAndFindAndModify) {
  Answer done =
      post("find-and-modify", R"({"filter":{"n":{"$lt":3}},"sort":{"n":-1},"update":{"$inc":{"n":5}},
                                            "after":true})");
  ASSERT_EQ(done.status, 200U) << done.body;
  EXPECT_EQ(done.body, R"({"document":{"_id":"d2","n":7},"durable":"disk"})");
  done = post("find-and-modify", R"({"filter":{"n":99},"remove":true})");
  EXPECT_EQ(done.body, R"({"document":null,"durable":"disk"})");
  EXPECT_THAT(post("delete", R"({"filter":{"n":{"$lt":2}},"many":true})").body,
              StartsWith(R"({"deleted":2,"durable":"disk")"));
  EXPECT_EQ(api_.get(things("/d0")).status, 404U);
}

TEST_F(UpdatesRestTest, ASchemaHoldsNewDocumentsAndTellsOfOldOnes) {
  EXPECT_EQ(api_.get(kUpdated + "/schema").status, 404U);
  const Answer wrong = api_.put(kUpdated + "/schema", R"({"schema":{"type":"strange"}})");
  EXPECT_EQ(wrong.status, 400U);
  EXPECT_THAT(wrong.body, HasSubstr(R"("field":"schema/type")"));
  const Answer set = api_.put(
      kUpdated + "/schema",
      R"({"schema":{"required":["n"],"properties":{"n":{"type":"integer","maximum":2},"m":{"type":"string"}}}})");
  ASSERT_EQ(set.status, 200U) << set.body;
  Answer report = api_.get(kUpdated + "/schema");
  for (int i = 0; i < 500 && report.body.find(R"("state":"done")") == std::string::npos; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    report = api_.get(kUpdated + "/schema");
  }
  EXPECT_THAT(report.body, HasSubstr(R"("mode":"strict","refused":0,"warned":0,)"));
  EXPECT_THAT(report.body,
              HasSubstr(R"("documents":{"state":"done","checked":4,"total":4,"misfits":1,"first":[)"
                        R"({"_id":"d3","path":"n","rule":"maximum"}]})"));

  const Answer refused = api_.put(things("/x"), R"({"n":7,"m":7})");
  EXPECT_EQ(refused.status, 400U);
  EXPECT_THAT(refused.body, HasSubstr(R"("error":"invalid")"));
  EXPECT_THAT(refused.body, HasSubstr(R"("field":"n")"));
  EXPECT_THAT(refused.body, HasSubstr(R"("violations":[{"path":"n","rule":"maximum","message":)"));
  EXPECT_THAT(refused.body, HasSubstr(R"({"path":"m","rule":"type")"));
  EXPECT_EQ(api_.patch(things("/d1"), R"({"$set":{"n":9}})").status, 400U);
  EXPECT_EQ(api_.put(things("/d3"), R"({"n":1})").status, 200U);
  const Answer many = api_.post(things(), R"([{"n":1},{"n":8}])");
  EXPECT_THAT(many.body, HasSubstr(R"("field":"documents[1].n")"));
  const Answer transaction =
      api_.post("/v1/databases/main/transactions",
                R"({"operations":[{"insert":{"collection":"things","document":{"n":8}}}]})");
  EXPECT_EQ(transaction.status, 400U);
  EXPECT_THAT(transaction.body, HasSubstr(R"("field":"operations[0].insert.n")"));
  EXPECT_THAT(transaction.body, HasSubstr(R"("violations":[)"));
  const Answer updated = post("update", R"({"update":{"$inc":{"n":1}},"filter":{"_id":"d2"}})");
  EXPECT_EQ(updated.status, 400U);
  EXPECT_THAT(updated.body, HasSubstr(R"("violations":[)"));

  ASSERT_EQ(api_.put(kUpdated + "/schema", R"({"schema":{"required":["z"]},"mode":"warn"})").status, 200U);
  EXPECT_EQ(api_.put(things("/x"), R"({"n":7})").status, 201U);
  EXPECT_THAT(api_.get(kUpdated + "/schema").body, HasSubstr(R"("mode":"warn","refused":0,"warned":1,)"));
  EXPECT_EQ(api_.remove(kUpdated + "/schema").status, 200U);
  EXPECT_EQ(api_.remove(kUpdated + "/schema").status, 404U);
  EXPECT_EQ(api_.put(things("/y"), R"({"n":7})").status, 201U);
}

}  // namespace
}  // namespace quire::api::rest
