#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/testing/test_api.h"

namespace quire::api::rest {
namespace {

using testing::Answer;
using ::testing::HasSubstr;
using testing::TestApi;
using testing::things;

class TransactionsRestTest : public ::testing::Test {
 protected:
  Answer run(const std::string& operations) {
    return api_.post("/v1/databases/main/transactions", R"({"operations":)" + operations + "}");
  }
  // "400 operations[1].update.filter": what is wrong, and where.
  std::string refusal(const std::string& operations) {
    const Answer answer = run(operations);
    const std::size_t at = answer.body.find(R"("field":")");
    if (at == std::string::npos) return std::to_string(answer.status);
    const std::size_t begin = at + 9;
    return std::to_string(answer.status) + " " +
           answer.body.substr(begin, answer.body.find('"', begin) - begin);
  }
  std::string text(const std::string& id) { return api_.get(things("/" + id)).body; }

  TestApi api_;
};

TEST_F(TransactionsRestTest, OperationsAreDoneTogether) {
  ASSERT_EQ(api_.put(things("/a"), R"({"n":1})").status, 201U);
  const Answer done = run(R"([
    {"update": {"collection": "things", "id": "a", "update": {"$inc": {"n": 1}}}},
    {"insert": {"collection": "things", "document": {"_id": "b", "n": 5}}},
    {"update": {"collection": "things", "filter": {"n": {"$lt": 0}}, "update": {"$set": {"n": 0}}}}])");
  EXPECT_EQ(done.status, 404U) << done.body;
  EXPECT_THAT(done.body, HasSubstr(R"("field":"operations[2].update.filter")"));
  const Answer again = run(R"([
    {"update": {"collection": "things", "id": "a", "update": {"$inc": {"n": 1}}}},
    {"insert": {"collection": "things", "document": {"_id": "b", "n": 5}}},
    {"check": {"collection": "things", "id": "a", "filter": {"n": 2}}},
    {"replace": {"collection": "things", "document": {"_id": "b", "m": 6}}},
    {"insert": {"document": {"n": 7}}}])");
  ASSERT_EQ(again.status, 200U) << again.body;
  EXPECT_THAT(again.body, HasSubstr(R"("results":[{"_id":"a","_rev":"2-)"));
  EXPECT_THAT(again.body, HasSubstr(R"("durable":"disk")"));
  EXPECT_THAT(text("a"), HasSubstr(R"("n":2)"));
  EXPECT_THAT(text("b"), HasSubstr(R"("m":6)"));
  EXPECT_EQ(run(R"([{"delete":{"collection":"things","filter":{"m":6}}}])").status, 200U);
  EXPECT_EQ(api_.get(things("/b")).status, 404U);
}

TEST_F(TransactionsRestTest, AnOperationTakesACollation) {
  ASSERT_EQ(api_.put(things("/a"), R"({"s":"x"})").status, 201U);
  ASSERT_EQ(api_.put(things("/b"), R"({"s":"y"})").status, 201U);
  EXPECT_EQ(refusal(R"([{"delete":{"collection":"things","filter":{"s":"Y"}}}])"),
            "404 operations[0].delete.filter");
  const Answer done = run(R"([
    {"check": {"collection": "things", "id": "a", "filter": {"s": "X"}, "collation": {"locale":"en","strength":1}}},
    {"update": {"collection": "things", "filter": {"s": "X"}, "update": {"$set": {"n": 1}},
                "collation": {"locale":"en","strength":1}}},
    {"delete": {"collection": "things", "filter": {"s": "Y"}, "collation": {"locale":"en","strength":1}}}])");
  ASSERT_EQ(done.status, 200U) << done.body;
  EXPECT_THAT(text("a"), HasSubstr(R"("n":1)"));
  EXPECT_EQ(run(R"([{"replace":{"collection":"things","filter":{"s":"X"},"document":{"m":1},
                                "collation":{"locale":"en","strength":1}}}])")
                .status,
            200U);
  EXPECT_THAT(text("a"), HasSubstr(R"("m":1)"));
  EXPECT_EQ(refusal(R"([{"check":{"collection":"things","id":"a","filter":{},"collation":"en"}}])"),
            "400 operations[0].check.collation.locale");
  EXPECT_EQ(refusal(R"([{"insert":{"document":{},"collation":{"locale":"en"}}}])"),
            "400 operations[0].insert.collation");
}

TEST_F(TransactionsRestTest, WhatIsWrongIsNamed) {
  ASSERT_EQ(api_.put(things("/a"), R"({"n":1})").status, 201U);
  EXPECT_EQ(refusal("[]"), "400 operations");
  EXPECT_EQ(refusal("{}"), "400 operations");
  EXPECT_EQ(refusal("[5]"), "400 operations[0]");
  EXPECT_EQ(refusal(R"([{"move":{}}])"), "400 operations[0].move");
  EXPECT_EQ(refusal(R"([{"insert":{}}])"), "400 operations[0].insert.document");
  EXPECT_EQ(refusal(R"([{"insert":{"document":{},"id":"x"}}])"), "400 operations[0].insert.id");
  EXPECT_EQ(refusal(R"([{"insert":{"document":{"_x":1}}}])"), "400 operations[0].insert.document._x");
  EXPECT_EQ(refusal(R"([{"delete":{}}])"), "400 operations[0].delete.id");
  EXPECT_EQ(refusal(R"([{"delete":{"id":"a","filter":{}}}])"), "400 operations[0].delete.filter");
  EXPECT_EQ(refusal(R"([{"delete":{"id":"a","rev":"x"}}])"), "400 operations[0].delete.rev");
  EXPECT_EQ(refusal(R"([{"check":{"id":"a"}}])"), "400 operations[0].check");
  EXPECT_EQ(refusal(R"([{"update":{"id":"a"}}])"), "400 operations[0].update.update");
  EXPECT_EQ(refusal(R"([{"update":{"id":"a","update":{"n":1}}}])"), "400 operations[0].update.update.n");
  EXPECT_EQ(refusal(R"([{"update":{"collection":"things","id":"a","update":{"$push":{"n":1}}}}])"),
            "400 operations[0].update.update.n");
  EXPECT_EQ(refusal(R"([{"update":{"id":"a","update":{"$set":{"v.$[x]":1}},"arrayFilters":[{"y":1}]}}])"),
            "400 operations[0].update.update.v.$[x]");
  EXPECT_EQ(refusal(R"([{"check":{"collection":"things","id":"a","filter":{"n":2}}}])"),
            "409 operations[0].check");
  EXPECT_EQ(refusal(R"([{"check":{"collection":"things","id":"a","rev":"1-ff"}}])"),
            "409 operations[0].check");
  EXPECT_EQ(refusal(R"([{"replace":{"collection":"things","id":"b","document":{"_id":"c"}}}])"),
            "400 operations[0].replace.document._id");
}

TEST_F(TransactionsRestTest, ARetryIsAnsweredAsTheFirst) {
  const auto once = [&] {
    return api_.send(net::Method::post, "/v1/databases/main/transactions",
                     R"({"operations":[{"insert":{"collection":"things","document":{"n":1}}}]})",
                     "application/json", {{"Idempotency-Key", "k1"}});
  };
  const Answer first = once();
  const Answer second = once();
  ASSERT_EQ(first.status, 200U) << first.body;
  EXPECT_EQ(first.body, second.body);
  const Answer other = api_.send(net::Method::post, "/v1/databases/main/transactions",
                                 R"({"operations":[{"insert":{"collection":"things","document":{"n":2}}}]})",
                                 "application/json", {{"Idempotency-Key", "k1"}});
  EXPECT_THAT(other.body, ::testing::HasSubstr(R"("field":"Idempotency-Key")"));
}

}  // namespace
}  // namespace quire::api::rest
