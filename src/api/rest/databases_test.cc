#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/testing/test_api.h"

namespace quire::api::rest {
namespace {

using ::testing::AllOf;
using testing::Answer;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::TestApi;

TEST(DatabasesOverHttp, AreMadeShownAndRemoved) {
  TestApi api;
  EXPECT_EQ(api.put("/v1/databases/other", "{}").status, 201U);
  const Answer made = api.call({.method = net::Method::put, .target = "/v1/databases/third"});
  EXPECT_EQ(made.status, 201U);
  EXPECT_THAT(made.body, AllOf(HasSubstr(R"("name":"third")"), HasSubstr(R"("id":")")));
  EXPECT_EQ(api.put("/v1/databases/other", "{}").status, 409U);
  EXPECT_EQ(api.put("/v1/databases/x", "[]").status, 400U);
  EXPECT_THAT(api.get("/v1/databases").body,
              AllOf(HasSubstr(R"("name":"main")"), HasSubstr(R"("name":"other")")));
  const Answer shown = api.get("/v1/databases/main");
  EXPECT_THAT(shown.body, AllOf(HasSubstr(R"("name":"main")"), HasSubstr(R"("documents":0)"),
                                HasSubstr(R"("position":")"), HasSubstr(R"("diskBytes":)")));
  const Answer removed = api.remove("/v1/databases/other");
  EXPECT_EQ(removed.status, 200U);
  EXPECT_EQ(removed.body, R"({"durable":"disk"})");
  EXPECT_EQ(api.remove("/v1/databases/other").status, 404U);
  EXPECT_EQ(api.get("/v1/databases/other").status, 404U);
  EXPECT_EQ(api.get("/v1/databases/nobody:main").status, 404U) << "an owner's database is another one";
}

// What a backup holds is seen over a server with a disk (tests/behaviour/serve.yaml); here, what a name may
// be.
TEST(BackupsOverHttp, GoWhereTheServerSaysAndNowhereElse) {
  const auto put = [](TestApi& api, const std::string& name) {
    return api.call({.method = net::Method::put, .target = "/v1/backups/" + name});
  };
  TestApi without;
  EXPECT_EQ(put(without, "monday").status, 412U);
  Options options;
  options.backups = "/dev/null";
  TestApi api(std::move(options));
  for (const std::string name : {"..", ".hidden", "a%2Fb", "%2Fetc", "a%00", "a%20b", "%C3%A4"}) {
    EXPECT_EQ(put(api, name).status, 400U) << name;
  }
  EXPECT_EQ(put(api, std::string(129, 'a')).status, 413U);
}

TEST(DatabasesOverHttp, AreNamedByTheirIdsToo) {
  TestApi api;
  const auto info = *api.node.catalog.create("other", "ada", {});
  const std::string by_id = "/v1/databases/" + info.id;
  const std::string document = "/collections/things/documents/a";
  EXPECT_EQ(api.put(by_id + document, R"({"n":1})").status, 201U);
  EXPECT_THAT(api.get("/v1/databases/ada:other" + document).body, HasSubstr(R"("n":1)"));
  EXPECT_EQ(api.get("/v1/databases/main" + document).status, 404U);
  const Answer shown = api.get(by_id);
  EXPECT_THAT(shown.body, AllOf(HasSubstr(info.id), HasSubstr(R"("name":"other","owner":"ada")")));
  EXPECT_THAT(api.get(by_id + "/changes").body, HasSubstr(R"("id":"a")"));
  EXPECT_EQ(api.patch(by_id, R"({"historyMs":5})").status, 200U);
  EXPECT_EQ(api.put(by_id, "{}").status, 409U) << "it is there, and no new one gets an id for a name";
  EXPECT_EQ(api.get("/v1/databases/0123456789abcdef").status, 404U);
  EXPECT_EQ(api.remove(by_id).status, 200U);
  EXPECT_EQ(api.get(by_id).status, 404U);
  EXPECT_EQ(api.get("/v1/databases/ada:other").status, 404U);
}

TEST(DatabasesOverHttp, HaveSettings) {
  TestApi api;
  const std::string at = "/v1/databases/main";
  EXPECT_THAT(api.get(at).body, HasSubstr(R"("historyMs":86400000,"historyBytes":2097152)"));
  const Answer changed = api.patch(at, R"({"historyMs":3600000})");
  EXPECT_EQ(changed.status, 200U);
  EXPECT_THAT(changed.body, AllOf(HasSubstr(R"("name":"main")"),
                                  HasSubstr(R"("historyMs":3600000,"historyBytes":2097152)")));
  EXPECT_EQ(api.patch(at, R"({"historyBytes":0})").status, 200U);
  EXPECT_EQ(api.patch(at, "{}").status, 200U);
  EXPECT_THAT(api.get(at).body, HasSubstr(R"("historyMs":3600000,"historyBytes":0)"));
  EXPECT_THAT(api.put("/v1/databases/short", R"({"historyMs":0})").body, HasSubstr(R"("historyMs":0)"));
  EXPECT_THAT(api.get("/v1/databases").body, HasSubstr(R"("historyMs":0)"));
  EXPECT_EQ(api.patch("/v1/databases/nothing", R"({"historyMs":0})").status, 404U);
}

TEST(DatabasesOverHttp, RefuseSettingsThatAreNone) {
  TestApi api;
  const std::string at = "/v1/databases/main";
  for (const std::string body :
       {R"({"historyMs":-1})", R"({"historyMs":"1h"})", R"({"historyMs":1.5})", R"({"historyMs":true})",
        R"({"name":"x"})", R"({"public":"all"})", R"({"public":1})", "[]"}) {
    EXPECT_EQ(api.patch(at, body).status, 400U) << body;
  }
  for (const std::string body : {R"({"historyMs":18446744073709551615})", R"({"historyBytes":1e999})",
                                 R"({"historyBytes":1125899906842625})"}) {
    EXPECT_GE(api.patch(at, body).status, 400U) << body;
  }
  for (const std::string field : {"quotas"}) {
    const std::string body = "{\"" + field + "\":\"read\"}";
    for (const Answer& answer : {api.patch(at, body), api.put("/v1/databases/x", body)}) {
      EXPECT_EQ(answer.status, 501U);
      EXPECT_THAT(answer.body, HasSubstr("\"field\":\"" + field + "\""));
    }
  }
  EXPECT_EQ(api.get("/v1/databases/x").status, 404U);
  EXPECT_THAT(api.get(at).body, HasSubstr(R"("historyMs":86400000,"historyBytes":2097152)"));
}

TEST(DatabasesOverHttp, KeepWhatTheirSettingsSay) {
  TestApi api;
  const Answer first = api.put(testing::things("/a"), R"({"n":1})");
  const std::string revision = first.field("ETag").substr(1, first.field("ETag").size() - 2);
  api.put(testing::things("/a"), R"({"n":2})");
  ASSERT_EQ(api.get(testing::things("/a?rev=" + revision)).status, 200U);
  ASSERT_EQ(api.patch("/v1/databases/main", R"({"historyMs":0})").status, 200U);
  ASSERT_TRUE(api.node.shard()->maintain({}));
  EXPECT_EQ(api.get(testing::things("/a?rev=" + revision)).status, 404U);
}

TEST(CollectionsOverHttp, AreNotMadeByWhatPutsNothingIn) {
  TestApi api;
  EXPECT_EQ(api.remove(testing::things("/a")).status, 404U);
  EXPECT_EQ(api.remove(testing::things("/a?rev=1-abc")).status, 404U);
  EXPECT_EQ(api.put(testing::things("/a"), R"({"_rev":"1-abc"})").status, 404U);
  const auto conditional = [&](net::Method method, std::string_view body) {
    return api.send(method, testing::things("/a"), body, "application/json", {{"If-Match", "\"1-abc\""}});
  };
  EXPECT_EQ(conditional(net::Method::put, "{}").status, 412U);
  EXPECT_EQ(conditional(net::Method::patch, R"({"$inc":{"n":1}})").status, 412U);
  EXPECT_EQ(api.patch(testing::things("/a"), R"({"$inc":{"n":1}})").status, 404U);
  EXPECT_EQ(api.patch(testing::things("/a"), R"({"n":1})", "application/merge-patch+json").status, 404U);
  EXPECT_EQ(api.put(testing::things("/a%00b"), "{}").status, 400U);
  EXPECT_EQ(api.put(testing::things("/" + std::string(3000, 'x')), "{}").status, 413U);
  EXPECT_EQ(api.post(testing::things("?atomic=true"), R"([{"_id":"a"},{"_id":"b","_rev":"1-abc"}])").status,
            404U);
  const Answer bulk =
      api.post(testing::things(), R"([{"_id":"a","_deleted":true},{"_id":"b","_rev":"1-abc"}])");
  EXPECT_THAT(bulk.body, AllOf(HasSubstr(R"("error":"not_found")"), Not(HasSubstr(R"("_id")"))));
  EXPECT_THAT(api.get("/v1/databases/main/collections").body, Not(HasSubstr(R"("name":"things")")));
  EXPECT_EQ(api.post(testing::things(), R"([{"_id":"a","_deleted":true},{"_id":"b"}])").status, 200U);
  EXPECT_EQ(api.get(testing::things("/b")).status, 200U);
}

TEST(CollectionsOverHttp, AreMadeShownAndDropped) {
  TestApi api;
  const std::string at = "/v1/databases/main/collections";
  EXPECT_EQ(api.put(at + "/things", R"({"revisionLimit":5})").status, 201U);
  EXPECT_EQ(api.put(at + "/plain", "{}").status, 201U);
  EXPECT_EQ(api.put(at + "/short", R"({"history":false})").status, 201U);
  EXPECT_EQ(api.put(at + "/things", "{}").status, 409U);
  for (const std::string body :
       {R"({"revisionLimit":0})", R"({"revisionLimit":"5"})", R"({"revisionLimit":1.5})", R"({"limit":5})",
        R"({"revisionLimit":-1})", R"({"history":0})", "7"}) {
    EXPECT_EQ(api.put(at + "/x", body).status, 400U) << body;
  }
  EXPECT_EQ(api.put(at + "/a%3Ab", "{}").status, 400U);
  EXPECT_THAT(api.get(at + "/things").body, HasSubstr(R"("revisionLimit":5,"history":true)"));
  EXPECT_THAT(api.get(at + "/short").body, HasSubstr(R"("history":false)"));
  EXPECT_THAT(api.get(at).body, AllOf(HasSubstr(R"("name":"_default")"), HasSubstr(R"("name":"things")")));
  EXPECT_EQ(api.remove(at + "/things").status, 200U);
  EXPECT_EQ(api.remove(at + "/things").status, 404U);
  EXPECT_EQ(api.get(at + "/things").status, 404U);
  EXPECT_THAT(api.get(at).body, Not(HasSubstr(R"("name":"things")")));
}

}  // namespace
}  // namespace quire::api::rest
