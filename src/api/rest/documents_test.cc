#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

using Fields = std::vector<std::pair<std::string, std::string>>;
constexpr std::string_view kJson = "application/json";

std::string between(const std::string& text, const std::string& from, const std::string& to) {
  const std::size_t begin = text.find(from);
  if (begin == std::string::npos) return "";
  return text.substr(begin + from.size(), text.find(to, begin + from.size()) - begin - from.size());
}
std::string revision_of(const Answer& answer) { return between(answer.body, R"("_rev":")", "\""); }

TEST(Documents, PutGetDelete) {
  TestApi api;
  const Answer put = api.put(things("/a"), R"({ "n" : 1.0 })");
  EXPECT_EQ(put.status, 201U);
  EXPECT_THAT(put.body, AllOf(StartsWith(R"({"_id":"a","_rev":"1-)"), HasSubstr(R"("durable":"disk"})")));
  EXPECT_EQ(put.field("ETag"), "\"" + revision_of(put) + "\"");
  const Answer got = api.get(things("/a"));
  EXPECT_EQ(got.status, 200U);
  EXPECT_EQ(got.body, R"({"_id":"a","_rev":")" + revision_of(put) + R"(","n":1.0})");
  EXPECT_EQ(got.field("ETag"), put.field("ETag"));
  const Answer head = api.call({.method = net::Method::head, .target = things("/a")});
  EXPECT_EQ(head.field("ETag"), put.field("ETag"));
  EXPECT_EQ(api.put(things("/a"), R"({"n":2})").status, 200U) << "PUT replaces";
  const Answer removed = api.remove(things("/a"));
  EXPECT_EQ(removed.status, 200U);
  EXPECT_THAT(removed.body, StartsWith(R"({"_id":"a","_rev":"3-)"));
  EXPECT_EQ(api.get(things("/a")).status, 404U);
  EXPECT_THAT(api.get(things("/a")).body, HasSubstr(R"("field":"deleted")"));
  EXPECT_EQ(api.remove(things("/a")).status, 404U);
}

TEST(Documents, ErrorsSayWhatIsNotThere) {
  TestApi api;
  EXPECT_THAT(api.get(things("/a")).body, HasSubstr(R"("error":"not_found")"));
  EXPECT_THAT(api.get(things("/a")).body, HasSubstr(R"("field":"collection")"));
  api.put(things("/a"), "{}");
  EXPECT_THAT(api.get(things("/b")).body, HasSubstr(R"("field":"missing")"));
  EXPECT_THAT(api.get("/v1/databases/none/collections/c/documents/a").body,
              HasSubstr(R"("field":"database")"));
  EXPECT_EQ(api.put("/v1/databases/none/collections/c/documents/a", "{}").status, 404U);
}

TEST(Documents, IdsMayHoldAnything) {
  TestApi api;
  EXPECT_EQ(api.put(things("/a%2Fb%20%C3%A9%22"), R"({"n":1})").status, 201U);
  EXPECT_THAT(api.get(things("/a%2fb%20%c3%a9%22")).body, StartsWith("{\"_id\":\"a/b \u00e9\\\"\","));
  EXPECT_EQ(api.put(things("/%00"), "{}").status, 400U);
  EXPECT_EQ(api.put(things("/") + std::string(513, 'x'), "{}").status, 413U);
}

TEST(Documents, BodiesThatAreNoDocumentAreRefusedWithTheirPlace) {
  TestApi api;
  for (const std::string body :
       {"", "[]", "7", "{", R"({"a":1,"a":2})", "{\"a\":\"\xff\"}", R"({"a":"\ud800"})", R"({"_other":1})",
        R"({"_id":"b"})", R"({"_id":7})", R"({"_rev":"x"})", R"({"_deleted":true})", R"({"a":01})"}) {
    const Answer answer = api.put(things("/a"), body);
    EXPECT_EQ(answer.status, 400U) << body;
    EXPECT_THAT(answer.body, HasSubstr(R"("error":"invalid")")) << body;
  }
  EXPECT_THAT(api.put(things("/a"), R"({"x":{"y":[1,tru]}})").body, HasSubstr(R"("field":"x.y[1]")"));
  std::string deep = "1";
  for (int i = 0; i < 70; ++i) deep = "[" + deep + "]";
  const Answer answer = api.put(things("/a"), R"({"a":)" + deep + "}");
  EXPECT_EQ(answer.status, 413U);
  EXPECT_THAT(answer.body, HasSubstr(R"("limit":64)"));
}

TEST(Documents, UnknownParametersAreRefused) {
  TestApi api;
  for (const std::string& target :
       {things("/a?x=1"), things("?x=1"), std::string("/v1/databases?x=1"), std::string("/v1/status?x="),
        things("/a?conflicts=yes"), things("/a?conflicts=true&conflicts=true"), things("/a?rev=x"),
        things("?limit=-1"), things("?limit=1001")}) {
    const Answer answer = api.get(target);
    EXPECT_EQ(answer.status, 400U) << target;
    EXPECT_THAT(answer.body, HasSubstr(R"("field":")")) << target;
  }
  EXPECT_EQ(api.put(things("/a?durability=paper"), "{}").status, 400U);
}

TEST(Documents, ConditionsGuardWrites) {
  TestApi api;
  const auto put = [&](const Fields& fields, std::string_view body = "{}") {
    return api.send(net::Method::put, things("/a"), body, kJson, fields);
  };
  EXPECT_EQ(put({{"If-Match", "*"}}).status, 412U);
  EXPECT_EQ(put({{"If-Match", "\"1-abc\""}}).status, 412U);
  const Answer first = put({{"If-None-Match", "*"}});
  EXPECT_EQ(first.status, 201U);
  const Answer again = put({{"If-None-Match", "*"}});
  EXPECT_EQ(again.status, 412U);
  EXPECT_THAT(again.body,
              AllOf(HasSubstr(R"("error":"precondition")"), HasSubstr(R"("field":"If-None-Match")")));
  const Answer second = put({{"If-Match", first.field("ETag")}}, R"({"n":2})");
  EXPECT_EQ(second.status, 200U);
  EXPECT_EQ(put({{"If-Match", first.field("ETag")}}).status, 412U);
  EXPECT_EQ(put({{"If-Match", "*"}}, R"({"n":3})").status, 200U);
  EXPECT_EQ(put({}, R"({"_rev":")" + revision_of(second) + "\"}").status, 409U) << "that one has moved";
  EXPECT_EQ(put({{"If-Match", "1-abc"}}).status, 400U);
  EXPECT_EQ(put({{"If-None-Match", "\"1-abc\""}}).status, 400U);
  EXPECT_EQ(put({{"If-Match", "*"}, {"If-None-Match", "*"}}).status, 400U);
  EXPECT_EQ(put({{"If-Match", "\"1-abc\""}}, R"({"_rev":"1-abd"})").status, 400U);
  EXPECT_EQ(put({{"If-None-Match", "*"}}, R"({"_rev":"1-abd"})").status, 400U);
  const auto remove = [&](const Fields& fields, std::string behind = "") {
    return api.call({.method = net::Method::remove, .target = things("/a" + behind), .fields = fields})
        .status;
  };
  EXPECT_EQ(remove({{"If-Match", first.field("ETag")}}), 412U);
  EXPECT_EQ(remove({{"If-None-Match", "*"}}), 400U);
  EXPECT_EQ(remove({}, "?rev=" + revision_of(second)), 409U);
  EXPECT_EQ(remove({{"If-Match", api.get(things("/a")).field("ETag")}}), 200U);
  EXPECT_EQ(remove({{"If-Match", "*"}}), 412U);
}

TEST(Documents, ACopyThatIsNewEnoughIsNotSentAgain) {
  TestApi api;
  const std::string tag = api.put(things("/a"), "{}").field("ETag");
  const auto get = [&](const std::string& field) {
    return api.call({.target = things("/a"), .fields = {{"If-None-Match", field}}});
  };
  EXPECT_EQ(get(tag).status, 304U);
  EXPECT_EQ(get(tag).body, "");
  EXPECT_EQ(get("\"x\", W/" + tag).status, 304U);
  EXPECT_EQ(get("*").status, 304U);
  EXPECT_EQ(get("\"x\"").status, 200U);
  EXPECT_EQ(get("x" + tag).status, 200U);
}

TEST(Documents, PatchesOfThreeKinds) {
  TestApi api;
  api.put(things("/a"), R"({"n":1,"l":[1]})");
  EXPECT_EQ(api.patch(things("/a"), R"({"$inc":{"n":2}})").status, 200U);
  EXPECT_EQ(api.patch(things("/a"), R"({"l":null,"m":"x"})", "application/merge-patch+json").status, 200U);
  EXPECT_THAT(api.get(things("/a")).body, HasSubstr(R"("n":3,"m":"x"})"));
  EXPECT_EQ(api.patch(things("/a"), R"([{"op":"test","path":"/n","value":3},{"op":"remove","path":"/m"}])",
                      "application/json-patch+json")
                .status,
            200U);
  EXPECT_THAT(api.get(things("/a")).body, HasSubstr(R"("n":3})"));
  const Answer unchanged = api.patch(things("/a"), R"({"$set":{"n":3}})");
  EXPECT_EQ(unchanged.status, 200U);
  EXPECT_EQ(unchanged.field("ETag"), api.get(things("/a")).field("ETag"));

  EXPECT_EQ(api.patch(things("/a"), R"({"n":1})").status, 400U) << "JSON holds operators";
  EXPECT_EQ(api.patch(things("/a"), R"({"$no":{"n":1}})").status, 400U);
  EXPECT_EQ(api.patch(things("/a"), R"({"_id":"b"})", "application/merge-patch+json").status, 400U);
  const Answer failed =
      api.patch(things("/a"), R"([{"op":"test","path":"/n","value":4}])", "application/json-patch+json");
  EXPECT_EQ(failed.status, 412U);
  EXPECT_THAT(failed.body, HasSubstr(R"("field":"[0]")"));
  EXPECT_EQ(api.patch(things("/none"), R"({"$inc":{"n":2}})").status, 404U);
  const auto patch = [&](const Fields& fields) {
    return api.send(net::Method::patch, things("/a"), R"({"$inc":{"n":1}})", kJson, fields).status;
  };
  EXPECT_EQ(patch({{"If-Match", "\"1-abc\""}}), 412U);
  EXPECT_EQ(patch({{"If-None-Match", "*"}}), 400U);
  EXPECT_EQ(patch({{"If-Match", api.get(things("/a")).field("ETag")}}), 200U);
}

TEST(Documents, DurabilityIsAskedForAndTold) {
  TestApi api;
  EXPECT_THAT(api.put(things("/a"), "{}").body, HasSubstr(R"("durable":"disk")"));
  EXPECT_THAT(api.put(things("/b?durability=memory"), "{}").body, HasSubstr(R"("durable":")"));
  EXPECT_EQ(api.put(things("/c?durability=os"), "{}").status, 201U);
}

TEST(Documents, ARetryWithItsKeyIsDoneOnce) {
  TestApi api;
  const Fields key = {{"Idempotency-Key", "4711"}};
  const auto post = [&] { return api.send(net::Method::post, things(), R"({"n":1})", kJson, key); };
  const Answer first = post();
  const Answer second = post();
  EXPECT_EQ(first.body, second.body);
  EXPECT_THAT(api.get("/v1/databases/main/collections/things").body, HasSubstr(R"("documents":1)"));
  EXPECT_EQ(
      api.send(net::Method::post, things(), "{}", kJson, {{"Idempotency-Key", std::string(200, 'x')}}).status,
      413U);
  for (const std::string body : {R"({"n":2})", R"([{"n":2}])"}) {
    EXPECT_THAT(api.send(net::Method::post, things(), body, kJson, key).body,
                AllOf(HasSubstr(R"("message":"the Idempotency-Key was used for another request")"),
                      HasSubstr(R"("field":"Idempotency-Key")")));
  }
  EXPECT_EQ(api.send(net::Method::put, things("/a"), R"({"request_id":1,"request_id":2})", kJson, key)
                .body.find("Idempotency-Key"),
            std::string::npos);
}

TEST(Documents, RevisionsConflictsAndAncestorsOnRequest) {
  TestApi api;
  const std::string first = revision_of(api.put(things("/a"), R"({"n":1})"));
  const std::string second = revision_of(api.put(things("/a"), R"({"n":2})"));
  EXPECT_THAT(api.get(things("/a?rev=" + first)).body, HasSubstr(R"("n":1})"));
  EXPECT_THAT(api.get(things("/a?revs=true")).body,
              HasSubstr(R"("_revisions":[")" + second + R"(",")" + first + R"("],"n":2})"));
  EXPECT_THAT(api.get(things("/a?conflicts=true&attachments=true")).body,
              HasSubstr(R"("_conflicts":[],"_attachments":{},"n":2})"));
  engine::Change losing;
  losing.kind = engine::Change::Kind::replicate;
  losing.collection = "things";
  losing.id = "a";
  losing.body = engine::testing::body(R"({"n":3})");
  losing.path = {*document::Revision::parse("2-00000000000000000000000000000000"),
                 *document::Revision::parse(first)};
  ASSERT_TRUE(api.node.write_one(losing));
  EXPECT_THAT(api.get(things("/a?conflicts=true")).body,
              HasSubstr(R"("_conflicts":["2-00000000000000000000000000000000"])"));
  EXPECT_EQ(api.get(things("/a?rev=7-abc")).status, 404U);
  api.put(things("/empty"), "{}");
  EXPECT_THAT(api.get(things("/empty?conflicts=true")).body, HasSubstr(R"("_conflicts":[]})"));
}

TEST(Documents, PostAddsOne) {
  TestApi api;
  const Answer made = api.post(things(), R"({"n":1})");
  EXPECT_EQ(made.status, 201U);
  const std::string id = between(made.body, R"("_id":")", "\"");
  EXPECT_EQ(id.size(), 24U);
  EXPECT_EQ(made.field("Location"), things("/" + id));
  EXPECT_THAT(api.get(made.field("Location")).body, HasSubstr(R"("n":1})"));
  const Answer named = api.post(things(), R"({"_id":"a/b"})");
  EXPECT_EQ(named.field("Location"), things("/a%2Fb"));
  EXPECT_EQ(api.post(things(), R"({"_id":"a/b"})").status, 409U);
  EXPECT_THAT(api.post(things(), R"({"_id":"a/b"})").body, HasSubstr(R"("error":"exists")"));
  EXPECT_EQ(api.post(things(), R"({"_id":"a/b","_rev":")" + revision_of(named) + R"(","n":1})").status, 200U);
  EXPECT_EQ(api.post(things("?atomic=true"), "{}").status, 400U);
  EXPECT_EQ(api.post(things(), R"({"_deleted":true})").status, 400U);
}

TEST(Documents, PostTakesArraysAndLines) {
  TestApi api;
  const Answer many = api.post(things(), R"( [{"_id":"a"},{"_id":"b","_x":1},7,{"_id":"a"},{"n":1}])");
  EXPECT_EQ(many.status, 200U);
  EXPECT_THAT(many.body, StartsWith(R"({"results":[{"_id":"a","_rev":"1-)"));
  EXPECT_THAT(many.body, HasSubstr(R"("field":"documents[1]._x"})"));
  EXPECT_THAT(many.body, HasSubstr(R"({"error":"invalid")"));
  EXPECT_THAT(many.body, HasSubstr(R"({"error":"conflict")"));
  EXPECT_THAT(many.body, HasSubstr(R"("durable":"disk"})"));
  EXPECT_THAT(api.get("/v1/databases/main/collections/things").body, HasSubstr(R"("documents":2)"));
  const Answer lines =
      api.post(things(), "{\"_id\":\"x\"}\n\n{\"_id\":\"y\"}\r\n{\"_id\":\"a\",\"_deleted\":true}",
               "application/x-ndjson");
  EXPECT_THAT(lines.body,
              AllOf(HasSubstr(R"("_id":"x")"), HasSubstr(R"("_id":"y")"), Not(HasSubstr("error"))));
  EXPECT_EQ(api.get(things("/a")).status, 404U);
  EXPECT_EQ(api.post(things(), "[").status, 400U);
  EXPECT_EQ(api.post(things(), "[]").body, R"({"results":[],"durable":"disk"})");
}

TEST(Documents, AnAtomicBulkIsAllOrNothing) {
  TestApi api;
  api.put(things("/there"), "{}");
  for (const std::string body : {R"([{"_id":"a"},{"_id":"there"}])", R"([{"_id":"a"},{"_x":1}])"}) {
    const Answer answer = api.post(things("?atomic=true"), body);
    EXPECT_GE(answer.status, 400U);
    EXPECT_THAT(answer.body, HasSubstr(R"("field":"documents[1])")) << body;
    EXPECT_EQ(api.get(things("/a")).status, 404U);
  }
  EXPECT_THAT(api.post("/v1/databases/main/collections/_x/documents?atomic=true", R"([{"_id":"a"}])").body,
              HasSubstr(R"("field":"collection")"));
  EXPECT_EQ(api.post(things("?atomic=true"), R"([{"_id":"a"},{"_id":"b"}])").status, 200U);
  EXPECT_EQ(api.get(things("/b")).status, 200U);
}

TEST(Documents, ListsInPages) {
  TestApi api;
  for (const std::string id : {"a", "b1", "b2", "b3", "c"}) api.put(things("/" + id), "{}");
  const auto ids = [&](const std::string& query) {
    const std::string body = api.get(things(query)).body;
    std::string all;
    for (std::size_t at = body.find(R"("_id":")"); at != std::string::npos;
         at = body.find(R"("_id":")", at + 1)) {
      all += body.substr(at + 7, body.find('"', at + 7) - at - 7) + " ";
    }
    const std::string next = between(body, R"("next":")", "\"");
    return all + (next.empty() ? "" : "-> " + next);
  };
  EXPECT_EQ(ids(""), "a b1 b2 b3 c ");
  EXPECT_EQ(ids("?limit=2"), "a b1 -> b1");
  EXPECT_EQ(ids("?limit=2&after=b1"), "b2 b3 -> b3");
  EXPECT_EQ(ids("?limit=2&after=b3"), "c ");
  EXPECT_EQ(ids("?descending=true&limit=2"), "c b3 -> b3");
  EXPECT_EQ(ids("?descending=true&before=b3"), "b2 b1 a ");
  EXPECT_EQ(ids("?prefix=b"), "b1 b2 b3 ");
  EXPECT_EQ(ids("?prefix=b2"), "b2 ");
  EXPECT_EQ(ids("?prefix=b&after=b1&before=b3"), "b2 ");
  EXPECT_EQ(ids("?prefix=b&descending=true&limit=1"), "b3 -> b3");
  EXPECT_EQ(ids("?after=b1&before=b3"), "b2 ");
  EXPECT_EQ(ids("?limit=0"), "");
  const Answer lines =
      api.call({.target = things("?prefix=b"), .fields = {{"Accept", "application/x-ndjson"}}});
  EXPECT_TRUE(lines.streamed);
  EXPECT_EQ(lines.content_type, "application/x-ndjson");
  EXPECT_EQ(std::count(lines.body.begin(), lines.body.end(), '\n'), 3);
  EXPECT_EQ(api.call({.target = "/v1/databases/main/collections/none/documents",
                      .fields = {{"Accept", "application/x-ndjson"}}})
                .status,
            404U)
      << "an error before the first line is an error";
}

TEST(Documents, AClientThatLeavesAListingEndsIt) {
  TestApi api;
  for (int i = 0; i < 300; ++i) {
    api.put(things("/" + std::to_string(i)), R"({"x":")" + std::string(2000, 'x') + "\"}");
  }
  auto exchange = std::make_shared<testing::FakeExchange>(testing::Request{
      .target = things(),
      .fields = {{"Accept", "application/x-ndjson"}, {"Authorization", "Bearer " + api.admin_key}}});
  exchange->stop_reading_after(1);
  api.start(*exchange);
  ASSERT_TRUE(exchange->wait_for("\n"));
  exchange->leave();
  ASSERT_TRUE(exchange->wait());
  EXPECT_TRUE(exchange->answer().aborted);
}

TEST(Documents, ALargeBodyIsWrittenToo) {
  TestApi api;
  const std::string body = R"({"x":")" + std::string(1 << 20, 'x') + "\"}";
  EXPECT_EQ(api.put(things("/a"), body).status, 201U);
  EXPECT_GT(api.get(things("/a")).body.size(), 1U << 20);
}

TEST(Documents, ABulkSaysWhatToDoAboutDocumentsThatAreThere) {
  TestApi api;
  ASSERT_EQ(api.put(things("/a"), R"({"n":1})").status, 201U);
  const std::string bulk = R"([{"_id":"a","n":2},{"_id":"b","n":2}])";
  EXPECT_THAT(api.post(things(), bulk).body, HasSubstr(R"("error":"conflict")"));
  EXPECT_THAT(api.post(things("?existing=error"), R"([{"_id":"a","n":3},{"_id":"c"}])").body,
              AllOf(HasSubstr(R"("error":"exists")"), HasSubstr(R"("_id":"c")")));
  EXPECT_THAT(api.post(things("?existing=replace"), bulk).body, Not(HasSubstr("error")));
  EXPECT_THAT(api.get(things("/a")).body, HasSubstr(R"("n":2)"));
  EXPECT_EQ(api.post(things("?existing=perhaps"), bulk).status, 400U);
  EXPECT_EQ(api.post(things("?existing=replace"), R"({"_id":"a"})").status, 400U) << "one document has PUT";
  // A removal goes by its revision where it has one, unless all are replaced.
  const std::string stale = R"([{"_id":"a","_rev":"1-00000000000000000000000000000000","_deleted":true}])";
  EXPECT_THAT(api.post(things("?existing=error"), stale).body, HasSubstr(R"("error":"conflict")"));
  EXPECT_THAT(api.post(things("?existing=replace"), stale).body, Not(HasSubstr("error")));
  EXPECT_EQ(api.get(things("/a")).status, 404U);
}

}  // namespace
}  // namespace quire::api::rest
