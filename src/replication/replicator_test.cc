#include "replication/replicator.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/testing/manual_clock.h"
#include "base/testing/manual_executor.h"
#include "base/testing/seeded_random.h"
#include "replication/checkpoint.h"
#include "replication/testing/memory_replica.h"

namespace quire::replication {
namespace {

using document::Revision;
using testing::MemoryReplica;
using testing::MemoryReplicaOptions;
using testing::MemoryStore;

class ReplicatorTest : public ::testing::Test {
 protected:
  ReplicatorTest() : random_(7), executor_(clock_) {}

  struct Run {
    std::unique_ptr<Replicator> replicator;
    std::optional<Result<Progress>> end;
  };

  std::shared_ptr<MemoryReplica> side(MemoryStore& store, std::vector<std::string>* asked = nullptr,
                                      MemoryReplicaOptions options = {}) {
    if (asked != nullptr) options.note = [asked](const std::string& what) { asked->push_back(what); };
    return std::make_shared<MemoryReplica>(store, executor_, options);
  }

  std::unique_ptr<Run> start(std::shared_ptr<Source> source, std::shared_ptr<Target> target,
                             ReplicatorOptions options = {}) {
    auto run = std::make_unique<Run>();
    run->replicator = std::make_unique<Replicator>(ReplicatorParts{clock_, random_, executor_},
                                                   std::move(source), std::move(target), std::move(options));
    run->replicator->start([at = run.get()](Result<Progress> end) { at->end.emplace(std::move(end)); });
    return run;
  }

  Progress once(std::shared_ptr<Source> source, std::shared_ptr<Target> target,
                ReplicatorOptions options = {}) {
    const auto run = start(std::move(source), std::move(target), std::move(options));
    for (int i = 0; i < 1000 && !run->end; ++i) {
      executor_.run_ready();
      if (!run->end) executor_.advance(std::chrono::milliseconds(100));
    }
    EXPECT_TRUE(run->end.has_value());
    EXPECT_TRUE(*run->end) << run->end->error().to_string();
    return **run->end;
  }

  void fill(MemoryStore& store, int documents) {
    for (int i = 0; i < documents; ++i) {
      ASSERT_TRUE(store.put({"_default", "d" + std::to_string(i)}, std::nullopt, R"({"n":1})"));
    }
    store.sync();
  }

  ManualClock clock_;
  SeededRandom random_;
  ManualExecutor executor_;
  MemoryStore a_{"a"};
  MemoryStore b_{"b"};
};

const DocumentName kMoved{"_default", "x"};

TEST_F(ReplicatorTest, ATargetGetsWhatTheSourceHas) {
  fill(a_, 2500);
  ASSERT_TRUE(a_.put(kMoved, std::nullopt, R"({"n":2})"));
  ASSERT_TRUE(a_.attach(kMoved, "pieces", "more bytes than one piece of the test's stream"));
  a_.sync();
  const Progress end = once(side(a_), side(b_));
  EXPECT_EQ(a_.picture(), b_.picture());
  EXPECT_EQ(end.documents_written, 2501U);
  EXPECT_EQ(end.attachment_bytes, 46U);
  EXPECT_EQ(end.recorded, a_.position());
}

TEST_F(ReplicatorTest, ConflictsTravelWithAllLeaves) {
  ASSERT_TRUE(a_.put(kMoved, std::nullopt, R"({"at":"a"})"));
  ASSERT_TRUE(b_.put(kMoved, std::nullopt, R"({"at":"b"})"));
  const auto parent = b_.winner(kMoved)->revision;
  ASSERT_TRUE(b_.put(kMoved, parent, "{}", true));
  a_.sync();
  b_.sync();
  once(side(a_), side(b_));
  once(side(b_), side(a_));
  EXPECT_EQ(a_.picture(), b_.picture());
  EXPECT_EQ(a_.leaves(kMoved).size(), 2U);
  EXPECT_FALSE(a_.winner(kMoved)->deleted);
}

TEST_F(ReplicatorTest, AnEqualPairCostsOneQuestionOfEachSide) {
  fill(a_, 300);
  once(side(a_), side(b_));
  std::vector<std::string> asked;
  once(side(a_, &asked), side(b_, &asked));
  EXPECT_EQ(asked, (std::vector<std::string>{"open", "changes"}));
}

TEST_F(ReplicatorTest, OneChangeCostsNoMoreThanItself) {
  fill(a_, 2000);
  once(side(a_), side(b_));
  ASSERT_TRUE(a_.put(kMoved, std::nullopt, R"({"n":2})"));
  a_.sync();
  std::vector<std::string> asked;
  const Progress end = once(side(a_, &asked), side(b_, &asked));
  EXPECT_EQ(asked, (std::vector<std::string>{"open", "changes", "missing", "fetch", "write 1", "record"}));
  EXPECT_EQ(end.changes_read, 1U);
}

TEST_F(ReplicatorTest, ASourceThatIsAnotherLifeIsReadFromItsBeginning) {
  fill(a_, 10);
  once(side(a_), side(b_));
  const MemoryStore backup = a_;
  fill(a_, 0);
  ASSERT_TRUE(a_.put(kMoved, std::nullopt, R"({"n":2})"));
  a_.sync();
  once(side(a_), side(b_));
  a_.restore(backup);
  ASSERT_TRUE(a_.put({"_default", "y"}, std::nullopt, R"({"n":3})"));
  a_.sync();
  const std::uint64_t before = b_.changes_made;
  const Progress end = once(side(a_), side(b_));
  EXPECT_EQ(end.resets, 1U);
  EXPECT_TRUE(b_.winner({"_default", "y"}));
  EXPECT_EQ(b_.changes_made, before + 1) << "what was there is not written again";
}

class BothKeepRecords : public ReplicatorTest {
 protected:
  MemoryReplicaOptions couch() {
    MemoryReplicaOptions options;
    options.tells_lives_apart = false;
    return options;
  }
};

TEST_F(BothKeepRecords, EitherSideMayLoseItsRecord) {
  fill(a_, 300);
  for (MemoryStore* loser : {&a_, &b_}) {
    once(side(a_, nullptr, couch()), side(b_));
    std::vector<std::string> asked;
    Progress end = once(side(a_, &asked, couch()), side(b_, &asked));
    EXPECT_EQ(asked, (std::vector<std::string>{"open", "open", "changes"}));
    loser->forget_checkpoints();
    end = once(side(a_, nullptr, couch()), side(b_));
    EXPECT_EQ(end.began, "");
    EXPECT_EQ(end.missing_checked, 300U);
    EXPECT_EQ(end.documents_written, 0U);
  }
}

TEST_F(BothKeepRecords, ATargetPutBackToAnOlderStateGetsWhatItLost) {
  fill(a_, 10);
  once(side(a_, nullptr, couch()), side(b_));
  const MemoryStore backup = b_;
  ASSERT_TRUE(a_.put(kMoved, std::nullopt, R"({"n":2})"));
  a_.sync();
  once(side(a_, nullptr, couch()), side(b_));
  b_.restore(backup);
  const Progress end = once(side(a_, nullptr, couch()), side(b_));
  EXPECT_NE(end.began, "") << "an older common place is found";
  EXPECT_EQ(a_.picture(), b_.picture());
}

TEST_F(BothKeepRecords, ASourceThatMayOnlyBeReadIsFollowedByTheTargetsRecordAlone) {
  fill(a_, 10);
  MemoryReplicaOptions options = couch();
  options.takes_records = false;
  once(side(a_, nullptr, options), side(b_));
  EXPECT_EQ(a_.checkpoint_bytes(), 0U);
  std::vector<std::string> asked;
  once(side(a_, &asked, options), side(b_, &asked));
  EXPECT_EQ(asked, (std::vector<std::string>{"open", "open", "changes"}));
}

TEST_F(ReplicatorTest, ADocumentThatIsRefusedDoesNotStopTheOthers) {
  fill(a_, 50);
  b_.forbidden.insert({"_default", "d7"});
  const Progress end = once(side(a_), side(b_));
  EXPECT_EQ(end.documents_written, 49U);
  EXPECT_EQ(end.failures, 1U);
  ASSERT_EQ(end.failed.size(), 1U);
  EXPECT_EQ(end.failed[0].name.id, "d7");
  EXPECT_EQ(end.failed[0].error.code(), ErrorCode::forbidden);
}

TEST_F(ReplicatorTest, FailuresThatAreKeptAreBoundedAndCounted) {
  fill(a_, 300);
  for (int i = 0; i < 300; ++i) b_.forbidden.insert({"_default", "d" + std::to_string(i)});
  const Progress end = once(side(a_), side(b_));
  EXPECT_EQ(end.failures, 300U);
  EXPECT_EQ(end.failed.size(), kKeptFailures);
}

TEST_F(ReplicatorTest, ContinuousMovesWhatComesLaterAndTellsItsLag) {
  fill(a_, 3);
  const auto source = side(a_);
  const auto run = start(source, side(b_), {.scope = {}, .continuous = true});
  executor_.advance(std::chrono::seconds(5));
  EXPECT_EQ(a_.picture(), b_.picture());
  EXPECT_EQ(run->replicator->progress().state, RunState::idle);
  EXPECT_EQ(run->replicator->progress().lag.count(), 0);
  ASSERT_TRUE(a_.put(kMoved, std::nullopt, R"({"n":2})"));
  a_.sync();
  source->look_at_waits();
  executor_.run_ready();
  EXPECT_EQ(a_.picture(), b_.picture()) << "without time passing";
  executor_.advance(std::chrono::seconds(2));
  EXPECT_EQ(run->replicator->progress().recorded, a_.position());
  run->replicator->cancel();
  executor_.run_ready();
  ASSERT_TRUE(run->end);
  EXPECT_EQ(run->end->error().code(), ErrorCode::cancelled);
}

TEST_F(ReplicatorTest, LiveEditsShareACheckpoint) {
  const auto source = side(a_);
  const auto run = start(source, side(b_), {.scope = {}, .continuous = true});
  executor_.advance(std::chrono::seconds(5));
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(a_.put({"_default", std::to_string(i)}, std::nullopt, "{}"));
    a_.sync();
    source->look_at_waits();
    executor_.advance(std::chrono::milliseconds(10));
  }
  executor_.advance(std::chrono::seconds(2));
  EXPECT_EQ(a_.picture(), b_.picture());
  EXPECT_LE(run->replicator->progress().checkpoints, 4U);
  EXPECT_EQ(run->replicator->progress().recorded, a_.position());
}

TEST_F(ReplicatorTest, ASilentSideIsGivenUpAndAskedAgain) {
  fill(a_, 3);
  const auto target = side(b_);
  const auto run = start(side(a_), target, {.scope = {}, .continuous = true});
  target->deaf = true;
  executor_.advance(kCallTime + std::chrono::milliseconds(1));
  target->deaf = false;
  EXPECT_EQ(run->replicator->progress().state, RunState::retrying);
  EXPECT_EQ(run->replicator->progress().last_error->code(), ErrorCode::deadline);
  executor_.advance(std::chrono::seconds(1));
  EXPECT_EQ(a_.picture(), b_.picture());
}

TEST_F(ReplicatorTest, AClockThatJumpsChangesNothing) {
  fill(a_, 3);
  const auto source = side(a_);
  const auto run = start(source, side(b_), {.scope = {}, .continuous = true});
  executor_.advance(std::chrono::seconds(3));
  for (const std::int64_t jump : {-86'400'000'000LL, 172'800'000'000LL}) {
    clock_.set_wall(clock_.wall_ms() + jump);
    ASSERT_TRUE(a_.put({"_default", std::to_string(jump)}, std::nullopt, "{}"));
    a_.sync();
    source->look_at_waits();
    executor_.advance(std::chrono::seconds(3));
    EXPECT_EQ(a_.picture(), b_.picture());
    EXPECT_EQ(run->replicator->progress().retries, 0U);
  }
}

TEST_F(ReplicatorTest, AOneShotRunGivesUpAfterSoManyFailures) {
  fill(a_, 3);
  const auto target = side(b_);
  const auto run = start(side(a_), target, {.scope = {}, .continuous = false, .failures_in_a_row = 3});
  target->deaf = true;
  for (int i = 0; i < 300 && !run->end; ++i) executor_.advance(std::chrono::seconds(1));
  ASSERT_TRUE(run->end);
  EXPECT_EQ(run->end->error().code(), ErrorCode::deadline);
  EXPECT_EQ(run->replicator->progress().retries, 2U);
}

TEST_F(ReplicatorTest, LettingGoAnswersAndEndsEverything) {
  fill(a_, 300);
  auto run = start(side(a_), side(b_), {.scope = {}, .continuous = true});
  for (int i = 0; i < 9; ++i) executor_.run_one();
  run->replicator.reset();
  executor_.run_ready();
  ASSERT_TRUE(run->end);
  EXPECT_EQ(run->end->error().code(), ErrorCode::cancelled);
}

TEST_F(ReplicatorTest, KilledAtAnyPointAtMostOneBatchIsRepeatedAndNothingIsWrittenTwice) {
  fill(a_, 3000);
  std::uint64_t checked = 0;
  for (int killed_after = 1;; killed_after += 7) {
    auto run = start(side(a_), side(b_));
    bool more = true;
    for (int i = 0; i < killed_after && more; ++i) more = executor_.run_one();
    if (run->end && *run->end) break;
    const Progress died = run->replicator->progress();
    checked += died.missing_checked;
    EXPECT_LE(died.missing_checked - died.missing_found, kMostBatchRows) << "what was there already";
    run->replicator.reset();
    executor_.run_ready();
    // A new process.
  }
  EXPECT_EQ(a_.picture(), b_.picture());
  EXPECT_EQ(b_.changes_made, 3000U);
  EXPECT_GT(checked, 0U);
}

// The target lost its record and nothing else.
TEST_F(ReplicatorTest, BatchesThatLackNothingWaitForTheRecordOfThoseBeforeThem) {
  constexpr int kDocuments = 10'000;
  fill(a_, kDocuments);
  once(side(a_), side(b_));
  b_.forget_checkpoints();
  MemoryReplicaOptions slow;
  slow.sync_time = std::chrono::seconds(10);
  const auto run = start(side(a_), side(b_, nullptr, slow));
  // No record is durable yet, and nothing else of the target takes time.
  executor_.run_ready();
  Progress now = run->replicator->progress();
  EXPECT_EQ(now.checkpoints, 0U);
  EXPECT_LE(now.missing_checked, kMostBatchRows * (1 + kBatchesAhead)) << "a batch, and those ahead";
  // Nor do later ones pass while a later record is on its way.
  for (int i = 0; i < 100 && !run->end; ++i) {
    executor_.advance(slow.sync_time);
    now = run->replicator->progress();
    EXPECT_LE(now.missing_checked, kMostBatchRows * (now.checkpoints + 1 + kBatchesAhead));
  }
  ASSERT_TRUE(run->end && *run->end);
  EXPECT_EQ((*run->end)->recorded, a_.position());
  EXPECT_EQ((*run->end)->documents_written, 0U);
  EXPECT_EQ(b_.changes_made, static_cast<std::uint64_t>(kDocuments));
}

TEST_F(ReplicatorTest, OnlyWhatTheScopeCoversTravels) {
  for (int i = 0; i < 10; ++i) {
    const std::string body = i % 2 == 0 ? R"({"kind":"even"})" : R"({"kind":"odd"})";
    ASSERT_TRUE(a_.put({i < 6 ? "low" : "high", std::to_string(i)}, std::nullopt, body));
  }
  const DocumentName gone{"low", "gone"};
  ASSERT_TRUE(a_.put(gone, std::nullopt, "{}"));
  ASSERT_TRUE(a_.put(gone, a_.winner(gone)->revision, "{}", true));
  a_.sync();
  ReplicatorOptions options;
  options.scope = *Scope::make({}, "low", R"({"kind":"even"})");
  once(side(a_), side(b_), options);
  EXPECT_EQ(b_.documents(), 3U) << "0, 2, 4, and no deletion of what was never there";
  // A deletion follows where the document is known.
  const DocumentName two{"low", "2"};
  ASSERT_TRUE(a_.put(two, a_.winner(two)->revision, "{}", true));
  a_.sync();
  once(side(a_), side(b_), options);
  EXPECT_TRUE(b_.winner(two)->deleted);

  MemoryStore c("c");
  options.scope = *Scope::make({"7", "high:9", "nobody"}, "", "");
  once(side(a_), side(c), options);
  EXPECT_EQ(c.documents(), 2U) << "an id of any collection, and one with its collection";
}

// Sides that answer nonsense.
class Hostile : public Source {
 public:
  std::string key() const override { return "hostile"; }
  void open(const CallLimits&, std::string_view, Completion<Opened> done) override { done(Opened{}); }
  void write_checkpoint(const CallLimits&, std::string_view, const StoredCheckpoint&,
                        Completion<std::string> done) override {
    done(std::string("1"));
  }
  bool tells_lives_apart() const override { return true; }
  void changes(const CallLimits&, const SourcePosition& since, const ChangesOptions&,
               Completion<ChangesPage> done) override {
    ++asked;
    ChangesPage page;
    page.next = since + "x";
    page.at_end = asked > 3;
    const Revision revision{7, document::RevisionHash::from_text("h")};
    if (asked == 1) page.rows.push_back({kMoved, {{revision, false}}});
    if (asked == 2) page.rows.push_back({kMoved, {}});
    done(std::move(page));
  }
  void fetch(const CallLimits&, const std::vector<WantedRevisions>&, std::uint64_t,
             Completion<FetchedRevisions> done) override {
    FetchedRevisions out;
    out.documents = 1000;
    const auto hash = document::RevisionHash::from_text("h");
    out.revisions.push_back({kMoved, {}, false, "{}", {}});
    out.revisions.push_back({kMoved, {{7, hash}, {5, hash}}, false, "{}", {}});
    out.revisions.push_back({kMoved, {{~std::uint64_t{0}, hash}}, false, "{}", {}});
    out.revisions.push_back({{"other", "x"}, {{7, hash}}, false, "{}", {}});
    done(std::move(out));
  }
  void open_attachment(const CallLimits&, const TravellingRevision&, const AttachmentInfo&,
                       Completion<std::unique_ptr<ByteStream>> done) override {
    done(Error(ErrorCode::corrupt, "no"));
  }
  int asked = 0;
};

TEST_F(ReplicatorTest, AMalformedRevisionIsReportedAndNeverWritten) {
  const Progress end = once(std::make_shared<Hostile>(), side(b_));
  EXPECT_EQ(b_.documents(), 0U);
  EXPECT_EQ(end.failures, 4U);
}

}  // namespace
}  // namespace quire::replication
