#include "base/testing/manual_executor.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace quire {
namespace {

using std::chrono::milliseconds;

class ManualExecutorTest : public ::testing::Test {
 protected:
  Task note(char mark) {
    return [this, mark] { trace_.push_back(mark); };
  }

  ManualClock clock_;
  ManualExecutor executor_{clock_};
  std::string trace_;
};

TEST_F(ManualExecutorTest, NothingRunsUnlessAsked) {
  executor_.post(note('a'));
  executor_.post_after(milliseconds(0), note('b'));
  EXPECT_EQ(trace_, "");
  EXPECT_EQ(executor_.run_ready(), 2U);
  EXPECT_EQ(trace_, "ab");
  EXPECT_FALSE(executor_.run_one());
}

TEST_F(ManualExecutorTest, WhatATaskPostsRunsAfterWhatWasThere) {
  executor_.post([this] {
    executor_.post(note('c'));
    trace_.push_back('a');
  });
  executor_.post(note('b'));
  executor_.run_ready();
  EXPECT_EQ(trace_, "abc");
}

TEST_F(ManualExecutorTest, TimersRunAtTheirTimes) {
  executor_.post_after(milliseconds(20), note('b'));
  executor_.post_after(milliseconds(10), note('a'));
  executor_.post_after(milliseconds(20), note('c'));
  EXPECT_EQ(executor_.until_next_timer(), milliseconds(10));
  executor_.advance(milliseconds(9));
  EXPECT_EQ(trace_, "");
  executor_.advance(milliseconds(1));
  EXPECT_EQ(trace_, "a");
  executor_.advance(milliseconds(100));
  EXPECT_EQ(trace_, "abc");
  EXPECT_EQ(executor_.until_next_timer(), std::nullopt);
}

TEST_F(ManualExecutorTest, ATimerThatMakesTimersSeesEachAtItsTime) {
  std::string times;
  const WallMs start = clock_.wall_ms();
  Task again = [&] {
    times += std::to_string(clock_.wall_ms() - start) + " ";
    if (times.size() < 10) executor_.post_after(milliseconds(7), again);
  };
  executor_.post_after(milliseconds(5), again);
  executor_.advance(milliseconds(1000));
  EXPECT_EQ(times, "5 12 19 26 ");
  EXPECT_EQ(clock_.wall_ms() - start, 1000);
}

TEST_F(ManualExecutorTest, CancelHoldsUntilTheTaskStarts) {
  const auto early = executor_.post_after(milliseconds(5), note('a'));
  const auto due = executor_.post_after(milliseconds(5), note('b'));
  EXPECT_TRUE(executor_.cancel(early));
  EXPECT_FALSE(executor_.cancel(early));
  executor_.post_after(milliseconds(1), [&] {
    clock_.advance(milliseconds(50));
    executor_.post([&] { EXPECT_TRUE(executor_.cancel(due)); });
    executor_.post([] {});
  });
  executor_.advance(milliseconds(4));
  EXPECT_EQ(trace_, "");
  const auto ran = executor_.post_after(milliseconds(0), note('c'));
  executor_.run_ready();
  EXPECT_EQ(trace_, "c");
  EXPECT_FALSE(executor_.cancel(ran));
  EXPECT_FALSE(executor_.cancel(0));
}

TEST_F(ManualExecutorTest, WhatHasNotRunNeverDoes) {
  const auto owned = std::make_shared<int>(1);
  {
    ManualExecutor executor(clock_);
    executor.post([this, owned] { trace_.push_back('x'); });
    executor.post_after(milliseconds(0), [this, owned] { trace_.push_back('y'); });
  }
  EXPECT_EQ(trace_, "");
  EXPECT_EQ(owned.use_count(), 1);
}

std::string order_for_seed(std::uint64_t seed) {
  ManualClock clock;
  SeededRandom choice(seed);
  ManualExecutor executor(clock, &choice);
  std::string trace;
  for (char mark = 'a'; mark <= 'h'; ++mark) executor.post([&trace, mark] { trace.push_back(mark); });
  executor.run_ready();
  return trace;
}

TEST(ManualExecutorChoice, TheSeedAloneDecidesTheOrder) {
  std::set<std::string> orders;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    EXPECT_EQ(order_for_seed(seed), order_for_seed(seed));
    orders.insert(order_for_seed(seed));
  }
  EXPECT_GT(orders.size(), 15U);
}

}  // namespace
}  // namespace quire
