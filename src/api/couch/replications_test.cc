#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <regex>
#include <thread>

#include "api/testing/test_api.h"

// Replications as CouchDB's protocol begins and shows them. Both sides are of one node: nothing is connected
// to.

namespace quire::api::couch {
namespace {

using testing::Answer;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::TestApi;

class CouchReplications : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"from", "to"}) {
      EXPECT_EQ(api_.put(std::string("/couch/") + name, "").status, 201U);
    }
    EXPECT_EQ(api_.put("/couch/from/a", R"({"n":1})").status, 201U);
  }

  Answer replicate(const std::string& json) { return api_.post("/couch/_replicate", json); }
  Answer put(const std::string& id, const std::string& json) {
    return api_.put("/couch/_replicator/" + id, json);
  }
  Answer get(const std::string& id) { return api_.get("/couch/_replicator/" + id); }
  static std::string rev_of(const Answer& answer) {
    std::smatch found;
    static const std::regex rev(R"("_?rev":"([^"]*)\")");
    EXPECT_TRUE(std::regex_search(answer.body, found, rev)) << answer.body;
    return found[1];
  }
  template <class Condition>
  static bool soon(Condition condition) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > until) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
  }
  bool completed(const std::string& id) {
    return soon(
        [&] { return get(id).body.find(R"("_replication_state":"completed")") != std::string::npos; });
  }

  TestApi api_;
};

TEST_F(CouchReplications, AOneShotAnswersWithItsHistory) {
  const Answer first = replicate(R"({"source":"from","target":"to"})");
  EXPECT_EQ(first.status, 200U) << first.body;
  EXPECT_THAT(first.body, HasSubstr(R"("docs_written":1,"doc_write_failures":0}]})"));
  EXPECT_THAT(first.body, Not(HasSubstr("no_changes")));
  EXPECT_EQ(api_.get("/couch/to/a").status, 200U);
  const Answer second = replicate(R"({"source":"from","target":"to"})");
  EXPECT_THAT(second.body, HasSubstr(R"("ok":true,"no_changes":true)"));
  // It is remembered by nobody.
  EXPECT_EQ(api_.get("/v1/replications").body, R"({"replications":[]})");
}

TEST_F(CouchReplications, IdsAreThoseOfTheProtocol) {
  EXPECT_EQ(api_.put("/v1/databases/from/collections/orders", "{}").status, 201U);
  EXPECT_EQ(api_.put("/couch/from/orders:7", "{}").status, 201U);
  EXPECT_EQ(replicate(R"({"source":"from","target":"to","doc_ids":["orders:7"]})").status, 200U);
  EXPECT_EQ(api_.get("/couch/to/orders:7").status, 200U);
  EXPECT_EQ(api_.get("/couch/to/a").status, 404U);
}

TEST_F(CouchReplications, OnlyAContinuousOneThatRunsIsCancelled) {
  const std::string live = R"({"source":"from","target":"to","continuous":true)";
  EXPECT_EQ(replicate(live + R"(,"cancel":true})").status, 404U);
  const Answer begun = replicate(live + "}");
  EXPECT_EQ(begun.status, 202U) << begun.body;
  EXPECT_EQ(replicate(live + "}").body, begun.body);
  EXPECT_TRUE(soon([&] { return api_.get("/couch/to/a").status == 200; }));
  EXPECT_THAT(api_.get("/couch/_active_tasks").body, HasSubstr(R"("type":"replication")"));
  EXPECT_EQ(replicate(live + R"(,"cancel":true})").status, 200U);
  EXPECT_EQ(api_.get("/couch/_active_tasks").body, "[]");
}

TEST_F(CouchReplications, ADocumentIsCancelledByItsDeletionAlone) {
  EXPECT_EQ(put("r", R"({"source":"from","target":"to","continuous":true})").status, 201U);
  EXPECT_EQ(replicate(R"({"replication_id":"r","cancel":true})").status, 404U);
  EXPECT_EQ(api_.remove("/couch/_replicator/r").status, 409U);
  EXPECT_EQ(api_.remove("/couch/_replicator/r?rev=" + rev_of(get("r"))).status, 200U);
  EXPECT_EQ(get("r").status, 404U);
}

TEST_F(CouchReplications, ADocumentSaysWhenItIsDoneAndBeginsAnewWhenItIsWritten) {
  const Answer made = put("r", R"({"source":"from","target":"to","note":"mine"})");
  EXPECT_EQ(made.status, 201U) << made.body;
  ASSERT_TRUE(completed("r"));
  EXPECT_THAT(get("r").body, HasSubstr(R"("source":"from","target":"to","note":"mine","_replication_id":")"));
  // Being done is another revision.
  EXPECT_EQ(put("r", R"({"source":"from","target":"to","_rev":")" + rev_of(made) + "\"}").status, 409U);
  EXPECT_EQ(api_.put("/couch/from/b", "{}").status, 201U);
  EXPECT_EQ(put("r", R"({"source":"from","target":"to","_rev":")" + rev_of(get("r")) + "\"}").status, 201U);
  EXPECT_TRUE(soon([&] { return api_.get("/couch/to/b").status == 200; }));
}

TEST_F(CouchReplications, SeveralDocumentsAreWrittenAtOnceEachWithItsRow) {
  const auto bulk = [&](const std::string& docs) {
    return api_.post("/couch/_replicator/_bulk_docs", R"({"docs":[)" + docs + "]}");
  };
  const std::string sides = R"("source":"from","target":"to","continuous":true})";
  const Answer made = bulk(R"({"_id":"a",)" + sides + R"(,{"_id":"b","source":"from"},{"_id":"_c",)" + sides);
  EXPECT_EQ(made.status, 400U) << made.body;
  EXPECT_EQ(get("a").status, 404U);
  const Answer rows = bulk(R"({"_id":"a",)" + sides + R"(,{"_id":"b","source":"from"})");
  EXPECT_EQ(rows.status, 201U);
  EXPECT_THAT(rows.body, HasSubstr(R"([{"ok":true,"id":"a","rev":"1-)"));
  EXPECT_THAT(rows.body, HasSubstr(R"({"id":"b","error":"forbidden","reason":")"));
  const std::string gone = R"({"_id":"a","_deleted":true,"_rev":")" + rev_of(get("a")) + "\"}";
  EXPECT_THAT(bulk(gone).body, HasSubstr(R"([{"ok":true,"id":"a","rev":"2-)"));
  EXPECT_THAT(bulk(gone).body, HasSubstr(R"({"id":"a","error":"conflict")"));
  EXPECT_EQ(get("a").status, 404U);
}

TEST_F(CouchReplications, ChangesOfDocumentsStandInTheirOrder) {
  const auto changes = [&](const std::string& query) {
    return api_.get("/couch/_replicator/_changes" + query).body;
  };
  const auto row = [](int sequence, const std::string& id, const std::string& revision,
                      const std::string& more) {
    return "{\"seq\":" + std::to_string(sequence) + R"(,"id":")" + id + R"(","changes":[{"rev":")" +
           revision + "\"}]" + more + "}";
  };
  EXPECT_EQ(changes(""), "{\"results\":[\n\n],\"last_seq\":0,\"pending\":0}\n");
  EXPECT_EQ(put("live", R"({"source":"from","target":"to","continuous":true})").status, 201U);
  EXPECT_EQ(put("once", R"({"source":"from","target":"to"})").status, 201U);
  ASSERT_TRUE(completed("once"));
  ASSERT_TRUE(soon([&] { return changes("?since=2").find("once") != std::string::npos; }));
  const std::string live = rev_of(get("live"));
  const std::string once = rev_of(get("once"));
  EXPECT_EQ(changes(""), "{\"results\":[\n" + row(1, "live", live, "") + ",\n" + row(3, "once", once, "") +
                             "\n],\"last_seq\":3,\"pending\":0}\n");
  const std::string deleted = rev_of(api_.remove("/couch/_replicator/once?rev=" + once));
  EXPECT_THAT(changes("?since=3"), HasSubstr(row(4, "once", deleted, R"(,"deleted":true)")));
  EXPECT_THAT(changes("?since=now"), Not(HasSubstr("once")));
  EXPECT_THAT(changes("?feed=live&timeout=1&since=3"),
              HasSubstr(row(4, "once", deleted, R"(,"deleted":true)")));
  EXPECT_THAT(changes("?descending=true&limit=1"), HasSubstr(row(4, "once", deleted, R"(,"deleted":true)")));
  EXPECT_THAT(changes("?descending=true&limit=1"), Not(HasSubstr("live")));
  EXPECT_THAT(changes("?filter=_doc_ids&doc_ids=%5B%22live%22%5D"), Not(HasSubstr("once")));
  EXPECT_THAT(changes("?include_docs=true&limit=1"),
              HasSubstr(R"("doc":{"_id":"live","_rev":")" + live + R"(","source":"from","target":"to",)"));
  const Answer selected =
      api_.post("/couch/_replicator/_changes?filter=_selector", R"({"selector":{"continuous":true}})");
  EXPECT_THAT(selected.body, HasSubstr(live));
  EXPECT_THAT(selected.body, Not(HasSubstr("once")));
  EXPECT_EQ(api_.get("/couch/_replicator/_changes?filter=a/b").status, 404U);
  EXPECT_THAT(api_.get("/couch/_replicator").body, HasSubstr(R"("update_seq":4)"));
  // Whoever has its deletion must see that it is there again.
  EXPECT_THAT(put("once", R"({"source":"from","target":"to"})").body, HasSubstr(R"("rev":"4-)"));
}

TEST_F(CouchReplications, AListOfDocumentsMayNameThem) {
  for (const char* id : {"a", "b", "c"}) {
    EXPECT_EQ(put(id, R"({"source":"from","target":"to","continuous":true})").status, 201U);
  }
  const auto row = [&](const std::string& id) {
    return R"({"id":")" + id + R"(","key":")" + id + R"(","value":{"rev":")" + rev_of(get(id)) + "\"}}";
  };
  const std::string rows = R"({"total_rows":3,"offset":0,"rows":[)";
  EXPECT_EQ(api_.post("/couch/_replicator/_all_docs", R"({"keys":["c","x","a"]})").body,
            rows + row("c") + R"(,{"key":"x","error":"not_found"},)" + row("a") + "]}");
  EXPECT_EQ(api_.get("/couch/_replicator/_all_docs?keys=%5B%22c%22,%22a%22%5D&limit=1").body,
            rows + row("c") + "]}");
  EXPECT_EQ(
      api_.post("/couch/_replicator/_all_docs", R"({"startkey":"a","endkey":"c","inclusive_end":false})")
          .body,
      rows + row("a") + "," + row("b") + "]}");
  EXPECT_EQ(api_.post("/couch/_replicator/_all_docs", R"({"keys":"a"})").status, 400U);
}

TEST_F(CouchReplications, ADatabaseThatIsNotThereIsTriedAgain) {
  EXPECT_EQ(put("r", R"({"source":"none","target":"to"})").status, 201U);
  const Answer state = api_.get("/couch/_scheduler/docs/_replicator/r");
  EXPECT_THAT(state.body, HasSubstr(R"("state":"crashing","error_count":1)"));
  EXPECT_THAT(state.body, HasSubstr(R"("retry_time":")"));
}

TEST_F(CouchReplications, TheTargetIsMadeWhereThatIsAsked) {
  EXPECT_EQ(replicate(R"({"source":"from","target":"new"})").status, 404U);
  EXPECT_EQ(replicate(R"({"source":"from","target":"new","create_target":true})").status, 200U);
  EXPECT_EQ(api_.get("/couch/new/a").status, 200U);
}

TEST_F(CouchReplications, ASecretIsNeverShown) {
  // Nothing can be connected to here, and no refusal shows what was sent.
  for (const std::string side :
       {R"("http://me:canary@h/db")", R"({"url":"http://h/db","headers":{"Authorization":"canary"}})",
        R"({"url":"http://h/db","auth":{"basic":{"username":"me","password":"canary"}}})",
        R"({"url":"http://h/db","headers":{"X-Key":"canary"}})", R"({"url":"canary://h"})"}) {
    const std::string body = R"({"source":)" + side + R"(,"target":"to"})";
    for (const Answer& answer : {replicate(body), put("r", body), get("r")}) {
      EXPECT_GE(answer.status, 400U);
      EXPECT_THAT(answer.body, Not(HasSubstr("canary")));
    }
  }
}

}  // namespace
}  // namespace quire::api::couch
