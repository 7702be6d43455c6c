#include "engine/replications.h"

#include <gtest/gtest.h>

#include <thread>

#include "database/shard.h"
#include "engine/local_replications.h"
#include "engine/testing/test_node.h"
#include "engine/tuning.h"

namespace quire::engine {
namespace {

using replication::RunState;
using testing::TestNode;

class ReplicationsTest : public ::testing::Test {
 protected:
  ReplicationsTest() {
    for (const char* name : {"from", "to"}) {
      EXPECT_TRUE(wait<DatabaseDescription>([&](auto done) {
        node_.node.catalog().create_database(node_.caller, {}, {.name = name}, {}, std::move(done));
      }));
    }
    open();
  }
  ~ReplicationsTest() override { replications_.reset(); }

  // As a process that ends and begins again.
  void open() {
    replications_.reset();
    auto& parts = node_.node;
    replications_ = LocalReplications::open(
                        {.databases = node_.catalog,
                         .replica = {parts.documents(), parts.feeds(), parts.catalog(), parts.revisions(),
                                     parts.checkpoints(), system_clock(), *workers_},
                         .random = system_random(),
                         .executor = *executor_,
                         .peers = [](const replication::PeerAddress&) -> Result<replication::Side> {
                           return Error(ErrorCode::not_implemented, "a test connects nowhere");
                         }})
                        .value();
    replications_->start();
  }

  void put(const std::string& id) {
    std::vector<Change> changes;
    changes.push_back(testing::put_change(id, "{}"));
    ASSERT_TRUE(wait<WriteResult>([&](auto done) {
      node_.node.documents().write(node_.caller, {}, {.name = "from"}, std::move(changes), {},
                                   std::move(done));
    }));
  }
  bool arrived(const std::string& id) {
    return wait<Document>([&](auto done) {
             node_.node.documents().get(node_.caller, {}, {.database = {.name = "to"}}, id, {},
                                        std::move(done));
           })
        .has_value();
  }

  Result<ReplicationStatus> create(bool continuous, const Caller& caller = Caller::admin(),
                                   std::string source = "from", std::string target = "to") {
    ReplicationRequest request;
    request.source = std::move(source);
    request.target = std::move(target);
    request.continuous = continuous;
    return wait<ReplicationStatus>(
        [&](auto done) { replications_->create(caller, {}, std::move(request), std::move(done)); });
  }
  Result<ReplicationStatus> get(const std::string& id) {
    return wait<ReplicationStatus>(
        [&](auto done) { replications_->get(Caller::admin(), {}, id, std::move(done)); });
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

  TestNode node_;
  std::unique_ptr<Executor> executor_ = make_thread_pool(1);
  std::unique_ptr<Executor> workers_ = make_thread_pool(2);
  std::unique_ptr<LocalReplications> replications_;
};

TEST_F(ReplicationsTest, AOneShotIsDoneOnceAndSaysSoAfterARestart) {
  put("a");
  const auto made = create(false);
  ASSERT_TRUE(made) << made.error().to_string();
  EXPECT_TRUE(soon([&] { return get(made->id)->progress.state == RunState::finished; }));
  EXPECT_TRUE(arrived("a"));
  // The end is written down behind what it shows.
  EXPECT_TRUE(soon([&] {
    open();
    return get(made->id)->progress.state == RunState::finished;
  }));
  put("b");
  EXPECT_FALSE(arrived("b"));
}

TEST_F(ReplicationsTest, AContinuousOneGoesOnAfterARestart) {
  put("a");
  const auto made = create(true);
  ASSERT_TRUE(made);
  EXPECT_TRUE(soon([&] { return arrived("a"); }));
  open();
  put("b");
  EXPECT_TRUE(soon([&] { return arrived("b"); }));
  EXPECT_TRUE(get(made->id)->continuous);
  ASSERT_TRUE(
      wait<void>([&](auto done) { replications_->remove(Caller::admin(), {}, made->id, std::move(done)); }));
  EXPECT_EQ(get(made->id).error().code(), ErrorCode::not_found);
  open();
  EXPECT_EQ(get(made->id).error().code(), ErrorCode::not_found);
}

TEST_F(ReplicationsTest, OnlyAdministratorsMay) {
  EXPECT_EQ(create(false, Caller::anonymous()).error().code(), ErrorCode::unauthenticated);
  const auto list = wait<std::vector<ReplicationStatus>>(
      [&](auto done) { replications_->list(Caller::anonymous(), {}, std::move(done)); });
  EXPECT_EQ(list.error().code(), ErrorCode::unauthenticated);
}

TEST_F(ReplicationsTest, WhatCannotRunIsNotMade) {
  EXPECT_EQ(create(false, Caller::admin(), "from", "from").error().code(), ErrorCode::invalid);
  EXPECT_EQ(create(false, Caller::admin(), "nowhere", "to").error().code(), ErrorCode::not_found);
  EXPECT_EQ(create(false, Caller::admin(), "http://me:pw@host/db", "to").error().code(),
            ErrorCode::not_implemented);
  const auto list = wait<std::vector<ReplicationStatus>>(
      [&](auto done) { replications_->list(Caller::admin(), {}, std::move(done)); });
  EXPECT_TRUE(list->empty());
}

TEST_F(ReplicationsTest, ARunAnswersAtItsEndAndIsForgotten) {
  put("a");
  ReplicationRequest request;
  request.source = "from";
  request.target = "made";
  request.create_target = true;
  request.passing = true;
  const auto over = wait<ReplicationStatus>(
      [&](auto done) { replications_->run(Caller::admin(), {}, std::move(request), std::move(done)); });
  ASSERT_TRUE(over) << over.error().to_string();
  EXPECT_EQ(over->progress.state, RunState::finished);
  EXPECT_EQ(over->progress.documents_written, 1U);
  EXPECT_EQ(get(over->id).error().code(), ErrorCode::not_found);
}

TEST_F(ReplicationsTest, WhoeverWaitsForOneThatIsTakenAwayIsTold) {
  ReplicationRequest request;
  request.source = "from";
  request.target = "to";
  request.continuous = true;
  request.passing = true;
  request.name = "live";
  Waiter<ReplicationStatus> waiter;
  replications_->run(Caller::admin(), {}, std::move(request), waiter.completion());
  ASSERT_TRUE(
      wait<void>([&](auto done) { replications_->remove(Caller::admin(), {}, "live", std::move(done)); }));
  EXPECT_EQ(waiter.take().error().code(), ErrorCode::cancelled);
}

TEST_F(ReplicationsTest, OneWithADocumentWaitsForWhatIsNotThereAndIsReplacedByWhoeverKnowsIt) {
  const auto named = [&](const std::string& source, const std::string& document,
                         std::optional<std::string> replaces) {
    ReplicationRequest request;
    request.source = source;
    request.target = "to";
    request.name = "n";
    request.document = document;
    request.replaces = std::move(replaces);
    return wait<ReplicationStatus>(
        [&](auto done) { replications_->create(Caller::admin(), {}, std::move(request), std::move(done)); });
  };
  put("a");
  EXPECT_EQ(named("from", "1", "0").error().code(), ErrorCode::conflict);
  ASSERT_TRUE(named("nowhere", "1", std::nullopt));
  EXPECT_EQ(get("n")->failures, 1U);
  const auto pause = get("n")->retry_ms - get("n")->changed_ms;
  EXPECT_GE(pause, tuning::kFirstRestart.count() / 2);
  EXPECT_LE(pause, tuning::kFirstRestart.count());
  EXPECT_EQ(named("from", "2", std::nullopt).error().code(), ErrorCode::exists);
  EXPECT_EQ(named("from", "2", "0").error().code(), ErrorCode::conflict);
  ASSERT_TRUE(named("from", "2", "1"));
  EXPECT_TRUE(soon([&] { return get("n")->progress.state == RunState::finished; }));
  EXPECT_TRUE(arrived("a"));
  EXPECT_EQ(get("n")->progress.documents_written, 1U);
  open();
  // It may have been stopped before its end was written down, and then finds nothing more to do.
  EXPECT_TRUE(soon([&] { return get("n")->progress.state == RunState::finished; }));
  EXPECT_EQ(get("n")->document, "2");
}

TEST_F(ReplicationsTest, ChangesHaveAnOrderThatSurvivesARestart) {
  const auto changes = [&](const Position& since) {
    return wait<ReplicationChanges>(
        [&](auto done) { replications_->changes(Caller::admin(), {}, since, 10, false, std::move(done)); });
  };
  const auto make = [&](const std::string& name) {
    ReplicationRequest request;
    request.source = "nowhere";
    request.target = "to";
    request.name = name;
    request.document = "1-" + name + " members";
    return wait<ReplicationStatus>(
        [&](auto done) { replications_->create(Caller::admin(), {}, std::move(request), std::move(done)); });
  };
  EXPECT_TRUE(changes({})->at_end);
  EXPECT_EQ(changes({1, 7}).error().code(), ErrorCode::history_lost);
  ASSERT_TRUE(make("a"));
  ASSERT_TRUE(make("b"));
  ASSERT_TRUE(create(true)) << "one without a document is not shown";
  const Position before = changes({})->next;
  ASSERT_TRUE(
      wait<void>([&](auto done) { replications_->remove(Caller::admin(), {}, "a", std::move(done)); }));
  open();
  const auto all = changes({});
  ASSERT_TRUE(all) << all.error().to_string();
  ASSERT_EQ(all->rows.size(), 2U);
  EXPECT_EQ(all->rows[0].status.id, "b");
  EXPECT_FALSE(all->rows[0].removed);
  EXPECT_EQ(all->rows[0].status.document, "1-b members");
  EXPECT_EQ(all->rows[1].status.id, "a");
  EXPECT_TRUE(all->rows[1].removed);
  EXPECT_EQ(all->rows[1].status.document, "1-a") << "nothing but its revision stays";
  const auto since = changes(before);
  ASSERT_EQ(since->rows.size(), 1U);
  EXPECT_EQ(since->rows[0].sequence, all->rows[1].sequence);
  EXPECT_GT(since->next.sequence, before.sequence);
  const auto refused = wait<ReplicationChanges>(
      [&](auto done) { replications_->changes(Caller::anonymous(), {}, {}, 10, false, std::move(done)); });
  EXPECT_EQ(refused.error().code(), ErrorCode::unauthenticated);
}

TEST_F(ReplicationsTest, WhoeverWaitsForAChangeIsToldOfTheFirst) {
  Waiter<Position> waiter;
  replications_->wait_for_change(Caller::admin(), {}, {}, waiter.completion());
  ASSERT_TRUE(create(true));
  const auto position = waiter.take();
  ASSERT_TRUE(position) << position.error().to_string();
  EXPECT_GT(position->sequence, 0U);
  Waiter<Position> last;
  replications_->wait_for_change(Caller::admin(), {}, *position, last.completion());
  replications_.reset();
  EXPECT_EQ(last.take().error().code(), ErrorCode::unavailable) << "the node ends";
}

TEST(ReplicationRecord, OfOneThatWasTakenAwayKeepsItsRevisionAlone) {
  ReplicationRecord record;
  record.request.source = "http://me:canary@host/db";
  record.request.document = "2-b \"note\":\"canary\",";
  record.ended = "finished";
  EXPECT_EQ(print_removed(record), R"({"document":"2-b","ended":"finished"})");
  const auto read = parse_removed(print_removed(record));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->request.document, "2-b");
  EXPECT_EQ(read->last.state, RunState::finished);
  EXPECT_EQ(print_removed({}), "{}");
  EXPECT_EQ(parse_removed("{}")->request.document, "");
}

TEST(ReplicationRecord, KeepsItsEnd) {
  ReplicationRecord record;
  record.request.source = "from";
  record.request.target = "to";
  record.request.document = "1-a {}";
  record.request.create_target = true;
  record.ended = "failed";
  record.ended_ms = 5;
  record.last.documents_written = 3;
  record.last.reached = "7-x";
  record.last.last_error = Error(ErrorCode::io, "the disk");
  const auto read = parse_replication(print_replication(record));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->request.document, "1-a {}");
  EXPECT_TRUE(read->request.create_target);
  EXPECT_EQ(read->ended, "failed");
  EXPECT_EQ(read->ended_ms, 5);
  EXPECT_EQ(read->last.state, RunState::failed);
  EXPECT_EQ(read->last.documents_written, 3U);
  EXPECT_EQ(read->last.reached, "7-x");
  EXPECT_EQ(read->last.last_error->message(), "the disk");
}

TEST(ReplicationRecord, IsWrittenAsItsPageSays) {
  ReplicationRecord record;
  record.request.source = "http://10.0.0.7:8800/v1/databases/main";
  record.request.target = "main";
  record.request.continuous = true;
  record.request.source_authorization = Secret("Bearer ...");
  record.created_ms = 1767225600000;
  const std::string text =
      R"({"source":"http://10.0.0.7:8800/v1/databases/main","target":"main","sourceAuthorization":"Bearer ...","ids":[],"continuous":true,"created":1767225600000})";
  EXPECT_EQ(print_replication(record), text);
  EXPECT_EQ(print_replication(*parse_replication(text)), text);
  EXPECT_EQ(parse_replication("{}").error().code(), ErrorCode::corrupt);
}

}  // namespace
}  // namespace quire::engine
