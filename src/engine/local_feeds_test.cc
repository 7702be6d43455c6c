#include "engine/local_feeds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "engine/testing/test_node.h"
#include "engine/tuning.h"

namespace quire::engine {
namespace {

using testing::body;
using ::testing::ElementsAre;
using testing::put_change;
using testing::TestNode;

Result<Position> wait_behind(TestNode& node, const Position& since, const CallLimits& limits = {}) {
  return wait<Position>(
      [&](auto done) { node.node.feeds().wait(node.caller, limits, {}, since, std::move(done)); });
}

std::vector<std::string> ids_of(const FeedPage& page) {
  std::vector<std::string> ids;
  for (const auto& row : page.rows) ids.emplace_back(row.id);
  return ids;
}

TEST(Feeds, RowsSayWhatHappenedInOrder) {
  TestNode node;
  const auto first = node.put("a", R"({"n":1})");
  node.put("b", R"({"n":1})", "things");
  const auto second = node.put("a", R"({"n":2})");
  node.remove("a");
  const auto page = node.read().value();
  ASSERT_EQ(page.rows.size(), 5U);
  EXPECT_TRUE(page.at_end);
  EXPECT_EQ(page.next, node.shard()->position());
  EXPECT_EQ(page.next.sequence, 5U);
  EXPECT_EQ(page.rows[0].operation, Operation::insert);
  EXPECT_EQ(page.rows[0].revision, first.revision);
  EXPECT_EQ(page.rows[0].collection, "_default");
  EXPECT_FALSE(page.rows[0].has_body);
  EXPECT_EQ(page.rows[1].operation, Operation::create_collection);
  EXPECT_EQ(page.rows[1].collection, "things");
  EXPECT_EQ(page.rows[1].id, "");
  EXPECT_EQ(page.rows[2].collection, "things");
  EXPECT_EQ(page.rows[3].operation, Operation::replace);
  EXPECT_EQ(page.rows[3].revision, second.revision);
  EXPECT_EQ(page.rows[4].operation, Operation::remove);
  EXPECT_TRUE(page.rows[4].deleted);
}

TEST(Feeds, ReadingOnFromEveryPositionMissesAndRepeatsNothing) {
  TestNode node;
  for (int i = 0; i < 10; ++i) node.put("d" + std::to_string(i), "{}");
  const auto whole = ids_of(node.read().value());
  ASSERT_EQ(whole.size(), 10U);
  for (std::uint32_t limit = 1; limit <= 11; ++limit) {
    std::vector<std::string> joined;
    FeedOptions options;
    options.limit = limit;
    FeedPage page;
    do {
      page = node.read(page.next, options).value();
      for (auto& id : ids_of(page)) joined.push_back(std::move(id));
    } while (!page.at_end);
    EXPECT_EQ(joined, whole) << "pages of " << limit;
  }
}

TEST(Feeds, ACollectionsFeedKeepsItsPositionBehindWhatItLeavesOut) {
  TestNode node;
  node.put("a", "{}", "things");
  node.put("b", "{}");
  FeedOptions options;
  options.collection = "things";
  const auto page = node.read({}, options).value();
  EXPECT_EQ(ids_of(page).back(), "a");
  EXPECT_EQ(page.next.sequence, 3U);
  EXPECT_EQ(node.read(page.next, options).value().rows.size(), 0U);
  options.collection = "nowhere";
  EXPECT_EQ(node.read({}, options).error().field(), "collection");
}

TEST(Feeds, CurrentOnlyShowsEachDocumentOnce) {
  TestNode node;
  node.put("a", R"({"n":1})");
  node.put("b", "{}");
  node.put("a", R"({"n":2})");
  FeedOptions options;
  options.current_only = true;
  EXPECT_THAT(ids_of(node.read({}, options).value()), ElementsAre("b", "a"));
}

TEST(Feeds, BodiesAreThoseOfTheRevisionAsFarAsTheyAreKept) {
  TestNode node;
  node.put("a", R"({"n":1})");
  node.put("a", R"({"n":2})");
  node.remove("a");
  FeedOptions options;
  options.bodies = true;
  const auto kept = node.read({}, options).value();
  ASSERT_EQ(kept.rows.size(), 3U);
  EXPECT_EQ(kept.rows[0].body, R"({"n":1})");
  EXPECT_EQ(kept.rows[1].body, R"({"n":2})");
  EXPECT_EQ(kept.rows[2].body, "{}");

  // The text of a losing revision goes when its branch grows.
  node.put("b", R"({"n":1})");
  node.put("b", R"({"n":2})");
  node.put("b", R"({"n":3})");
  for (const char* revision : {"1-00", "2-00"}) {
    Change losing;
    losing.kind = Change::Kind::replicate;
    losing.id = "b";
    losing.path = {document::Revision::parse(revision).value(), document::Revision::parse("1-00").value()};
    losing.path.resize(losing.path.front().generation);
    ASSERT_TRUE(node.write_one(std::move(losing)));
  }
  const auto page = node.read(kept.next, options).value();
  ASSERT_EQ(page.rows.size(), 5U);
  EXPECT_EQ(page.rows[3].operation, Operation::conflict);
  EXPECT_FALSE(page.rows[3].has_body);
  EXPECT_TRUE(page.rows[4].has_body);
}

TEST(Feeds, LeavesAreAllOfTheDocumentWinnerFirst) {
  TestNode node;
  const auto winner = node.put("a", R"({"n":1})");
  const auto second = node.put("a", R"({"n":2})");
  Change losing;
  losing.kind = Change::Kind::replicate;
  losing.id = "a";
  losing.path = {document::Revision::parse("1-00").value()};
  ASSERT_TRUE(node.write_one(std::move(losing)));
  FeedOptions options;
  options.leaves = true;
  options.current_only = true;
  const auto page = node.read({}, options).value();
  ASSERT_EQ(page.rows.size(), 1U);
  ASSERT_EQ(page.rows[0].leaf_count, 2U);
  EXPECT_EQ(page.rows[0].leaves[0].revision, second.revision);
  EXPECT_EQ(page.rows[0].leaves[1].revision.to_string(), "1-00");
  (void)winner;
}

// If this fails, whoever was away while a collection was dropped is not told what had been done in it.
TEST(Feeds, ShowWhatADroppedCollectionHeldInFrontOfItsDrop) {
  TestNode node;
  node.put("a", R"({"n":1})", "things");
  node.put("a", R"({"n":2})", "things");
  node.remove("a", "things");
  node.put("a", R"({"n":3})", "things");
  node.put("b", "{}");
  ASSERT_TRUE(node.shard()->drop_collection("things"));
  node.put("a", R"({"n":4})", "things");
  FeedOptions options;
  options.bodies = true;
  options.named = "things";
  const auto page = node.read({}, options).value();
  std::vector<std::string> seen;
  for (const FeedRow& row : page.rows) {
    EXPECT_EQ(row.collection, "things");
    seen.push_back(std::string(database::name(row.operation)) + " " + std::string(row.body));
  }
  EXPECT_THAT(
      seen, ElementsAre("create_collection ", R"(insert {"n":1})", R"(replace {"n":2})", "remove ",
                        R"(insert {"n":3})", "drop_collection ", "create_collection ", R"(insert {"n":4})"));
  options.current_only = true;
  EXPECT_EQ(ids_of(node.read({}, options).value()), (std::vector<std::string>{"", "", "", "a"}))
      << "the drop stands for all that it took";
}

TEST(Feeds, ShowADroppedCollectionWithoutItsTextsWhereThereIsNoRoomForThem) {
  TestNode node;
  node.put("a", R"({"n":1})", "things");
  ASSERT_TRUE(node.shard()->drop_collection("things"));
  node.shard()->set_settings({.history_ms = 1 << 20, .history_bytes = 0, .tombstone_ms = {}});
  ASSERT_TRUE(node.shard()->maintain({}));
  FeedOptions options;
  options.bodies = true;
  const auto page = node.read({}, options).value();
  EXPECT_EQ(ids_of(page), (std::vector<std::string>{"", "a", ""}));
  EXPECT_FALSE(page.rows[1].has_body);
  EXPECT_EQ(node.shard()->history_edge(), 0U) << "no place is lost by it";
  node.shard()->set_settings({.history_ms = 0, .history_bytes = 0, .tombstone_ms = {}});
  ASSERT_TRUE(node.shard()->maintain({}));
  EXPECT_EQ(ids_of(node.read().value()), std::vector<std::string>{});
}

// If this fails, whoever follows a database that was made anew under its name skips changes unseen.
TEST(Feeds, APositionOfAnotherDatabaseIsLost) {
  TestNode node;
  node.put("a", "{}");
  const Position before = node.shard()->position();
  ASSERT_TRUE(node.read(before));
  TestNode other;
  other.put("a", "{}");
  EXPECT_EQ(other.read(before).error().code(), ErrorCode::history_lost);
}

TEST(Feeds, APositionOfAnotherHistoryIsLost) {
  TestNode node;
  node.put("a", "{}");
  const auto lost = [&](const Position& since) {
    const auto page = node.read(since);
    return !page && page.error().code() == ErrorCode::history_lost && page.error().field() == "since";
  };
  EXPECT_FALSE(lost({.incarnation = 1, .sequence = 1}));
  EXPECT_TRUE(lost({.incarnation = 1, .sequence = 2}));
  EXPECT_TRUE(lost({.incarnation = 2, .sequence = 1}));
  ASSERT_TRUE(node.shard()->begin_incarnation());
  EXPECT_TRUE(lost({.incarnation = 1, .sequence = 1}));
  EXPECT_FALSE(lost({.incarnation = 2, .sequence = 1}));
  EXPECT_FALSE(lost(node.shard()->position()));
  EXPECT_FALSE(lost({}));
  EXPECT_EQ(wait_behind(node, {.incarnation = 1, .sequence = 1}).error().code(), ErrorCode::history_lost);
}

TEST(Feeds, ReplacedChangesThatAreNotKeptAreLostUnlessNobodyAsksForThem) {
  TestNode node;
  node.shard()->set_settings({.history_ms = 0, .history_bytes = 1 << 20, .tombstone_ms = {}});
  node.put("b", "{}");
  for (int i = 0; i < 3; ++i) node.put("a", "{\"n\":" + std::to_string(i) + "}");
  const auto rows = [&](Sequence since, bool current_only) {
    FeedOptions options;
    options.current_only = current_only;
    const auto page = node.read({.incarnation = 1, .sequence = since}, options);
    return page ? std::to_string(page->rows.size()) : std::string(name(page.error().code()));
  };
  EXPECT_EQ(rows(1, false), "history_lost");
  EXPECT_EQ(rows(2, false), "history_lost");
  EXPECT_EQ(rows(3, false), "1");
  EXPECT_EQ(rows(1, true), "1");
  EXPECT_EQ(rows(0, false), "2") << "from the first that is kept";
}

TEST(Feeds, APageEndsWhereItsBodiesAreEnough) {
  TestNode node;
  const std::string large(tuning::kFeedPageBytes / 2, 'x');
  for (const char* id : {"a", "b", "c"}) node.put(id, "{\"s\":\"" + large + "\"}");
  FeedOptions options;
  options.bodies = true;
  const auto page = node.read({}, options).value();
  EXPECT_THAT(ids_of(page), ElementsAre("a", "b"));
  EXPECT_FALSE(page.at_end);
  EXPECT_THAT(ids_of(node.read(page.next, options).value()), ElementsAre("c"));
}

// --- waiting

TEST(FeedWaits, AnswerAtOnceWhereThereIsMore) {
  TestNode node;
  node.put("a", "{}");
  EXPECT_EQ(wait_behind(node, {}).value().sequence, 1U);
}

TEST(FeedWaits, AreWokenByAWrite) {
  TestNode node;
  node.put("a", "{}");
  const Position now = node.node.feeds().position(node.caller, {}, {}).value();
  auto waiting = std::async(std::launch::async, [&] { return wait_behind(node, now); });
  EXPECT_EQ(waiting.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  node.put("b", "{}");
  EXPECT_EQ(waiting.get().value().sequence, now.sequence + 1);
}

TEST(FeedWaits, EndAtTheirDeadline) {
  TestNode node;
  CallLimits limits;
  limits.deadline = node.world.clock.steady() + std::chrono::milliseconds(30);
  EXPECT_EQ(wait_behind(node, {}, limits).error().code(), ErrorCode::deadline);
  EXPECT_GE(node.world.clock.steady(), *limits.deadline);
}

TEST(FeedWaits, EndWhenTheyAreCancelled) {
  TestNode node;
  CallLimits limits;
  limits.cancellation = Cancellation::make();
  auto waiting = std::async(std::launch::async, [&] { return wait_behind(node, {}, limits); });
  EXPECT_EQ(waiting.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  limits.cancellation.cancel();
  EXPECT_EQ(waiting.get().error().code(), ErrorCode::cancelled);
}

TEST(FeedWaits, EndWithTheNode) {
  database::testing::ShardWorld world;
  testing::MapCatalog catalog(world);
  auto node = std::make_unique<LocalNode>(catalog, world.clock, *world.executor);
  Waiter<Position> waiter;
  node->feeds().wait(Caller::admin(), {}, {}, {}, waiter.completion());
  node.reset();
  EXPECT_EQ(waiter.take().error().code(), ErrorCode::unavailable);
}

// Says yes, and takes its time for it once it is told to.
class SlowAuthority final : public Authority {
 public:
  Decision decide(const Caller& caller, Action action, const Target& target) const override {
    if (slow && !asked.exchange(true)) go_on.get_future().wait();
    return owner_alone().decide(caller, action, target);
  }
  database::Fence fence(const DatabaseAddress&) const override { return {}; }
  std::uint64_t byte_limit(const DatabaseAddress&) const override { return 0; }
  Status removed(std::string_view) const override { return ok(); }

  mutable std::atomic<bool> slow = false;
  mutable std::atomic<bool> asked = false;
  mutable std::promise<void> go_on;
};

TEST(FeedWaits, AreNotAskingAboutTheirRightWhenTheNodeHasEnded) {
  database::testing::ShardWorld world;
  testing::MapCatalog catalog(world);
  const SlowAuthority authority;
  auto node = std::make_unique<LocalNode>(catalog, world.clock, *world.executor, authority);
  Waiter<Position> waiter;
  node->feeds().wait(Caller::admin(), {}, {}, {}, waiter.completion());
  authority.slow = true;
  while (!authority.asked) std::this_thread::yield();
  auto ending = std::async(std::launch::async, [&] { node.reset(); });
  EXPECT_EQ(ending.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  authority.go_on.set_value();
  ending.get();
  EXPECT_EQ(waiter.take().error().code(), ErrorCode::unavailable);
}

TEST(FeedWaits, OfManyWhoWaitEachIsAnsweredOnce) {
  TestNode node;
  constexpr int kWaits = 200;
  std::atomic<int> answers = 0;
  for (int i = 0; i < kWaits; ++i) {
    node.node.feeds().wait(node.caller, {}, {}, {}, [&](Result<Position> answer) {
      if (answer) ++answers;
    });
  }
  EXPECT_EQ(answers, 0);
  for (int i = 0; i < 5; ++i) node.put("a" + std::to_string(i), "{}");
  while (answers < kWaits) std::this_thread::yield();
  EXPECT_EQ(answers, kWaits);
}

// --- following

TEST(Follow, ShowsWhatIsThereAndWhatComes) {
  TestNode node;
  for (int i = 0; i < 5; ++i) node.put("old" + std::to_string(i), "{}");
  std::vector<std::string> seen;
  std::promise<void> saw_old;
  FeedOptions options;
  options.limit = 2;
  Waiter<Position> waiter;
  follow(
      node.node.feeds(), node.caller, {}, {}, {}, options,
      [&](FeedPage& page) {
        for (auto& id : ids_of(page)) seen.push_back(std::move(id));
        if (seen.size() == 5 && !page.rows.empty()) saw_old.set_value();
        return seen.size() < 7;
      },
      waiter.completion());
  saw_old.get_future().wait();
  node.put("new1", "{}");
  node.put("new2", "{}");
  EXPECT_EQ(waiter.take().value().sequence, 7U);
  EXPECT_THAT(seen, ElementsAre("old0", "old1", "old2", "old3", "old4", "new1", "new2"));
}

TEST(Follow, EndsWithTheErrorThatEndsIt) {
  TestNode node;
  node.put("a", "{}");
  const auto run = [&](const CallLimits& limits, const Position& since) {
    return wait<Position>([&](auto done) {
      follow(
          node.node.feeds(), node.caller, limits, {}, since, {}, [](FeedPage&) { return true; },
          std::move(done));
    });
  };
  CallLimits limits;
  limits.deadline = node.world.clock.steady() + std::chrono::milliseconds(20);
  EXPECT_EQ(run(limits, {}).error().code(), ErrorCode::deadline);
  EXPECT_EQ(run({}, {.incarnation = 9, .sequence = 1}).error().code(), ErrorCode::history_lost);
}

// A feed of a hundred thousand pages that answers every call at once: no frame may stay for a page.
class EndlessFeed final : public Feeds {
 public:
  void read(const Caller&, const CallLimits&, const DatabaseAddress&, const Position& since,
            const FeedOptions&, Completion<FeedPage> done) override {
    FeedPage page;
    page.next = {.incarnation = 1, .sequence = since.sequence + 1};
    page.at_end = since.sequence % 2 == 1;
    done(std::move(page));
  }
  void wait(const Caller&, const CallLimits&, const DatabaseAddress&, const Position& since,
            Completion<Position> done) override {
    done(since);
  }
  void position(const Caller&, const CallLimits&, const DatabaseAddress&,
                Completion<Position> done) override {
    done(Position{});
  }
};

TEST(Follow, ManyPagesAtOnceTakeNoStack) {
  EndlessFeed feed;
  const auto end = wait<Position>([&](auto done) {
    follow(
        feed, Caller::admin(), {}, {}, {}, {}, [](FeedPage& page) { return page.next.sequence < 100'000; },
        std::move(done));
  });
  EXPECT_EQ(end.value().sequence, 100'000U);
}

}  // namespace
}  // namespace quire::engine
