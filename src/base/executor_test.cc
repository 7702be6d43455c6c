#include "base/executor.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <limits>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

namespace quire {
namespace {

using std::chrono::milliseconds;

// Blocks a thread of the pool until it is opened.
class Gate {
 public:
  void open() { promise_.set_value(); }
  Task waiting_task() {
    return [gate = future_] { gate.wait(); };
  }

 private:
  std::promise<void> promise_;
  std::shared_future<void> future_ = promise_.get_future().share();
};

TEST(ThreadPool, RunsEveryTaskOnceFromManyThreads) {
  std::atomic<int> runs = 0;
  {
    const auto pool = make_thread_pool(4);
    std::vector<std::thread> posters;
    for (int i = 0; i < 4; ++i) {
      posters.emplace_back([&] {
        for (int k = 0; k < 1000; ++k) pool->post([&] { ++runs; });
      });
    }
    for (auto& poster : posters) poster.join();
  }
  EXPECT_EQ(runs, 4000);
}

TEST(ThreadPool, PostNeverRunsTheTaskInsideTheCall) {
  std::promise<bool> nested_ran_inside;
  {
    const auto pool = make_thread_pool(1);
    pool->post([&] {
      auto ran = std::make_shared<bool>(false);
      pool->post([ran] { *ran = true; });
      nested_ran_inside.set_value(*ran);
    });
  }
  EXPECT_FALSE(nested_ran_inside.get_future().get());
}

TEST(ThreadPool, OneThreadKeepsTheOrder) {
  std::vector<int> order;
  {
    const auto pool = make_thread_pool(1);
    for (int i = 0; i < 100; ++i) pool->post([&order, i] { order.push_back(i); });
  }
  ASSERT_EQ(order.size(), 100U);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

TEST(ThreadPool, UsesAllItsThreads) {
  std::mutex mutex;
  std::condition_variable all_here;
  int here = 0;
  const auto pool = make_thread_pool(3);
  std::promise<void> met;
  for (int i = 0; i < 3; ++i) {
    pool->post([&] {
      std::unique_lock lock(mutex);
      if (++here == 3) met.set_value();
      all_here.notify_all();
      all_here.wait(lock, [&] { return here == 3; });
    });
  }
  EXPECT_EQ(met.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
}

TEST(ThreadPool, DestructionRunsWhatWasPostedAndWhatThatPosts) {
  std::atomic<int> runs = 0;
  Gate gate;
  auto pool = make_thread_pool(1);
  Executor& executor = *pool;
  pool->post(gate.waiting_task());
  pool->post([&] {
    ++runs;
    executor.post([&] {
      ++runs;
      executor.post([&] { ++runs; });
    });
  });
  std::thread opener([&] { gate.open(); });
  pool.reset();
  opener.join();
  EXPECT_EQ(runs, 3);
}

TEST(ThreadPool, DestructionDropsTimersAndDoesNotWaitForThem) {
  bool ran = false;
  const auto owned = std::make_shared<int>(1);
  const auto start = std::chrono::steady_clock::now();
  {
    const auto pool = make_thread_pool(2);
    pool->post_after(std::chrono::hours(1), [&ran, owned] { ran = true; });
    pool->post([&pool = *pool, &ran, owned] {
      pool.post_after(std::chrono::hours(1), [&ran, owned] { ran = true; });
    });
  }
  EXPECT_FALSE(ran);
  EXPECT_EQ(owned.use_count(), 1) << "a dropped task holds on to what it captured";
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::minutes(1));
}

TEST(ThreadPool, WhatIsPostedBehindTheJoinNeverRunsAndIsLetGoWithThePool) {
  std::atomic<int> runs = 0;
  const auto owned = std::make_shared<int>(1);
  auto pool = make_thread_pool(2);
  pool->post([&] { ++runs; });
  pool->join();
  EXPECT_EQ(runs, 1);
  pool->post([&runs, owned] { ++runs; });
  pool->post_after(milliseconds(0), [&runs, owned] { ++runs; });
  pool->join();
  EXPECT_EQ(runs, 1);
  pool.reset();
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(owned.use_count(), 1) << "a task that never runs holds on to what it captured";
}

TEST(ThreadPool, ATimerRunsOnceAndNotTooEarly) {
  const auto pool = make_thread_pool(2);
  std::atomic<int> runs = 0;
  std::promise<std::chrono::steady_clock::time_point> ran;
  const auto start = std::chrono::steady_clock::now();
  const auto timer = pool->post_after(milliseconds(30), [&] {
    ++runs;
    ran.set_value(std::chrono::steady_clock::now());
  });
  EXPECT_NE(timer, 0U);
  EXPECT_GE(ran.get_future().get() - start, milliseconds(30));
  EXPECT_FALSE(pool->cancel(timer)) << "it has run";
  EXPECT_EQ(runs, 1);
}

TEST(ThreadPool, TimersRunInTheOrderOfTheirTimes) {
  std::mutex mutex;
  std::vector<int> order;
  std::promise<void> last;
  const auto pool = make_thread_pool(1);
  const auto note = [&](int number) {
    const std::lock_guard lock(mutex);
    order.push_back(number);
  };
  pool->post_after(milliseconds(60), [&] {
    note(3);
    last.set_value();
  });
  pool->post_after(milliseconds(30), [&] { note(2); });
  pool->post_after(milliseconds(-5), [&] { note(1); });
  last.get_future().wait();
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
}

TEST(ThreadPool, CancelledTimersNeverRun) {
  std::atomic<bool> ran = false;
  {
    const auto pool = make_thread_pool(1);
    const auto timer = pool->post_after(milliseconds(1), [&] { ran = true; });
    // Whichever comes first, the answer must agree with what happens.
    const bool cancelled = pool->cancel(timer);
    EXPECT_FALSE(pool->cancel(timer)) << "a second time";
    std::promise<void> later;
    pool->post_after(milliseconds(20), [&] { later.set_value(); });
    later.get_future().wait();
    EXPECT_EQ(ran, !cancelled);
    EXPECT_FALSE(pool->cancel(0));
    EXPECT_FALSE(pool->cancel(999));
  }
}

// The timer is due and waits behind a busy thread: a cancellation must still hold.
TEST(ThreadPool, CancelHoldsForATimerThatIsDueButHasNotStarted) {
  std::atomic<bool> ran = false;
  Gate gate;
  const auto pool = make_thread_pool(1);
  pool->post(gate.waiting_task());
  const auto timer = pool->post_after(milliseconds(0), [&] { ran = true; });
  std::this_thread::sleep_for(milliseconds(10));
  EXPECT_TRUE(pool->cancel(timer));
  gate.open();
  std::promise<void> later;
  pool->post_after(milliseconds(5), [&] { later.set_value(); });
  later.get_future().wait();
  EXPECT_FALSE(ran);
}

TEST(ThreadPool, TheLongestDelayDoesNotOverflow) {
  std::atomic<bool> ran = false;
  {
    const auto pool = make_thread_pool(1);
    const auto timer = pool->post_after(milliseconds::max(), [&] { ran = true; });
    std::promise<void> later;
    pool->post_after(milliseconds(5), [&] { later.set_value(); });
    later.get_future().wait();
    EXPECT_TRUE(pool->cancel(timer));
  }
  EXPECT_FALSE(ran);
}

// Who waits for a timer's task unless he has cancelled it would wait for ever.
TEST(ThreadPool, CancelHoldsForATimerThatJoinDropped) {
  std::atomic<bool> ran = false;
  const auto pool = make_thread_pool(1);
  const auto before = pool->post_after(std::chrono::hours(1), [&] { ran = true; });
  pool->join();
  const auto behind = pool->post_after(milliseconds(0), [&] { ran = true; });
  EXPECT_TRUE(pool->cancel(before));
  EXPECT_FALSE(pool->cancel(before)) << "it was cancelled";
  EXPECT_TRUE(pool->cancel(behind));
  EXPECT_FALSE(ran);
}

TEST(ThreadPool, TasksMayMakeAndCancelTimers) {
  std::promise<bool> cancelled;
  const auto pool = make_thread_pool(2);
  pool->post([&] {
    const auto timer = pool->post_after(std::chrono::hours(1), [] {});
    cancelled.set_value(pool->cancel(timer));
  });
  EXPECT_TRUE(cancelled.get_future().get());
}

TEST(ThreadPoolDeathTest, NeedsAThread) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(make_thread_pool(0), "without threads");
}

}  // namespace
}  // namespace quire
