#include "engine/change_streams.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <thread>
#include <vector>

#include "engine/testing/test_node.h"
#include "engine/tuning.h"

namespace quire::engine {
namespace {

using testing::AuthorityOf;
using testing::TestNode;

// Takes events up to a bound, and says when it was ended.
class Collector final : public ChangeWatcher {
 public:
  explicit Collector(std::size_t most = ~std::size_t{0}) : room_(most) {}

  bool take(const ChangeEventPointer& event) override {
    const std::lock_guard lock(mutex_);
    if (room_ == 0) return false;
    --room_;
    events_.push_back(event);
    changed_.notify_all();
    return true;
  }
  void on_room(std::function<void()> then) override {
    const std::lock_guard lock(mutex_);
    then_ = std::move(then);
    changed_.notify_all();
  }
  void ended(const Error& error, const Position& position) override {
    const std::lock_guard lock(mutex_);
    error_ = error;
    end_ = position;
    changed_.notify_all();
  }

  void make_room(std::size_t count) {
    std::function<void()> then;
    {
      std::unique_lock lock(mutex_);
      EXPECT_TRUE(changed_.wait_for(lock, kTime, [&] { return then_ != nullptr; }));
      room_ = count;
      then.swap(then_);
    }
    if (then) then();
  }
  bool waits() {
    const std::lock_guard lock(mutex_);
    return then_ != nullptr;
  }
  // The sequences that came, when there are so many.
  std::vector<Sequence> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, kTime, [&] { return events_.size() >= count; })) << events_.size();
    std::vector<Sequence> sequences;
    for (const auto& event : events_) sequences.push_back(event->position.sequence);
    return sequences;
  }
  std::vector<ChangeEventPointer> events() {
    const std::lock_guard lock(mutex_);
    return events_;
  }
  bool has_ended() {
    const std::lock_guard lock(mutex_);
    return error_.has_value();
  }
  std::optional<Error> wait_for_end() {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, kTime, [&] { return error_.has_value(); }));
    return error_;
  }
  Position end() {
    const std::lock_guard lock(mutex_);
    return end_;
  }

 private:
  static constexpr std::chrono::seconds kTime{20};

  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t room_;
  std::function<void()> then_;
  std::vector<ChangeEventPointer> events_;
  std::optional<Error> error_;
  Position end_;
};

struct Streams : ::testing::Test {
  TestNode node;

  std::shared_ptr<ChangeStream> watch(const std::shared_ptr<Collector>& watcher, WatchOptions options = {}) {
    auto stream = node.node.change_streams().watch(node.caller, {}, std::move(options), watcher);
    EXPECT_TRUE(stream.has_value());
    if (stream) (*stream)->start();
    return stream ? *stream : nullptr;
  }
  bool is_lost(WatchOptions options) {
    const auto stream =
        node.node.change_streams().watch(node.caller, {}, std::move(options), std::make_shared<Collector>());
    return !stream && stream.error().code() == ErrorCode::history_lost;
  }
};

// If this fails, a watcher is told of an empty document where another revision has come to be the winner.
TEST_F(Streams, tell_the_winner_that_a_removal_left) {
  node.put("d", R"({"v":1})");
  database::Edit other;
  other.id = "d";
  other.kind = database::Edit::Kind::replicate;
  other.path = {document::Revision{2, document::RevisionHash::from_text("ffff")}};
  other.body = R"({"v":"win"})";
  ASSERT_TRUE(node.shard()->write({other}, {})->rows[0]);
  const auto watcher = std::make_shared<Collector>();
  const auto stream = watch(watcher);
  database::Edit removal;
  removal.id = "d";
  removal.kind = database::Edit::Kind::remove;
  removal.precondition = database::Edit::Precondition::any;
  ASSERT_TRUE(node.shard()->write({removal}, {})->rows[0]);
  watcher->wait_for(1);
  ASSERT_EQ(watcher->events().size(), 1U);
  EXPECT_NE(watcher->events()[0]->json.find(R"("fullDocument":{"_id":"d","v":1})"), std::string::npos)
      << watcher->events()[0]->json;
  stream->stop();
}

TEST_F(Streams, give_what_comes_once_and_in_order) {
  node.put("before", "{}");
  const auto watcher = std::make_shared<Collector>();
  const auto stream = watch(watcher);
  for (int i = 0; i < 100; ++i) node.put("d" + std::to_string(i % 7), "{}");
  const auto sequences = watcher->wait_for(100);
  ASSERT_EQ(sequences.size(), 100U);
  for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(sequences[i], i + 2);
  stream->stop();
}

TEST_F(Streams, resume_behind_any_event) {
  for (int i = 0; i < 50; ++i) node.put("d" + std::to_string(i), "{}");
  for (const Sequence since : {0, 1, 25, 49, 50}) {
    const auto watcher = std::make_shared<Collector>();
    const auto stream = watch(watcher, {.since = Position{.incarnation = 1, .sequence = since}});
    node.put("next", "{}");
    const auto last = node.read().value().next.sequence;
    const auto sequences = watcher->wait_for(last - since);
    EXPECT_EQ(sequences.front(), since + 1);
    EXPECT_EQ(sequences.back(), last);
    stream->stop();
  }
}

// While one thread writes, streams begin at every place, go from reading to live, and miss nothing.
TEST_F(Streams, join_the_live_ones_without_a_gap) {
  constexpr Sequence kWrites = 2000;
  std::thread writer([&] {
    for (Sequence i = 0; i < kWrites; ++i) node.put("d" + std::to_string(i % 10), "{}");
  });
  std::vector<std::pair<std::shared_ptr<Collector>, std::shared_ptr<ChangeStream>>> watchers;
  for (int i = 0; i < 40; ++i) {
    auto watcher = std::make_shared<Collector>();
    auto stream = watch(watcher, {.since = Position{}});
    watchers.emplace_back(std::move(watcher), std::move(stream));
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  writer.join();
  for (const auto& [watcher, stream] : watchers) {
    const auto sequences = watcher->wait_for(kWrites);
    ASSERT_EQ(sequences.size(), kWrites);
    for (std::size_t i = 0; i < kWrites; ++i) ASSERT_EQ(sequences[i], i + 1);
    stream->stop();
  }
}

TEST_F(Streams, wait_for_room_while_they_read) {
  for (int i = 0; i < 20; ++i) node.put("d" + std::to_string(i), "{}");
  const auto watcher = std::make_shared<Collector>(5);
  const auto stream = watch(watcher, {.since = Position{}});
  EXPECT_EQ(watcher->wait_for(5).size(), 5U);
  watcher->make_room(1);
  EXPECT_EQ(watcher->wait_for(6).size(), 6U);
  watcher->make_room(100);
  const auto sequences = watcher->wait_for(20);
  ASSERT_EQ(sequences.size(), 20U);
  for (std::size_t i = 0; i < 20; ++i) EXPECT_EQ(sequences[i], i + 1);
  stream->stop();
}

// If this fails, one burst of changes ends a watcher that reads as fast as it can.
TEST_F(Streams, let_a_live_watcher_that_does_not_keep_up_read_by_itself) {
  const auto slow = std::make_shared<Collector>(3);
  const auto quick = std::make_shared<Collector>();
  const auto one = watch(slow);
  const auto other = watch(quick);
  // Both are live when they have had an event.
  for (int i = 0; i < 3; ++i) {
    node.put("d", "{}");
    slow->wait_for(static_cast<std::size_t>(i) + 1);
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  for (int i = 0; i < 10; ++i) node.put("d", "{}");
  EXPECT_EQ(quick->wait_for(13).size(), 13U);
  slow->make_room(4);
  EXPECT_EQ(slow->wait_for(7).back(), 7U);
  slow->make_room(100);
  EXPECT_EQ(slow->wait_for(13), quick->wait_for(13));
  node.put("d", "{}");
  EXPECT_EQ(slow->wait_for(14).back(), 14U);
  one->stop();
  other->stop();
}

TEST_F(Streams, end_a_watcher_that_takes_nothing) {
  const auto slow = std::make_shared<Collector>(3);
  const auto stream = watch(slow);
  const SteadyTime begin;
  const auto after = [&](int ms) { return begin + std::chrono::milliseconds(ms); };
  for (int i = 0; i < 10; ++i) node.put("d", "{}");
  slow->make_room(1);
  slow->wait_for(4);
  while (!slow->waits()) std::this_thread::yield();
  stream->check(after(0));
  stream->check(after(tuning::kWatcherStallMs - 1));
  slow->make_room(1);  // which begins the time anew
  slow->wait_for(5);
  while (!slow->waits()) std::this_thread::yield();
  stream->check(after(tuning::kWatcherStallMs));
  stream->check(after(2 * tuning::kWatcherStallMs - 1));
  EXPECT_FALSE(slow->has_ended());
  stream->check(after(2 * tuning::kWatcherStallMs));
  EXPECT_EQ(slow->wait_for_end()->code(), ErrorCode::exhausted);
  EXPECT_EQ(slow->end().sequence, 5U) << "behind what it has taken";
}

// If this fails, a clock that goes wrong at the client brings what it did not ask for.
TEST_F(Streams, begin_at_a_time_to_come) {
  const auto watcher = std::make_shared<Collector>();
  const auto time = static_cast<std::uint64_t>(system_clock().wall_ms() + 200) << 16;
  const auto stream = watch(watcher, {.from_time = time});
  node.put("early", "{}");
  std::this_thread::sleep_for(std::chrono::milliseconds(250));
  node.put("late", "{}");
  EXPECT_EQ(watcher->wait_for(1), std::vector<Sequence>{2});
  stream->stop();
}

// If this fails, a drop hides that changes before it are lost.
TEST_F(Streams, lose_their_place_to_replaced_changes_of_a_dropped_collection) {
  ASSERT_TRUE(node.shard()->create_collection("brief", {.revision_limit = 0, .history = false}, {}));
  node.put("x", "{}", "things");  // 3, behind its collection
  for (int i = 0; i < 2; ++i) node.put("a", "{\"n\":" + std::to_string(i) + "}", "brief");
  ASSERT_TRUE(node.shard()->drop_collection("brief"));
  const auto since = [](Sequence sequence) { return Position{.incarnation = 1, .sequence = sequence}; };
  EXPECT_TRUE(is_lost({.since = since(3)}));
  EXPECT_TRUE(is_lost({.collection = "brief", .since = since(3)}));
  EXPECT_FALSE(is_lost({.collection = "things", .since = since(3)}));
  EXPECT_FALSE(is_lost({.since = since(4)}));
}

TEST_F(Streams, filter_by_collection_and_match) {
  const auto of_things = std::make_shared<Collector>();
  const auto of_large = std::make_shared<Collector>();
  const auto one = watch(of_things, {.collection = "things"});  // which is not there yet
  const auto filter =
      document::Filter::parse(R"({"operationType":"insert","fullDocument.n":{"$gt":5}})").value();
  const auto other = watch(of_large, {.match = filter});
  node.put("a", R"({"n":1})", "things");
  node.put("b", R"({"n":9})");
  node.put("b", R"({"n":10})");
  node.put("c", R"({"n":7})", "things");
  EXPECT_EQ(of_things->wait_for(2).size(), 2U);
  EXPECT_EQ(of_large->wait_for(2).size(), 2U);
  EXPECT_EQ(of_things->events()[1]->id, "c");
  EXPECT_EQ(of_large->events()[0]->id, "b");
  one->stop();
  other->stop();
}

TEST_F(Streams, share_what_is_printed) {
  const auto first = std::make_shared<Collector>();
  const auto second = std::make_shared<Collector>();
  const auto one = watch(first);
  const auto other = watch(second);
  node.put("warm", "{}");
  first->wait_for(1);
  second->wait_for(1);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  node.put("a", "{}");
  first->wait_for(2);
  second->wait_for(2);
  EXPECT_EQ(first->events()[1], second->events()[1]);
  one->stop();
  other->stop();
}

TEST_F(Streams, begin_at_a_time) {
  node.put("a", "{}");
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  const auto time = static_cast<std::uint64_t>(system_clock().wall_ms()) << 16;
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  node.put("b", "{}");
  node.put("c", "{}");
  const auto watcher = std::make_shared<Collector>();
  const auto stream = watch(watcher, {.from_time = time});
  EXPECT_EQ(watcher->wait_for(2), (std::vector<Sequence>{2, 3}));
  stream->stop();
}

// If this fails, a watch of one collection cannot begin at a time because of what another one does not keep.
TEST_F(Streams, begin_at_a_time_beside_a_collection_without_history) {
  ASSERT_TRUE(node.shard()->create_collection("brief", {.revision_limit = 0, .history = false}, {}));
  node.put("before", "{}", "things");
  for (int i = 0; i < 5; ++i) node.put("a", "{\"n\":" + std::to_string(i) + "}", "brief");
  const Sequence now = node.shard()->position().sequence;
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  const auto time = static_cast<std::uint64_t>(system_clock().wall_ms()) << 16;
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  node.put("after", "{}", "things");
  const auto watcher = std::make_shared<Collector>();
  const auto stream = watch(watcher, {.collection = "things", .from_time = time});
  EXPECT_EQ(watcher->wait_for(1), std::vector<Sequence>{now + 1});
  stream->stop();
}

TEST_F(Streams, say_at_once_that_a_history_is_lost) {
  const auto lost = node.node.change_streams().watch(
      node.caller, {}, {.since = Position{.incarnation = 9, .sequence = 1}}, std::make_shared<Collector>());
  ASSERT_FALSE(lost.has_value());
  EXPECT_EQ(lost.error().code(), ErrorCode::history_lost);
}

TEST_F(Streams, lose_their_place_to_trimming) {
  for (int i = 0; i < 3; ++i) node.put("a", "{\"n\":" + std::to_string(i) + "}");
  node.put("b", "{}");
  node.shard()->set_settings({.history_ms = 1, .history_bytes = 1 << 20, .tombstone_ms = {}});
  std::this_thread::sleep_for(std::chrono::milliseconds(10));
  ASSERT_TRUE(node.shard()->maintain({}));
  EXPECT_EQ(node.shard()->history_edge(), 2U);
  EXPECT_TRUE(is_lost({.since = Position{.incarnation = 1, .sequence = 1}}));
  const auto watcher = std::make_shared<Collector>();
  const auto stream = watch(watcher, {.since = Position{.incarnation = 1, .sequence = 2}});
  EXPECT_EQ(watcher->wait_for(2), (std::vector<Sequence>{3, 4}));
  stream->stop();
}

// Where replaced changes are not kept, whoever would have been shown one that is gone is told so, and nobody
// else.
TEST_F(Streams, lose_their_place_to_replaced_changes_that_are_not_kept) {
  ASSERT_TRUE(node.shard()->create_collection("brief", {.revision_limit = 0, .history = false}, {}));
  node.put("x", "{}", "things");  // 3, behind its collection
  const auto all = std::make_shared<Collector>();
  const auto of_things = std::make_shared<Collector>();
  const auto live = watch(all);
  const auto other = watch(of_things, {.collection = "things"});
  for (std::size_t i = 1; i <= 3; ++i) {
    node.put("a", "{\"n\":" + std::to_string(i) + "}", "brief");  // 4, 5, 6
    all->wait_for(i);
  }
  node.put("y", "{}", "things");
  EXPECT_EQ(all->wait_for(4), (std::vector<Sequence>{4, 5, 6, 7})) << "a live one has missed nothing";
  EXPECT_EQ(of_things->wait_for(1), std::vector<Sequence>{7});
  live->stop();
  other->stop();
  const auto since = [](Sequence sequence) { return Position{.incarnation = 1, .sequence = sequence}; };
  for (const char* const collection : {"", "brief"}) {
    EXPECT_TRUE(is_lost({.collection = collection, .since = since(3)}));
    EXPECT_TRUE(is_lost({.collection = collection, .since = since(4)}));
    const auto again = std::make_shared<Collector>();
    const auto stream = watch(again, {.collection = collection, .since = since(5)});
    EXPECT_EQ(again->wait_for(1).front(), 6U);
    stream->stop();
  }
  const auto again = std::make_shared<Collector>();
  const auto stream = watch(again, {.collection = "things", .since = since(3)});
  EXPECT_EQ(again->wait_for(1), std::vector<Sequence>{7});
  stream->stop();
}

// The hub, which reads everything, does miss changes of the busy document.
TEST_F(Streams, go_on_beside_a_collection_whose_changes_are_lost) {
  constexpr std::size_t kThings = 100;
  ASSERT_TRUE(node.shard()->create_collection("brief", {.revision_limit = 0, .history = false}, {}));
  node.put("first", "{}", "things");
  const auto of_things = std::make_shared<Collector>();
  const auto stream = watch(of_things, {.collection = "things"});
  for (std::size_t i = 0; i < kThings; ++i) {
    for (int j = 0; j < 30; ++j) node.put("a", "{\"n\":" + std::to_string(j) + "}", "brief");
    node.put("t" + std::to_string(i), "{}", "things");
  }
  of_things->wait_for(kThings);
  const auto events = of_things->events();
  ASSERT_EQ(events.size(), kThings);
  for (std::size_t i = 0; i < kThings; ++i) EXPECT_EQ(events[i]->id, "t" + std::to_string(i));
  stream->stop();
}

std::atomic<bool> allowed = true;
Decision while_allowed(const Caller& caller, Action, const Target&) {
  if (caller.kind() == Caller::Kind::admin || allowed) return Predicate();
  return Error(ErrorCode::forbidden, "not any more");
}
Decision not_the_secret_ones(const Caller& caller, Action, const Target&) {
  if (caller.kind() == Caller::Kind::admin) return Predicate();
  return Predicate([](const Candidate& candidate) { return !candidate.id.starts_with("secret"); });
}

// A watch that has had one event, and whose right has gone since.
struct EndedRights : ::testing::Test {
  EndedRights() {
    stream->start();
    node.put("a", "{}");
    watcher->wait_for(1);
    allowed = false;
  }
  void expect_end() {
    EXPECT_EQ(watcher->wait_for_end()->code(), ErrorCode::forbidden);
    EXPECT_EQ(watcher->end().sequence, 1U);
    EXPECT_EQ(watcher->events().size(), 1U);
  }

  const AuthorityOf authority{while_allowed};
  TestNode node{authority};
  const std::shared_ptr<Collector> watcher = std::make_shared<Collector>();
  const std::shared_ptr<ChangeStream> stream =
      (allowed = true, node.node.change_streams().watch(Caller::anonymous(), {}, {}, watcher).value());
};

TEST_F(EndedRights, are_seen_by_a_look) {
  stream->check({});
  expect_end();
}

// If this fails, what happened while a right was away is left out, and the watcher is not told.
TEST_F(EndedRights, are_seen_at_the_next_event_though_they_come_back) {
  node.put("b", "{}");
  expect_end();
  allowed = true;
}

TEST(StreamRights, hide_documents) {
  const AuthorityOf authority(not_the_secret_ones);
  TestNode node(authority);
  const auto watcher = std::make_shared<Collector>();
  const auto stream = node.node.change_streams().watch(Caller::anonymous(), {}, {}, watcher).value();
  stream->start();
  for (int i = 0; i < 20; ++i) {
    node.put("secret" + std::to_string(i), "{}");
    node.put("open" + std::to_string(i), "{}");
  }
  watcher->wait_for(20);
  for (const auto& event : watcher->events()) EXPECT_EQ(event->json.find("secret"), std::string::npos);
  stream->stop();
}

}  // namespace
}  // namespace quire::engine
