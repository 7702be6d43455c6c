#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "api/testing/couch.h"

// Documents, one and many, of the database and local, in the protocol's words and corner cases.

namespace quire::api::couch {
namespace {

using testing::Answer;
using testing::Couch;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

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

}  // namespace
}  // namespace quire::api::couch
