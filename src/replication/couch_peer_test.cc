#include "replication/couch_peer.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/coding.h"
#include "base/testing/manual_clock.h"
#include "base/testing/manual_executor.h"
#include "base/testing/seeded_random.h"
#include "replication/couch_answers.h"
#include "replication/replicator.h"
#include "replication/testing/fake_couch.h"
#include "replication/testing/memory_replica.h"

namespace quire::replication {
namespace {

using testing::FakeCouch;
using testing::MemoryReplica;
using testing::MemoryStore;

class CouchPeerTest : public ::testing::Test {
 protected:
  CouchPeerTest()
      : executor_(clock_),
        couch_(std::make_shared<FakeCouch>(there_, executor_)),
        peer_(std::make_shared<CouchPeer>(CouchPeerOptions{couch_, "", "db", "http://couch.example/db",
                                                           Secret("Basic c2VjcmV0"), random_})),
        here_side_(std::make_shared<MemoryReplica>(here_, executor_)) {}

  Result<Progress> once(std::shared_ptr<Source> source, std::shared_ptr<Target> target) {
    std::optional<Result<Progress>> end;
    Replicator replicator({clock_, random_, executor_}, std::move(source), std::move(target),
                          {.scope = {}, .continuous = false, .failures_in_a_row = 3});
    replicator.start([&](Result<Progress> result) { end.emplace(std::move(result)); });
    for (int i = 0; i < 1000 && !end; ++i) executor_.advance(std::chrono::milliseconds(100));
    EXPECT_TRUE(end.has_value());
    return end ? *end : Result<Progress>(Error(ErrorCode::deadline, "no end"));
  }

  static void fill(MemoryStore& store) {
    for (int i = 0; i < 300; ++i) {
      const DocumentName name{"_default", "d" + std::to_string(i)};
      ASSERT_TRUE(store.put(name, std::nullopt, R"({"n":1.0,"t":"é"})"));
    }
    const DocumentName odd{"_default", "a/b c?é"};
    ASSERT_TRUE(store.put(odd, std::nullopt, R"({"constructor":{"__proto__":1}})"));
    ASSERT_TRUE(store.attach(odd, "dir/picture 1.png", std::string(100'000, 'p')));
    ASSERT_TRUE(store.attach(odd, "empty", ""));
    store.branch(odd, R"({"branch":true})");
    const DocumentName gone{"_default", "gone"};
    ASSERT_TRUE(store.put(gone, std::nullopt, "{}"));
    ASSERT_TRUE(store.put(gone, store.winner(gone)->revision, R"({"why":"old"})", true));
    store.sync();
  }

  ManualClock clock_;
  SeededRandom random_{3};
  ManualExecutor executor_;
  MemoryStore here_{"here"};
  MemoryStore there_{"there"};
  std::shared_ptr<FakeCouch> couch_;
  std::shared_ptr<CouchPeer> peer_;
  std::shared_ptr<MemoryReplica> here_side_;
};

TEST_F(CouchPeerTest, Pulls) {
  fill(there_);
  const auto end = once(peer_, here_side_);
  ASSERT_TRUE(end) << end.error().to_string();
  EXPECT_EQ(end->failures, 0U);
  EXPECT_TRUE(here_.picture() == there_.picture());
  couch_->asked.clear();
  ASSERT_TRUE(once(peer_, here_side_));
  EXPECT_EQ(couch_->asked.size(), 3U) << "database, record, changes";
}

TEST_F(CouchPeerTest, PullsWithoutBulkGetADocumentAtATime) {
  fill(there_);
  const DocumentName wide{"_default", "wide"};
  ASSERT_TRUE(there_.put(wide, std::nullopt, "{}"));
  for (int i = 0; i < 400; ++i) there_.branch(wide, R"({"i":)" + std::to_string(i) + "}");
  there_.sync();
  for (const unsigned status : {400U, 404U, 405U, 501U}) {
    MemoryStore target("target" + std::to_string(status));
    couch_->instead_of_bulk_get = status;
    couch_->asked.clear();
    const auto end = once(peer_, std::make_shared<MemoryReplica>(target, executor_));
    ASSERT_TRUE(end) << end.error().to_string();
    EXPECT_EQ(end->failures, 0U);
    EXPECT_TRUE(target.picture() == there_.picture());
    const auto tried = std::count(couch_->asked.begin(), couch_->asked.end(), "POST /db/_bulk_get");
    EXPECT_GE(tried, 1);
    EXPECT_LE(tried, kFetchesInFlight) << "it is remembered";
  }
  EXPECT_LT(couch_->longest_target, 8'000U);
  // And one for what comes next.
  EXPECT_LE(couch_->most_in_flight, kFetchesInFlight * kDocumentsInFlight + 1);
}

TEST_F(CouchPeerTest, ADatabaseThatIsGoneIsNotTakenForDocumentsThatAre) {
  fill(there_);
  couch_->instead_of_bulk_get = 404;
  std::string reason = "Database does not exist.";
  couch_->instead = [&](const HttpRequest& request) -> std::optional<FakeCouch::Answer> {
    if (request.target.find("/d7?") == std::string::npos) return std::nullopt;
    return FakeCouch::Answer{404, R"({"error":"not_found","reason":")" + reason + "\"}"};
  };
  const auto end = once(peer_, here_side_);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code(), ErrorCode::not_found);
  reason = "missing";
  const auto again = once(peer_, here_side_);
  ASSERT_TRUE(again) << again.error().to_string();
  EXPECT_EQ(again->failures, 0U) << "purged since: nothing is wrong";
  EXPECT_EQ(here_.documents() + 1, there_.documents());
}

TEST_F(CouchPeerTest, LeavesThatAreTooMuchTogetherAreAskedForOneByOne) {
  fill(there_);
  couch_->instead_of_bulk_get = 405;
  std::size_t refused = 0;
  couch_->instead = [&](const HttpRequest& request) -> std::optional<FakeCouch::Answer> {
    const bool both =
        request.target.find("/a%2Fb") != std::string::npos && request.target.find("%2C") != std::string::npos;
    const bool always = request.target.find("/d7?") != std::string::npos;
    if (!both && !always) return std::nullopt;
    refused += both ? 1 : 0;
    return FakeCouch::Answer{200, std::string(17 << 20, ' ')};
  };
  const auto end = once(peer_, here_side_);
  ASSERT_TRUE(end) << end.error().to_string();
  EXPECT_EQ(refused, 1U);
  EXPECT_EQ(end->failures, 1U);
  EXPECT_EQ(end->failed.front().error.code(), ErrorCode::too_large);
  EXPECT_EQ(end->failed.front().name.id, "d7");
  EXPECT_EQ(here_.documents() + 1, there_.documents());
}

TEST_F(CouchPeerTest, MakesItsDatabaseWhereThatIsAsked) {
  fill(here_);
  const auto made = std::make_shared<CouchPeer>(
      CouchPeerOptions{couch_, "", "db", "http://couch.example/db", Secret(), random_, true});
  ASSERT_TRUE(once(here_side_, made));
  EXPECT_EQ(couch_->asked.front(), "PUT /db");
  EXPECT_EQ(std::count(couch_->asked.begin(), couch_->asked.end(), "PUT /db"), 1);
  EXPECT_TRUE(here_.picture() == there_.picture());
}

TEST_F(CouchPeerTest, Pushes) {
  fill(here_);
  const auto end = once(here_side_, peer_);
  ASSERT_TRUE(end) << end.error().to_string();
  EXPECT_EQ(end->failures, 0U);
  EXPECT_TRUE(here_.picture() == there_.picture());
}

TEST_F(CouchPeerTest, ARefusedDocumentIsReported) {
  fill(here_);
  there_.forbidden = {{"_default", "d3"}, {"_default", "a/b c?é"}};
  const auto end = once(here_side_, peer_);
  ASSERT_TRUE(end);
  EXPECT_EQ(end->failures, 3U) << "one, and both leaves of the other";
}

TEST_F(CouchPeerTest, ARecordThatSomebodyElseWroteIsAConflict) {
  std::optional<Result<std::string>> first;
  std::optional<Result<std::string>> second;
  peer_->write_checkpoint({}, "name", {"", "{}"},
                          [&](Result<std::string> r) { first.emplace(std::move(r)); });
  executor_.run_ready();
  peer_->write_checkpoint({}, "name", {"", "{}"},
                          [&](Result<std::string> r) { second.emplace(std::move(r)); });
  executor_.run_ready();
  EXPECT_EQ(**first, "0-1");
  EXPECT_EQ(second->error().code(), ErrorCode::conflict);
}

TEST_F(CouchPeerTest, AnEndlessAnswerIsBounded) {
  fill(there_);
  couch_->instead = [](const HttpRequest& request) -> std::optional<FakeCouch::Answer> {
    if (request.target.find("_changes") == std::string::npos) return std::nullopt;
    return FakeCouch::Answer{200, std::string(40 << 20, ' ')};
  };
  const auto end = once(peer_, here_side_);
  EXPECT_EQ(end.error().code(), ErrorCode::too_large);
}

TEST_F(CouchPeerTest, AnswersMayComePackedAndAreBoundedUnpacked) {
  fill(there_);
  couch_->packs = true;
  ASSERT_TRUE(once(peer_, here_side_));
  EXPECT_TRUE(here_.picture() == there_.picture());
  couch_->instead = [](const HttpRequest& request) -> std::optional<FakeCouch::Answer> {
    if (request.target.find("_changes") == std::string::npos) return std::nullopt;
    return FakeCouch::Answer{200, std::string(40 << 20, ' ')};
  };
  EXPECT_EQ(once(peer_, here_side_).error().code(), ErrorCode::too_large);
}

TEST_F(CouchPeerTest, AnAttachmentThatLiesIsReportedAndTheRestGoesOn) {
  fill(there_);
  for (const std::string& bytes :
       {std::string("short"), std::string(200'000, 'p'), std::string(100'000, 'q')}) {
    MemoryStore target("target" + std::to_string(bytes.size()) + bytes[0]);
    couch_->instead = [&](const HttpRequest& request) -> std::optional<FakeCouch::Answer> {
      if (request.target.find("picture") == std::string::npos) return std::nullopt;
      return FakeCouch::Answer{200, bytes};
    };
    const auto end = once(peer_, std::make_shared<MemoryReplica>(target, executor_));
    ASSERT_TRUE(end) << end.error().to_string();
    EXPECT_EQ(end->failures, 1U);
    EXPECT_EQ(end->failed.front().error.code(), ErrorCode::corrupt);
    EXPECT_EQ(target.documents(), there_.documents());
  }
}

TEST_F(CouchPeerTest, ARedirectIsNotFollowed) {
  couch_->instead = [](const HttpRequest&) {
    return FakeCouch::Answer{302, "", {{"Location", "http://169.254.169.254/secret"}}};
  };
  const auto end = once(peer_, here_side_);
  EXPECT_EQ(end.error().code(), ErrorCode::invalid);
  EXPECT_EQ(end.error().message().find("169"), std::string::npos);
  for (const auto& target : couch_->asked) EXPECT_EQ(target, "GET /db");
}

TEST_F(CouchPeerTest, WhatAPeerSaysIsNotShown) {
  couch_->instead = [](const HttpRequest&) {
    return FakeCouch::Answer{200, R"({"secret":"internal page"})"};
  };
  const auto end = once(peer_, here_side_);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().to_string().find("internal page"), std::string::npos);
}

TEST_F(CouchPeerTest, AHostWithoutTheDatabaseOrTheRightEndsIt) {
  for (const auto& [status, code] :
       {std::pair(404U, ErrorCode::not_found), {401U, ErrorCode::unauthenticated}}) {
    couch_->instead = [status = status](const HttpRequest&) { return FakeCouch::Answer{status, "{}"}; };
    const auto end = once(peer_, here_side_);
    EXPECT_EQ(end.error().code(), code);
  }
}

TEST(CouchAnswers, ATreeOfAMillionRevisionsIsRefused) {
  std::string ids = "\"a\"";
  for (int i = 1; i < 1'000'000; ++i) ids += ",\"a\"";
  const std::string text =
      R"({"_id":"x","_rev":"1000000-a","_revisions":{"start":1000000,"ids":[)" + ids + "]}}";
  const auto revision = parse_couch_document(text, {"", "x"});
  ASSERT_FALSE(revision);
  EXPECT_EQ(revision.error().code(), ErrorCode::too_large);
}

TEST(CouchAnswers, ADocumentComesAsItIs) {
  const auto revision = parse_couch_document(
      R"({"_id":"x","_rev":"2-b","n":1.10,"_revisions":{"start":2,"ids":["b","a"]},"_deleted":true,)"
      R"("_attachments":{"f":{"content_type":"text/plain","revpos":2,"digest":"md5-rL0Y20zC+Fzt72VPzMSk2A==","length":3,"stub":true},)"
      R"("g":{"content_type":"text/plain","revpos":1,"digest":"md5-rL0Y20zC+Fzt72VPzMSk2A==","length":3,"stub":true,"encoding":"gzip","encoded_length":23}}})",
      {"", "x"});
  ASSERT_TRUE(revision) << revision.error().to_string();
  EXPECT_EQ(revision->body, R"({"n":1.10})");
  EXPECT_TRUE(revision->deleted);
  EXPECT_EQ(revision->path.size(), 2U);
  ASSERT_EQ(revision->attachments.size(), 2U);
  EXPECT_EQ(revision->attachments[0].md5.size(), 16U);
  EXPECT_EQ(revision->attachments[1].md5, "") << "the digest is of the compressed bytes";
}

TEST(CouchAnswers, RowsThatWereNotAskedForArePassedOver) {
  const std::vector<RevisionsOf> asked{{{"orders", "7"}, {*document::Revision::parse("1-a")}}};
  const auto missing =
      parse_revs_diff(R"({"orders:7":{"missing":["1-a"]},"other":{"missing":["1-b"]}})", asked);
  ASSERT_TRUE(missing);
  EXPECT_EQ(missing->size(), 1U);
  EXPECT_FALSE(parse_changes(
      R"({"results":[{"id":"a","changes":[]},{"id":"b","changes":[]},{"id":"c","changes":[]},{"id":"d","changes":[]}],"last_seq":9})",
      1));
  EXPECT_EQ(parse_changes(R"({"results":[],"last_seq":12})", 1)->next, "12");
}

}  // namespace
}  // namespace quire::replication
