#include "api/testing/couch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

// The server, its databases and their care, in the protocol's words and corner cases.

namespace quire::api::couch {
namespace {

using testing::Answer;
using testing::Couch;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Request;
using ::testing::StartsWith;
using testing::TestApi;

using Fields = std::vector<std::pair<std::string, std::string>>;

TEST_F(Couch, TheWelcomeIsForEverybodyEvenWithACredentialThatCannotBeRead) {
  for (const std::string field : {"", "Nonsense", "Basic !!!", "Basic bm9jb2xvbg=="}) {
    Request request{.target = "/couch/"};
    if (!field.empty()) request.fields.emplace_back("Authorization", field);
    const Answer answer = api_.as("", request);
    EXPECT_EQ(answer.status, 200U) << field;
    EXPECT_THAT(answer.body, HasSubstr(R"("couchdb":"Welcome","version":"3)"));
    EXPECT_THAT(answer.body, HasSubstr(api_.node.node.catalog().node_id()));
  }
  EXPECT_EQ(api_.get("/couch").status, 200U);
  EXPECT_EQ(api_.as("", {.target = "/couch/_all_dbs", .fields = {{"Authorization", "Nonsense"}}}).status,
            401U);
}

TEST_F(Couch, UuidsAreAsManyAsWereAskedForAndEachOnce) {
  const std::string body = api_.get("/couch/_uuids?count=3").body;
  EXPECT_TRUE(
      std::regex_match(body, std::regex(R"(\{"uuids":\["[0-9a-f]{32}","[0-9a-f]{32}","[0-9a-f]{32}"\]\})")))
      << body;
  EXPECT_EQ(api_.get("/couch/_uuids?count=1001").status, 400U);
}

TEST_F(Couch, ASessionIsACookieThatLogsIn) {
  api_.add_user("ann");
  const auto log_in = [&](const std::string& body, const std::string& type) {
    return api_.as("", {.method = net::Method::post,
                        .target = "/couch/_session",
                        .body = body,
                        .fields = {{"Content-Type", type}}});
  };
  const Answer wrong = log_in("name=ann&password=wrong", "application/x-www-form-urlencoded");
  EXPECT_EQ(wrong.status, 401U);
  EXPECT_EQ(wrong.body, words("unauthorized", "Name or password is incorrect."));
  const Answer in = log_in("name=ann&password=password+of+ann", "application/x-www-form-urlencoded");
  ASSERT_EQ(in.status, 200U) << in.body;
  EXPECT_EQ(in.body, R"({"ok":true,"name":"ann","roles":[]})");
  EXPECT_THAT(in.field("Set-Cookie"), HasSubstr("HttpOnly; SameSite=Strict"));
  const std::string cookie = in.field("Set-Cookie").substr(0, in.field("Set-Cookie").find(';'));
  EXPECT_THAT(cookie, StartsWith("AuthSession="));
  EXPECT_THAT(api_.as("", {.target = "/couch/_session", .fields = {{"Cookie", cookie}}}).body,
              HasSubstr(R"("userCtx":{"name":"ann","roles":[]})"));
  EXPECT_THAT(api_.as("", {.target = "/couch/_session"}).body, HasSubstr(R"("name":null)"));
  EXPECT_EQ(log_in(R"({"name":"ann","password":"password of ann"})", "application/json").status, 200U);
  const Answer out = api_.as("", {.method = net::Method::remove,
                                  .target = "/couch/_session",
                                  .fields = {{"Cookie", cookie}, {"Origin", "http://h"}, {"Host", "h"}}});
  EXPECT_EQ(out.body, R"({"ok":true})");
  EXPECT_EQ(api_.as("", {.target = "/couch/_all_dbs", .fields = {{"Cookie", cookie}}}).status, 401U);
}

TEST_F(Couch, DatabasesAreMadeOnceListedAndRemoved) {
  const Answer again = api_.call({.method = net::Method::put, .target = "/couch/db/"});
  EXPECT_EQ(again.status, 412U);
  EXPECT_EQ(again.body, words("file_exists", "The database could not be created, the file already exists."));
  EXPECT_EQ(api_.get("/couch/_all_dbs").body, R"(["db","main"])");
  EXPECT_EQ(api_.get("/couch/_all_dbs?descending=true&limit=1").body, R"(["main"])");
  EXPECT_THAT(get("").body, HasSubstr(R"("db_name":"db","doc_count":0)"));
  const Answer infos = api_.post("/couch/_dbs_info", R"({"keys":["db","gone"]})");
  EXPECT_THAT(infos.body, HasSubstr(R"({"key":"gone","error":"not_found"})"));
  EXPECT_EQ(remove("").status, 200U);
  const Answer gone = get("");
  EXPECT_EQ(gone.status, 404U);
  EXPECT_EQ(gone.body, words("not_found", "Database does not exist."));
}

TEST_F(Couch, PagesOfAllowedOriginsMayUseItAndNoOthers) {
  Options options;
  options.origins = {"https://app.example"};
  TestApi api(options);
  const auto ask = [&](const std::string& origin, net::Method method) {
    return api.as("", {.method = method,
                       .target = "/couch/db",
                       .fields = {{"Origin", origin}, {"Access-Control-Request-Method", "PUT"}}});
  };
  const Answer asked = ask("https://app.example", net::Method::options);
  EXPECT_EQ(asked.status, 204U);
  EXPECT_EQ(asked.field("Access-Control-Allow-Origin"), "https://app.example");
  EXPECT_EQ(asked.field("Access-Control-Allow-Credentials"), "true");
  EXPECT_THAT(asked.field("Access-Control-Allow-Methods"), HasSubstr("COPY"));
  EXPECT_THAT(asked.field("Access-Control-Allow-Headers"), HasSubstr("authorization"));
  // Errors can be read too.
  const Answer refused = ask("https://app.example", net::Method::get);
  EXPECT_EQ(refused.status, 401U);
  EXPECT_EQ(refused.field("Access-Control-Allow-Origin"), "https://app.example");
  EXPECT_EQ(ask("https://evil.example", net::Method::options).field("Access-Control-Allow-Origin"), "");
  EXPECT_EQ(ask("https://evil.example", net::Method::get).field("Access-Control-Allow-Origin"), "");
}

TEST_F(Couch, TextIsJsonOnlyBesideWhatNoPageCanSend) {
  const auto send = [&](const std::string& type, Fields fields) {
    fields.emplace_back("Content-Type", type);
    return api_.as("", {.method = net::Method::post, .target = "/couch/db", .body = "{}", .fields = fields});
  };
  EXPECT_EQ(send("text/plain", {{"Authorization", "Bearer " + api_.admin_key}}).status, 201U);
  const Answer form =
      send("application/x-www-form-urlencoded", {{"Authorization", "Bearer " + api_.admin_key}});
  EXPECT_EQ(form.status, 415U);
  EXPECT_EQ(form.body, words("bad_content_type", "Content-Type must be application/json"));
  Options open;
  open.open = true;
  TestApi api(open);
  for (const char* const type : {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data"}) {
    EXPECT_EQ(api.as("", {.method = net::Method::post,
                          .target = "/couch/main",
                          .body = "{}",
                          .fields = {{"Content-Type", type}}})
                  .status,
              415U)
        << type;
  }
}

// curl -X PUT -d sends the type of a form. A page can make a browser send a PUT only of an origin that may.
TEST_F(Couch, APutIsJsonWhateverItsTypeSays) {
  Options open;
  open.open = true;
  TestApi api(open);
  const auto send = [&](const std::string& target, const std::string& body, Fields fields) {
    fields.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    return api.as("", {.method = net::Method::put, .target = target, .body = body, .fields = fields}).status;
  };
  EXPECT_EQ(send("/couch/main/a", R"({"n":1})", {}), 201U);
  EXPECT_EQ(send("/couch/main/_revs_limit", "10", {}), 200U);
  EXPECT_EQ(send("/couch/main/_security", "{}", {}), 200U);
  EXPECT_EQ(send("/couch/main/_local/a", "{}", {}), 201U);
  EXPECT_EQ(send("/couch/main/b", "n=1", {}), 400U);
  EXPECT_EQ(send("/couch/main/b", "{}", {{"Origin", "https://evil.example"}}), 403U);
  EXPECT_EQ(send("/couch/main/b", "{}", {{"Sec-Fetch-Site", "cross-site"}}), 403U);
}

TEST_F(Couch, ListsTakeRangesAndKeys) {
  for (const char* const id : {"a", "b", "c", "_design%2Fd"}) written(id, "{}");
  EXPECT_EQ(remove("/c?rev=" + rev_of(get("/c"))).status, 200U);
  EXPECT_THAT(get("/_all_docs").body, HasSubstr(R"({"total_rows":3,"offset":0,"rows":[)"));
  EXPECT_THAT(get("/_all_docs?startkey=%22b%22").body, Not(HasSubstr(R"("id":"a")")));
  EXPECT_THAT(get("/_all_docs?endkey=%22b%22&inclusive_end=false").body, Not(HasSubstr(R"("id":"b")")));
  EXPECT_THAT(get("/_all_docs?descending=true&limit=1").body, HasSubstr(R"("id":"b")"));
  // What stands in front is known of a list that begins at the first id, wherever it ends.
  const auto offset = [&](const std::string& query) {
    const std::string body = get("/_all_docs?" + query).body;
    const std::size_t at = body.find("\"offset\":") + 9;
    return body.substr(at, body.find(',', at) - at);
  };
  EXPECT_EQ(offset("endkey=%22b%22&skip=1"), "1");
  EXPECT_EQ(offset("descending=true&endkey=%22a%22&skip=9"), "3");
  EXPECT_EQ(offset("startkey=%22b%22"), "null");
  EXPECT_EQ(offset("descending=true&startkey=%22b%22"), "null");
  EXPECT_THAT(get("/_all_docs?key=%22a%22&include_docs=true").body, HasSubstr(R"("doc":{"_id":"a")"));
  const std::string keys = post("/_all_docs?include_docs=true", R"({"keys":["b","none","c"]})").body;
  EXPECT_THAT(keys, HasSubstr(R"({"key":"none","error":"not_found"})"));
  EXPECT_TRUE(std::regex_search(
      keys,
      std::regex(R"re(\{"id":"c","key":"c","value":\{"rev":"2-[^"]*","deleted":true\},"doc":null\})re")))
      << keys;
  EXPECT_THAT(get("/_design_docs").body, HasSubstr(R"({"total_rows":1,"offset":0,"rows":[)"));
  EXPECT_THAT(get("/_design_docs").body, Not(HasSubstr(R"("id":"a")")));
}

TEST_F(Couch, PurgesAndLimits) {
  const std::string rev = written("a", "{}");
  EXPECT_EQ(post("/_purge", R"({"a":[")" + rev + R"("]})").body,
            R"({"purge_seq":1,"purged":{"a":[")" + rev + R"("]}})");
  EXPECT_EQ(get("/a").body, words("not_found", "missing"));
  EXPECT_EQ(get("/_revs_limit").body, "1000");
  EXPECT_EQ(put("/_revs_limit", "5").status, 200U);
  EXPECT_EQ(get("/_revs_limit").body, "5");
  EXPECT_EQ(get("/_purged_infos_limit").body, "1000");
  EXPECT_EQ(put("/_purged_infos_limit", "500").body, R"({"ok":true})");
  EXPECT_EQ(get("/_purged_infos_limit").body, "500");
  for (const char* const body : {"0", "-1", "1.5", "\"5\"", "{}"}) {
    const Answer refused = put("/_purged_infos_limit", body);
    EXPECT_EQ(refused.status, 400U) << body;
    EXPECT_EQ(refused.body, words("bad_request", "`purge_infos_limit` must be positive integer")) << body;
  }
  EXPECT_EQ(post("/_compact", "").status, 202U);
  const Answer committed = post("/_ensure_full_commit", "");
  EXPECT_EQ(committed.status, 201U);
  std::smatch began;
  const std::regex start(R"re("instance_start_time":"\d+")re");
  ASSERT_TRUE(std::regex_search(committed.body, began, start)) << committed.body;
  EXPECT_THAT(get("").body, HasSubstr(began[0].str())) << "a replicator compares them";
}

}  // namespace
}  // namespace quire::api::couch
