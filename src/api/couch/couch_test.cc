#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <regex>
#include <thread>

#include "api/testing/test_api.h"

// The protocol's words and corner cases, through the table and without a network.

namespace quire::api::couch {
namespace {

using testing::Answer;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Request;
using ::testing::StartsWith;
using testing::TestApi;

using Fields = std::vector<std::pair<std::string, std::string>>;

class Couch : public ::testing::Test {
 protected:
  void SetUp() override {
    EXPECT_EQ(api_.call({.method = net::Method::put, .target = "/couch/db"}).status, 201U);
  }

  Answer put(const std::string& path, const std::string& json) { return api_.put("/couch/db" + path, json); }
  Answer post(const std::string& path, const std::string& json) {
    return api_.post("/couch/db" + path, json);
  }
  Answer get(const std::string& path, Fields fields = {}) {
    return api_.call({.target = "/couch/db" + path, .fields = std::move(fields)});
  }
  Answer remove(const std::string& path) { return api_.remove("/couch/db" + path); }
  static std::string rev_of(const Answer& answer) {
    std::smatch found;
    static const std::regex rev(R"("_?rev":"([^"]*)\")");
    EXPECT_TRUE(std::regex_search(answer.body, found, rev)) << answer.body;
    return found[1];
  }
  std::string written(const std::string& id, const std::string& json) {
    const Answer answer = put("/" + id, json);
    EXPECT_EQ(answer.status, 201U) << answer.body;
    return rev_of(answer);
  }
  static std::string words(const std::string& error, const std::string& reason) {
    return R"({"error":")" + error + R"(","reason":")" + reason + "\"}";
  }

  TestApi api_;
};

// --- the server

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

// --- documents

TEST_F(Couch, RevisionsGuardWrites) {
  const std::string first = written("a", R"({"n":1})");
  const std::string conflict = words("conflict", "Document update conflict.");
  for (const std::string& body : {std::string("{}"), std::string(R"({"_rev":"1-00"})")}) {
    const Answer refused = put("/a", body);
    EXPECT_EQ(refused.status, 409U) << body;
    EXPECT_EQ(refused.body, conflict);
  }
  EXPECT_EQ(put("/missing", R"({"_rev":"1-00"})").body, conflict);
  const Answer second = put("/a?rev=" + first, R"({"n":2})");
  ASSERT_EQ(second.status, 201U) << second.body;
  EXPECT_EQ(second.field("ETag"), "\"" + rev_of(second) + "\"");
  const Answer found = get("/a");
  EXPECT_EQ(found.body, R"({"_id":"a","_rev":")" + rev_of(second) + R"(","n":2})");
  EXPECT_EQ(get("/a", {{"If-None-Match", found.field("ETag")}}).status, 304U);
  EXPECT_THAT(get("/a?rev=" + first).body, HasSubstr(R"("n":1)"));
  EXPECT_EQ(put("/a?rev=" + first, R"({"_rev":")" + rev_of(second) + "\"}").status, 400U);
  EXPECT_EQ(remove("/a").status, 409U);
  const Answer deleted = remove("/a?rev=" + rev_of(second));
  EXPECT_EQ(deleted.status, 200U);
  EXPECT_EQ(get("/a").body, words("not_found", "deleted"));
  EXPECT_EQ(get("/b").body, words("not_found", "missing"));
  EXPECT_EQ(remove("/b").status, 404U);
  // Without a revision the deleted document goes on.
  EXPECT_THAT(written("a", "{}"), StartsWith("4-"));
}

TEST_F(Couch, WhatIsMalformedIsSaidAsTheProtocolSaysIt) {
  const auto check = [&](const Answer& answer, const std::string& error, const std::string& reason) {
    EXPECT_EQ(answer.status, 400U);
    EXPECT_EQ(answer.body, words(error, reason));
  };
  check(put("/a", R"({"_x":1})"), "doc_validation", "Bad special document member: _x");
  check(put("/_a", "{}"), "illegal_docid", "Only reserved document ids may start with underscore.");
  check(post("", R"({"_id":5})"), "illegal_docid", "Document id must be a string");
  check(put("/a", R"({"_rev":"x"})"), "bad_request", "Invalid rev format");
  check(get("/a?rev=x"), "bad_request", "Invalid rev format");
  check(get("/a?open_revs=x"), "bad_request", "Invalid list of revisions");
  check(put("/a?new_edits=false", "{}"), "bad_request",
        "When `new_edits: false`, the document needs `_rev` or `_revisions` specified");
  check(get("/_all_docs?limit=x"), "query_parse_error", "Invalid value for limit: x");
  check(get("/_local/x/y"), "bad_request", "_local documents do not accept attachments.");
  check(put("/a", R"({"_attachments":{"_x":{"data":""}}})"), "bad_request",
        "Attachment name '_x' starts with prohibited character '_'");
  EXPECT_EQ(put("/a", R"({"_attachments":{"x":{"data":"=!"}}})").status, 400U);
  EXPECT_EQ(put("/a", "[]").body, words("bad_request", "Document must be a JSON object"));
  EXPECT_EQ(put("/a", R"({"_attachments":{"x":{"stub":true}}})").body,
            words("missing_stub", "Invalid attachment stub in a for x"));
}

TEST_F(Couch, WhatTheServerComputesIsDroppedAndTheStateOfReplicationsIsKept) {
  written("a", R"({"_conflicts":["1-a"],"_revs_info":[],"_replication_state":"completed","n":1})");
  EXPECT_THAT(get("/a").body, HasSubstr(R"("n":1,"_replication_state":"completed"})"));
  EXPECT_THAT(get("/a").body, Not(HasSubstr("_conflicts")));
}

TEST_F(Couch, CopiesAndIdsMadeHere) {
  const std::string rev = written("a", R"({"n":1})");
  const Answer copied =
      api_.call({.method = net::Method::copy, .target = "/couch/db/a", .fields = {{"Destination", "b%20c"}}});
  EXPECT_EQ(copied.status, 201U) << copied.body;
  EXPECT_THAT(get("/b%20c").body, HasSubstr(R"("n":1)"));
  const Answer made = post("", R"({"n":2})");
  EXPECT_EQ(made.status, 201U);
  EXPECT_TRUE(std::regex_search(made.body, std::regex(R"("id":"[0-9a-f]{32}")"))) << made.body;
}

TEST_F(Couch, ADocumentOfACollectionHasItsNameInFront) {
  EXPECT_EQ(api_.put("/v1/databases/db/collections/orders/documents/7", R"({"n":7})").status, 201U);
  EXPECT_THAT(get("/orders:7").body, HasSubstr(R"("_id":"orders:7")"));
  const std::string rev = rev_of(get("/orders:7"));
  EXPECT_EQ(put("/orders:7", R"({"_rev":")" + rev + R"(","n":8})").status, 201U);
  EXPECT_THAT(api_.get("/v1/databases/db/collections/orders/documents/7").body, HasSubstr(R"("n":8)"));
  written("orders:8", "{}");
  EXPECT_EQ(api_.get("/v1/databases/db/collections/orders/documents/8").status, 200U);
  // No collection of the name: the document is one of the default collection, under its whole id.
  written("people:1", "{}");
  EXPECT_EQ(api_.get("/v1/databases/db/collections/_default/documents/people:1").status, 200U);
  written("orders", "{}");
  written("zebra", "{}");
  const std::string all = get("/_all_docs").body;
  std::vector<std::string> ids;
  static const std::regex id(R"re("id":"([^"]*)")re");
  for (auto it = std::sregex_iterator(all.begin(), all.end(), id); it != std::sregex_iterator(); ++it) {
    ids.push_back((*it)[1]);
  }
  EXPECT_EQ(ids, (std::vector<std::string>{"orders", "orders:7", "orders:8", "people:1", "zebra"})) << all;
  EXPECT_THAT(get("/_changes").body, HasSubstr(R"("id":"orders:7")"));
}

TEST_F(Couch, BulkRowsStandInOrderAndStructureFailsAll) {
  written("a", "{}");
  const Answer rows =
      post("/_bulk_docs", R"({"docs":[{"_id":"b"},{"_id":"a"},{"_id":"c","n":1},{"_id":"c"}]})");
  EXPECT_EQ(rows.status, 201U);
  EXPECT_TRUE(std::regex_match(
      rows.body,
      std::regex(
          R"re(\[\{"ok":true,"id":"b","rev":"1-[^"]*"\},\{"id":"a","error":"conflict","reason":"[^"]*"\},)re"
          R"re(\{"ok":true,"id":"c","rev":"1-[^"]*"\},\{"id":"c","error":"conflict","reason":"[^"]*"\}\])re")))
      << rows.body;
  EXPECT_THAT(get("/c").body, HasSubstr(R"("n":1)"));
  for (const std::string bad :
       {R"({"docs":[{"_id":"d"},{"_id":"_e"}]})", R"({"docs":[{"_id":"d"},{"_x":1}]})",
        R"({"docs":[{"_id":"d"},5]})", R"({"docs":[{"_id":"d"} {"_id":"e"}]})", R"({"docs":{}})",
        R"({"x":1})", R"([])", R"({"docs":[)"}) {
    EXPECT_EQ(post("/_bulk_docs", bad).status, 400U) << bad;
  }
  EXPECT_EQ(get("/d").status, 404U);
}

TEST_F(Couch, RevisionsOfOthersAreTakenAsTheyAre) {
  const std::string docs =
      R"({"new_edits":false,"docs":[{"_id":"a","_rev":"3-c","_revisions":{"start":3,"ids":["c","b","a"]},"n":3},)"
      R"({"_id":"a","_rev":"3-d","_revisions":{"start":3,"ids":["d","b","a"]},"n":4},)"
      R"({"_id":"e","_rev":"1-"}]})";
  EXPECT_EQ(post("/_bulk_docs", docs).body, "[]");
  const std::string before = get("").body;
  EXPECT_EQ(post("/_bulk_docs", docs).body, "[]") << "a known revision is none";
  EXPECT_EQ(get("").body, before) << "and has no sequence";
  EXPECT_THAT(
      get("/a?conflicts=true&revs=true").body,
      HasSubstr(R"("_rev":"3-d","n":4,"_revisions":{"start":3,"ids":["d","b","a"]},"_conflicts":["3-c"]})"));
  EXPECT_THAT(get("/e").body, HasSubstr(R"("_rev":"1-")"));
  EXPECT_EQ(get("/a?open_revs=%5B%223-c%22,%229-x%22%5D").body,
            R"([{"ok":{"_id":"a","_rev":"3-c","n":3}},{"missing":"9-x"}])");
  EXPECT_THAT(get("/a?open_revs=all").body, HasSubstr(R"("_rev":"3-c")"));
  EXPECT_EQ(post("/_revs_diff", R"({"a":["3-c","4-x","2-b"],"z":["1-q"],"e":["1-"]})").body,
            R"({"a":{"missing":["4-x"],"possible_ancestors":["3-d","3-c"]},"z":{"missing":["1-q"]}})");
  EXPECT_EQ(post("/_missing_revs", R"({"a":["4-x"]})").body, R"({"missing_revs":{"a":["4-x"]}})");
  const Answer bulk = post("/_bulk_get?revs=true&latest=true",
                           R"({"docs":[{"id":"a","rev":"1-a"},{"id":"a","rev":"7-z"},{"id":"no"}]})");
  EXPECT_THAT(bulk.body, HasSubstr(R"({"id":"a","docs":[{"ok":{"_id":"a","_rev":"3-d")"));
  EXPECT_THAT(bulk.body,
              HasSubstr(R"({"error":{"id":"a","rev":"7-z","error":"not_found","reason":"missing"}})"));
  EXPECT_THAT(get("/_changes?style=all_docs").body, HasSubstr(R"("changes":[{"rev":"3-d"},{"rev":"3-c"}])"));
  // A losing leaf can be edited, and deleted.
  EXPECT_EQ(remove("/a?rev=3-c").status, 200U);
  EXPECT_THAT(get("/a?conflicts=true").body, Not(HasSubstr("_conflicts")));
}

TEST_F(Couch, LocalDocumentsHaveNumbersAndNoHistory) {
  EXPECT_EQ(put("/_local/a.b_c=", R"({"x":[1,null],"_revisions":{"start":1,"ids":["a"]}})").body,
            R"({"ok":true,"id":"_local/a.b_c=","rev":"0-1"})");
  EXPECT_EQ(get("/_local/a.b_c=").body, R"({"_id":"_local/a.b_c=","_rev":"0-1","x":[1,null]})");
  EXPECT_EQ(get("/_local%2Fa.b_c=").status, 200U);
  EXPECT_EQ(put("/_local/a.b_c=", "{}").status, 409U);
  EXPECT_THAT(put("/_local/a.b_c=", R"({"_rev":"0-1"})").body, HasSubstr(R"("rev":"0-2")"));
  EXPECT_EQ(put("/_local/a.b_c=", R"({"_rev":"0-1"})").status, 409U);
  EXPECT_THAT(get("/_local_docs").body, HasSubstr(R"("id":"_local/a.b_c=")"));
  EXPECT_THAT(get("/_all_docs").body, Not(HasSubstr("_local")));
  EXPECT_EQ(put("/_local/other", "{}").status, 201U);
  const std::string rows = "{\"total_rows\":null,\"offset\":null,\"rows\":[\n";
  EXPECT_EQ(
      post("/_local_docs", R"({"keys":["_local/none","_local/other","other"],"include_docs":true})").body,
      rows + R"({"key":"_local/none","error":"not_found"},)" +
          R"({"id":"_local/other","key":"_local/other","value":{"rev":"0-1"},)" +
          R"("doc":{"_id":"_local/other","_rev":"0-1"}},{"key":"other","error":"not_found"})" + "\n]}");
  EXPECT_EQ(get("/_local_docs?skip=1&limit=1").body,
            rows + R"({"id":"_local/other","key":"_local/other","value":{"rev":"0-1"}})" + "\n]}");
  EXPECT_EQ(remove("/_local/a.b_c=").status, 409U);
  EXPECT_EQ(remove("/_local/a.b_c=?rev=0-2").body, R"({"ok":true,"id":"_local/a.b_c=","rev":"0-0"})");
  EXPECT_EQ(get("/_local/a.b_c=").body, words("not_found", "missing"));
}

TEST_F(Couch, AttachmentsInsideAndByThemselves) {
  const std::string rev = written(
      "a", R"({"_attachments":{"t.txt":{"content_type":"text/plain","data":"aGVsbG8="},"e":{"data":""}}})");
  EXPECT_THAT(get("/a").body,
              HasSubstr(R"("t.txt":{"content_type":"text/plain","revpos":1,)"
                        R"("digest":"md5-XUFAKrxLKna5cZ2REBfFkg==","length":5,"stub":true})"));
  EXPECT_THAT(get("/a?attachments=true").body, HasSubstr(R"("data":"aGVsbG8=")"));
  const Answer bytes = get("/a/t.txt");
  EXPECT_EQ(bytes.body, "hello");
  EXPECT_EQ(bytes.field("Content-MD5"), "XUFAKrxLKna5cZ2REBfFkg==");
  EXPECT_EQ(bytes.field("ETag"), "\"XUFAKrxLKna5cZ2REBfFkg==\"");
  const Answer part = get("/a/t.txt", {{"Range", "bytes=1-2"}});
  EXPECT_EQ(part.body, "el");
  EXPECT_EQ(part.field("Content-MD5"), "") << "it would be that of the whole";
  EXPECT_EQ(get("/a/t.txt", {{"If-None-Match", bytes.field("ETag")}}).status, 304U);
  EXPECT_EQ(get("/a/none").body, words("not_found", "Document is missing attachment"));
  const Answer added = api_.call({.method = net::Method::put,
                                  .target = "/couch/db/a/dir/x?rev=" + rev,
                                  .body = "bytes",
                                  .fields = {{"Content-Type", "image/png"}}});
  ASSERT_EQ(added.status, 201U) << added.body;
  EXPECT_EQ(get("/a/dir/x").body, "bytes");
  // What a new revision names stays, and nothing else.
  const Answer kept =
      put("/a", R"({"_rev":")" + rev_of(added) + R"(","_attachments":{"t.txt":{"stub":true}}})");
  EXPECT_EQ(kept.status, 201U) << kept.body;
  EXPECT_EQ(get("/a/t.txt").body, "hello");
  EXPECT_EQ(get("/a/dir/x").status, 404U);
  EXPECT_THAT(get("/a").body, HasSubstr(R"("revpos":1)"));
  EXPECT_EQ(remove("/a/t.txt?rev=" + rev_of(kept)).status, 200U);
  EXPECT_THAT(get("/a").body, Not(HasSubstr("_attachments")));
}

TEST_F(Couch, AttachmentsInPartsOfTheirOwn) {
  const std::string body =
      "--x\r\nContent-Type: application/json\r\n\r\n"
      R"({"_attachments":{"f":{"follows":true,"length":5,"content_type":"text/plain"},)"
      R"("g":{"follows":true,"length":0,"content_type":"text/plain"}}})"
      "\r\n--x\r\n\r\nhello\r\n--x\r\n\r\n\r\n--x--";
  const auto send = [&](const std::string& text) {
    return api_.send(net::Method::put, "/couch/db/a", text, "multipart/related; boundary=\"x\"");
  };
  const Answer made = send(body);
  ASSERT_EQ(made.status, 201U) << made.body;
  EXPECT_EQ(get("/a/f").body, "hello");
  const Answer parts = get("/a?attachments=true", {{"Accept", "multipart/related"}});
  EXPECT_THAT(parts.fields, HasSubstr("Content-Type: multipart/related; boundary="));
  EXPECT_THAT(parts.body, HasSubstr(R"("follows":true)"));
  EXPECT_THAT(
      parts.body,
      HasSubstr("filename=\"f\"\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello\r\n--"));
  const Answer mixed = get("/a?open_revs=all&revs=true", {{"Accept", "multipart/mixed"}});
  EXPECT_THAT(mixed.body, HasSubstr("Content-Type: multipart/related; boundary="));
  // Another length, a part too few, no end.
  EXPECT_EQ(send(std::regex_replace(body, std::regex("\"length\":5"), "\"length\":6")).status, 400U);
  EXPECT_EQ(send(std::regex_replace(body, std::regex("\r\n--x\r\n\r\nhello"), "")).status, 400U);
  EXPECT_EQ(send(body.substr(0, body.size() - 2)).status, 400U);
}

// As CouchDB's replicator sends texts, which CouchDB keeps packed.
TEST_F(Couch, AnAttachmentThatComesPackedIsKeptAsItIs) {
  static constexpr char kPacked[] =
      "\037\213\010\000\000\000\000\000\002\003\313\110\315\311\311\317\030\372\004\000\341\120"
      "\323\000\310\000\000\000";
  const std::string packed(kPacked, sizeof kPacked - 1);
  std::string text;
  for (int i = 0; i < 40; ++i) text += "hello";
  const std::string digest = "md5-iHQ9i3cTGf8XmbtXVnRSqg==";  // of the packed bytes
  const auto push = [&](const std::string& rev, const std::string& claim, const std::string& coding,
                        const std::string& bytes) {
    std::string body = "--x\r\nContent-Type: application/json\r\n\r\n";
    body += R"({"_id":"a","_rev":"1-)" + rev + R"(","_revisions":{"start":1,"ids":[")" + rev + R"("]},)";
    body += R"("_attachments":{"f":{"content_type":"text/plain","revpos":1,"digest":")" + digest + "\",";
    body +=
        R"("length":200,"encoding":"gzip","encoded_length":)" + std::to_string(packed.size()) + "," + claim;
    body += "}}}\r\n--x\r\nContent-Disposition: attachment; filename=\"f\"\r\nContent-Type: text/plain\r\n";
    body += "Content-Length: " + std::to_string(bytes.size()) + "\r\nContent-Encoding: " + coding;
    body += "\r\n\r\n" + bytes + "\r\n--x--";
    return api_.send(net::Method::put, "/couch/db/a?new_edits=false", body,
                     "multipart/related; boundary=\"x\"");
  };
  const std::string follows = R"("follows":true)";
  const Answer made = push("a", follows, "gzip", packed);
  ASSERT_EQ(made.status, 201U) << made.body;
  EXPECT_EQ(get("/a/f").body, text);
  EXPECT_THAT(get("/a").body, HasSubstr(R"("length":200)"));
  // A later revision only names it, by the digest of what CouchDB keeps.
  const std::string later =
      R"({"new_edits":false,"docs":[{"_id":"a","_rev":"2-b","_revisions":{"start":2,"ids":["b","a"]},)"
      R"("_attachments":{"f":{"stub":true,"revpos":1,"length":200,"encoding":"gzip","encoded_length":28,"digest":")";
  const Answer named = post("/_bulk_docs", later + digest + R"("}}}]})");
  EXPECT_EQ(named.body, "[]") << named.status;
  EXPECT_EQ(get("/a/f?rev=2-b").body, text);
  // Cut short, no gzip, another coding, bytes as they are under a claim that they are packed.
  EXPECT_EQ(push("c", follows, "gzip", packed.substr(0, packed.size() - 1)).status, 400U);
  EXPECT_EQ(push("c", follows, "gzip", text).status, 400U);
  EXPECT_EQ(push("c", follows, "br", packed).status, 400U);
  EXPECT_EQ(push("c", follows, "identity", packed).status, 400U);
  EXPECT_EQ(get("/a?rev=1-c").status, 404U);
}

// A small body may hold what is over the limit.
TEST_F(Couch, APackedAttachmentIsBoundedByWhatComesOut) {
  static constexpr char kPacked[] =
      "\037\213\010\000\000\000\000\000\002\003\355\301\001\015\000\000\000\302\240\332\217\157"
      "\016\067\240\000\000\000\000\000\000\000\000\000\340\337\000\243\244\125\015\020\047\000"
      "\000";
  const std::string packed(kPacked, sizeof kPacked - 1);
  const std::string body =
      "--x\r\nContent-Type: application/json\r\n\r\n"
      R"({"_attachments":{"f":{"follows":true,"length":10000,"encoding":"gzip"}}})"
      "\r\n--x\r\nContent-Encoding: gzip\r\n\r\n" +
      packed + "\r\n--x--";
  for (const std::uint64_t limit : {9'999, 10'000}) {
    Options options;
    options.attachment_bytes = limit;
    TestApi api(options);
    api.call({.method = net::Method::put, .target = "/couch/db"});
    const Answer answer =
        api.send(net::Method::put, "/couch/db/a", body, "multipart/related; boundary=\"x\"");
    EXPECT_EQ(answer.status, limit == 10'000 ? 201U : 413U) << answer.body;
  }
}

// --- changes

TEST_F(Couch, ChangesComeInPagesThatSayWhatIsLeft) {
  for (const char* const id : {"a", "b", "c"}) written(id, "{}");
  const Answer two = get("/_changes?limit=2");
  EXPECT_THAT(two.body, HasSubstr(R"("pending":1)"));
  std::smatch last;
  const std::regex seq(R"("last_seq":(\d+))");
  ASSERT_TRUE(std::regex_search(two.body, last, seq)) << two.body;
  const Answer rest = get("/_changes?since=" + last[1].str());
  EXPECT_THAT(rest.body, HasSubstr(R"("id":"c")"));
  EXPECT_THAT(rest.body, Not(HasSubstr(R"("id":"b")")));
  EXPECT_THAT(rest.body, HasSubstr(R"("pending":0)"));
  EXPECT_THAT(get("/_changes?since=now").body, HasSubstr("\"results\":[\n\n]"));
  EXPECT_THAT(get("/_changes?limit=0").body, HasSubstr("\"results\":[\n\n]"));
  EXPECT_EQ(get("/_changes?last-event-id=" + last[1].str()).body, rest.body);
  EXPECT_THAT(get("/_changes?feed=live&limit=1").body, StartsWith("\n{\"seq\":"));
  EXPECT_EQ(get("/_changes?seq_interval=10").body, get("/_changes").body);
  EXPECT_THAT(get("/_changes?descending=true&limit=1").body, HasSubstr(R"("id":"c")"));
  EXPECT_THAT(post("/_changes?filter=_doc_ids", R"({"doc_ids":["b"]})").body, HasSubstr(R"("id":"b")"));
  EXPECT_THAT(post("/_changes?filter=_doc_ids", R"({"doc_ids":["b"]})").body, Not(HasSubstr(R"("id":"a")")));
  EXPECT_EQ(get("/_changes?filter=_doc_ids").status, 400U);
  EXPECT_EQ(get("/_changes?filter=design/function").status, 404U);
  EXPECT_EQ(get("/_changes?since=x").status, 400U);
  written("_design%2Fdesign", "{}");
  EXPECT_EQ(get("/_changes?filter=design/function").status, 501U);
  EXPECT_THAT(get("/_changes?filter=_design").body, HasSubstr(R"("id":"_design/design")"));
  // A sequence of another life of the database begins at the first change.
  EXPECT_THAT(get("/_changes?since=999999").body, HasSubstr(R"("id":"a")"));
}

TEST_F(Couch, ALongPollAnswersWithTheFirstChange) {
  const auto poll = api_.begin({.target = "/couch/db/_changes?feed=longpoll&since=now&heartbeat=5"});
  EXPECT_TRUE(poll->wait_for("{\"results\":["));
  EXPECT_TRUE(poll->wait_for("\n\n\n")) << "signs of life come";
  written("a", "{}");
  ASSERT_TRUE(poll->wait());
  EXPECT_TRUE(
      std::regex_search(poll->answer().body, std::regex(R"("id":"a".*\n\],"last_seq":\d+,"pending":0\}\n$)")))
      << poll->answer().body;
  const Answer none = get("/_changes?feed=longpoll&since=now&timeout=10");
  EXPECT_THAT(none.body, HasSubstr("\"last_seq\":"));
}

TEST_F(Couch, ContinuousFeedsGiveALineAChangeAndEndWithTheDatabase) {
  written("a", "{}");
  const auto lines =
      api_.begin({.target = "/couch/db/_changes?feed=continuous&include_docs=true&heartbeat=true"});
  EXPECT_TRUE(lines->wait_for("\"doc\":{\"_id\":\"a\""));
  const auto events = api_.begin({.target = "/couch/db/_changes?feed=eventsource&heartbeat=true"});
  EXPECT_TRUE(events->wait_for("data: {\"seq\":"));
  written("b", "{}");
  EXPECT_TRUE(lines->wait_for("\"id\":\"b\""));
  EXPECT_TRUE(events->wait_for("\"id\":\"b\""));
  EXPECT_EQ(remove("").status, 200U);
  EXPECT_TRUE(lines->wait());
  EXPECT_TRUE(events->wait());
}

// --- Mango

TEST_F(Couch, MangoFindsPicksAndSorts) {
  for (int i = 0; i < 30; ++i) {
    written("d" + std::to_string(i),
            R"({"n":)" + std::to_string(i) + R"(,"o":{"k":)" + std::to_string(i % 3) + "}}");
  }
  written("none", "{}");
  const auto count = [](const std::string& text) {
    std::size_t found = 0;
    for (std::size_t at = text.find("\"_id\""); at != std::string::npos; at = text.find("\"_id\"", at + 1))
      ++found;
    return found;
  };
  const Answer page = post("/_find", R"({"selector":{"n":{"$gt":null}}})");
  EXPECT_EQ(page.status, 200U) << page.body;
  EXPECT_EQ(count(page.body), 25U) << "the usual limit";
  EXPECT_THAT(page.body, HasSubstr("\"warning\":\"No matching index"));
  std::smatch mark;
  const std::regex bookmark(R"re("bookmark":"([^"]*)")re");
  ASSERT_TRUE(std::regex_search(page.body, mark, bookmark));
  const Answer rest =
      post("/_find", R"({"selector":{"n":{"$gt":null}},"bookmark":")" + mark[1].str() + "\"}");
  EXPECT_EQ(count(rest.body), 5U) << rest.body;
  EXPECT_EQ(count(post("/_find", R"({"selector":{"o":{"k":1}}})").body), 10U) << "an object is a path";
  EXPECT_EQ(count(post("/_find", R"({"selector":{"o":{"$eq":{"k":1}}}})").body), 10U)
      << "and a literal in $eq";
  EXPECT_EQ(count(post("/_find", R"({"selector":{"n":{"$ne":5}},"limit":100})").body), 29U);
  EXPECT_EQ(count(post("/_find", R"({"selector":{"n":{"$or":[{"$eq":1},{"$eq":2}]}}})").body), 2U);
  EXPECT_THAT(post("/_find", R"({"selector":{"n":7},"fields":["_id","o.k"]})").body,
              HasSubstr(R"({"_id":"d7","o":{"k":1}})"));
  const auto refused = [&](const std::string& body, const std::string& word) {
    const Answer answer = post("/_find", body);
    EXPECT_EQ(answer.status, 400U) << body;
    EXPECT_THAT(answer.body, StartsWith(R"({"error":")" + word + "\"")) << body;
  };
  refused("{}", "missing_required_key");
  refused(R"({"selector":{"n":{"$x":1}}})", "invalid_operator");
  refused(R"({"selector":[]})", "invalid_selector_json");
  refused(R"({"selector":{},"sort":5})", "invalid_sort_json");
  refused(R"({"selector":{},"sort":["n"]})", "no_usable_index");
  refused(R"({"selector":{},"bookmark":"x"})", "invalid_bookmark");
  refused(R"({"selector":{},"bookmark":"dropped/x"})", "invalid_bookmark");
  refused(R"({"selector":{},"bookmark":5})", "invalid_bookmark");
  EXPECT_EQ(post("/_find", R"({"selector":{"n":7},"bookmark":"nil"})").status, 200U);
  const Answer made = post("/_index", R"({"index":{"fields":["n"]},"ddoc":"dd","name":"by-n"})");
  EXPECT_EQ(made.body, R"({"result":"created","id":"_design/dd","name":"by-n"})");
  EXPECT_THAT(get("/_index").body, HasSubstr(R"("indexes":[{"ddoc":null,"name":"_all_docs")"));
  EXPECT_THAT(get("/_index").body, HasSubstr(R"({"ddoc":"_design/dd","name":"by-n","type":"json")"));
  Answer sorted;
  for (int i = 0; i < 200 && sorted.status != 200; ++i) {
    sorted = post("/_find", R"({"selector":{"n":{"$gte":0}},"sort":[{"n":"desc"}],"limit":1})");
    if (sorted.status != 200) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_THAT(sorted.body, HasSubstr(R"("_id":"d29")"));
  EXPECT_THAT(sorted.body, Not(HasSubstr("warning")));
  EXPECT_EQ(remove("/_index/dd/json/by-n").status, 200U);
}

// --- lists and care

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
