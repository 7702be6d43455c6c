#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/testing/test_api.h"

// Indexes come and go with their design documents, by whatever door these come.

namespace quire::api::couch {
namespace {

using testing::Answer;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using testing::TestApi;

constexpr char kMain[] = "/couch/main";
constexpr char kIndexes[] = "/v1/databases/main/collections/_default/indexes";

std::string design(const std::string& path, const std::string& more = {}) {
  return R"({"language":"query")" + more + R"(,"views":{"n":{"map":{"fields":{")" + path +
         R"(":"asc"},"partial_filter_selector":{}},"reduce":"_count","options":{"def":{"fields":[")" + path +
         R"("]}}}}})";
}

class IndexedDocument : public ::testing::Test {
 protected:
  Answer put(const std::string& body) { return api_.put(std::string(kMain) + "/_design/dd", body); }
  std::string indexes() { return api_.get(kIndexes).body; }
  std::string revision() {
    const std::string body = api_.get(std::string(kMain) + "/_design/dd").body;
    const std::size_t at = body.find("\"_rev\":\"") + 8;
    return body.substr(at, body.find('"', at) - at);
  }
  std::string with_revision(const std::string& path) {
    return design(path, R"(,"_rev":")" + revision() + '"');
  }
  Answer remove() { return api_.remove(std::string(kMain) + "/_design/dd?rev=" + revision()); }
  Answer bulk(const std::string& documents, const std::string& more = {}) {
    return api_.post(std::string(kMain) + "/_bulk_docs", R"({"docs":[)" + documents + "]" + more + "}");
  }

  TestApi api_;
};

TEST_F(IndexedDocument, WritingItMakesItsIndexAndRemovingItDropsThat) {
  EXPECT_EQ(put(design("a")).status, 201U);
  EXPECT_THAT(indexes(), HasSubstr(R"("name":"dd:n")"));
  EXPECT_EQ(put(with_revision("b")).status, 201U);
  EXPECT_THAT(indexes(), HasSubstr(R"({"b":1})"));
  EXPECT_THAT(indexes(), Not(HasSubstr(R"({"a":1})")));
  EXPECT_EQ(remove().status, 200U);
  EXPECT_THAT(indexes(), Not(HasSubstr("dd:n")));
  EXPECT_EQ(put(design("a")).status, 201U) << "on top of the tombstone";
  EXPECT_THAT(indexes(), HasSubstr("dd:n"));
}

TEST_F(IndexedDocument, AWriteThatFailsChangesNoIndex) {
  EXPECT_EQ(put(design("a")).status, 201U);
  EXPECT_EQ(put(design("b")).status, 409U);
  EXPECT_THAT(indexes(), HasSubstr(R"({"a":1})"));
  EXPECT_EQ(api_.put(std::string(kMain) + "/_design/new", design("a", R"(,"_rev":"1-00")")).status, 409U);
  EXPECT_THAT(indexes(), Not(HasSubstr("new:n")));
}

TEST_F(IndexedDocument, WhatCannotBeAnIndexIsRefusedInItsPlace) {
  const Answer refused = put(R"({"language":"query","views":{"n":{"map":{"fields":{"a":"up"}}}}})");
  EXPECT_EQ(refused.status, 400U) << refused.body;
  const std::string rows =
      bulk(R"({"_id":"a"},{"_id":"_design/x","language":"query","views":{"n":{"map":{"fields":{"a":1}}}}},)"
           R"({"_id":"b"})")
          .body;
  EXPECT_THAT(rows, StartsWith(R"([{"ok":true,"id":"a")"));
  EXPECT_THAT(rows, HasSubstr(R"({"id":"_design/x","error":"invalid_sort_json")"));
  EXPECT_THAT(rows, HasSubstr(R"({"ok":true,"id":"b")"));
  // Of elsewhere it is kept: a replicator would never come to its end.
  EXPECT_EQ(
      bulk(R"({"_id":"_design/x","_rev":"1-aa","language":"query","views":{"n":{"map":{"fields":{"a":1}}}}})",
           R"(,"new_edits":false)")
          .body,
      "[]");
  EXPECT_EQ(api_.get(std::string(kMain) + "/_design/x").status, 200U);
}

TEST_F(IndexedDocument, RevisionsFromElsewhereMakeTheIndexOfTheWinner) {
  const std::string id = R"("_id":"_design/dd",)";
  EXPECT_EQ(bulk("{" + id + R"("_rev":"2-bb",)" + design("a").substr(1), R"(,"new_edits":false)").body, "[]");
  EXPECT_THAT(indexes(), HasSubstr(R"({"a":1})"));
  EXPECT_EQ(bulk("{" + id + R"("_rev":"1-aa",)" + design("b").substr(1), R"(,"new_edits":false)").body, "[]");
  EXPECT_THAT(indexes(), HasSubstr(R"({"a":1})")) << "the other one lost";
  EXPECT_EQ(bulk("{" + id + R"("_deleted":true,"_revisions":{"start":3,"ids":["cc","bb"]}})",
                 R"(,"new_edits":false)")
                .body,
            "[]");
  EXPECT_THAT(indexes(), HasSubstr(R"({"b":1})")) << "the one that lost is the winner now";
}

TEST_F(IndexedDocument, AnIndexOfOurOwnIsNotTakenOver) {
  EXPECT_EQ(api_.put(std::string(kIndexes) + "/dd:n", R"({"keys":[{"a":1}],"unique":true})").status, 201U);
  EXPECT_EQ(put(design("a")).status, 400U);
  EXPECT_THAT(indexes(), HasSubstr(R"("unique":true)"));
  EXPECT_EQ(api_.get(std::string(kMain) + "/_design/dd").status, 404U);
}

TEST_F(IndexedDocument, DroppedByItselfItComesBackWithTheIndexRequest) {
  const std::string request = R"({"index":{"fields":["a"]},"ddoc":"dd","name":"n"})";
  EXPECT_THAT(api_.post(std::string(kMain) + "/_index", request).body, HasSubstr(R"("result":"created")"));
  EXPECT_EQ(api_.remove(std::string(kIndexes) + "/dd:n").status, 200U);
  EXPECT_EQ(api_.get(std::string(kMain) + "/_design/dd").status, 200U);
  EXPECT_THAT(api_.post(std::string(kMain) + "/_index", request).body, HasSubstr(R"("result":"exists")"));
  EXPECT_THAT(indexes(), HasSubstr("dd:n"));
}

TEST_F(IndexedDocument, ASchemaIsNotAboutDesignDocuments) {
  EXPECT_EQ(api_.put("/v1/databases/main/collections/_default/schema",
                     R"({"schema":{"type":"object","required":["a"]}})")
                .status,
            200U);
  EXPECT_EQ(put(design("a")).status, 201U);
  EXPECT_EQ(api_.put(std::string(kMain) + "/b", "{}").status, 403U);
}

TEST_F(IndexedDocument, ItComesByOtherDoorsToo) {
  EXPECT_EQ(api_.put("/v1/databases/main/collections/_default/documents/_design%2Fdd", design("a")).status,
            201U);
  EXPECT_THAT(indexes(), HasSubstr("dd:n"));
}

}  // namespace
}  // namespace quire::api::couch
