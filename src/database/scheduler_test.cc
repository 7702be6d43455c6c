#include "database/scheduler.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "base/testing/manual_executor.h"
#include "database/tuning.h"

namespace quire::database {
namespace {

using std::chrono::milliseconds;

class SchedulerTest : public ::testing::Test {
 protected:
  WallMs in(std::int64_t ms) const { return clock_.wall_ms() + ms; }

  ManualClock clock_;
  ManualExecutor executor_{clock_};
  std::vector<std::string> ran_;
  std::function<void(const std::string&)> also_ = [](const std::string&) {};
  Scheduler scheduler_{clock_, executor_, [this](const std::string& name) {
                         ran_.push_back(name);
                         also_(name);
                       }};
};

using Names = std::vector<std::string>;

TEST_F(SchedulerTest, RunsInTheOrderOfDueTimesAndNotBefore) {
  scheduler_.set("b", in(2000));
  scheduler_.set("a", in(1000));
  scheduler_.set("c", in(3000));
  executor_.advance(milliseconds(999));
  EXPECT_EQ(ran_, Names{});
  executor_.advance(milliseconds(1));
  EXPECT_EQ(ran_, Names{"a"});
  executor_.advance(milliseconds(5000));
  EXPECT_EQ(ran_, (Names{"a", "b", "c"}));
  EXPECT_EQ(scheduler_.size(), 0U);
}

TEST_F(SchedulerTest, WhatIsOverdueRunsSoonButNotInsideTheCall) {
  scheduler_.set("a", in(-100'000));
  scheduler_.set("b", in(-200'000));
  executor_.run_ready();
  EXPECT_EQ(ran_, Names{});
  executor_.advance(milliseconds(tuning::kCarePauseMs));
  EXPECT_EQ(ran_, Names{"b"});
  executor_.advance(milliseconds(tuning::kCarePauseMs));
  EXPECT_EQ(ran_, (Names{"b", "a"}));
}

TEST_F(SchedulerTest, ALaterSettingReplacesAnEarlierOne) {
  scheduler_.set("a", in(1000));
  scheduler_.set("a", in(3000));
  executor_.advance(milliseconds(2000));
  EXPECT_EQ(ran_, Names{});
  scheduler_.set_earlier("a", in(5000));
  EXPECT_EQ(scheduler_.due("a"), in(1000));
  scheduler_.set_earlier("a", in(500));
  EXPECT_EQ(scheduler_.due("a"), in(500));
  executor_.advance(milliseconds(500));
  EXPECT_EQ(ran_, Names{"a"});
  EXPECT_EQ(scheduler_.due("a"), std::nullopt);
}

TEST_F(SchedulerTest, WhatIsRemovedDoesNotRun) {
  scheduler_.set("a", in(1000));
  scheduler_.set("b", in(1000));
  scheduler_.remove("a");
  scheduler_.remove("nothing");
  executor_.advance(milliseconds(5000));
  EXPECT_EQ(ran_, Names{"b"});
}

TEST_F(SchedulerTest, ARunMaySetItsNameAgain) {
  also_ = [this](const std::string& name) {
    if (ran_.size() < 3) scheduler_.set(name, in(1000));
  };
  scheduler_.set("a", in(1000));
  executor_.advance(milliseconds(10'000));
  EXPECT_EQ(ran_.size(), 3U);
}

TEST_F(SchedulerTest, NoticesThatTheCalendarWasSetForward) {
  scheduler_.set("a", in(365LL * 24 * 3600 * 1000));
  executor_.advance(milliseconds(1000));
  clock_.set_wall(in(366LL * 24 * 3600 * 1000));
  executor_.advance(milliseconds(tuning::kCareLookMs));
  EXPECT_EQ(ran_, Names{"a"});
}

TEST_F(SchedulerTest, ACalendarSetBackOnlyDelays) {
  scheduler_.set("a", in(1000));
  clock_.set_wall(in(-100'000));
  executor_.advance(milliseconds(100'000));
  EXPECT_EQ(ran_, Names{});
  executor_.advance(milliseconds(1000 + tuning::kCareLookMs));
  EXPECT_EQ(ran_, Names{"a"});
}

TEST_F(SchedulerTest, SleepsWhereNothingIsScheduled) {
  EXPECT_EQ(executor_.until_next_timer(), std::nullopt);
  scheduler_.set("a", in(1000));
  executor_.advance(milliseconds(2000));
  EXPECT_EQ(executor_.until_next_timer(), std::nullopt);
}

TEST(Scheduler, WhatRunsWhileItIsStoppedMayStillSetTimes) {
  ManualClock clock;
  const auto executor = make_thread_pool(1);
  std::atomic<int> runs = 0;
  std::atomic<bool> go_on = false;
  Scheduler* reached = nullptr;
  Scheduler scheduler(clock, *executor, [&](const std::string& name) {
    ++runs;
    go_on.wait(false);
    reached->set_earlier(name, 0);
  });
  reached = &scheduler;
  scheduler.set("a", 0);
  while (runs == 0) std::this_thread::yield();
  std::thread stopping([&] { scheduler.stop(); });
  go_on = true;
  go_on.notify_all();
  stopping.join();
  EXPECT_EQ(scheduler.size(), 1U);
  EXPECT_EQ(runs, 1);
}

TEST(Scheduler, EndsWithTimersUnderWay) {
  ManualClock clock;
  ManualExecutor executor(clock);
  int ran = 0;
  {
    Scheduler scheduler(clock, executor, [&](const std::string&) { ++ran; });
    scheduler.set("a", 0);
  }
  executor.advance(milliseconds(1000));
  EXPECT_EQ(ran, 0);
}

TEST(Scheduler, RunsOneThingAtATimeAndItsEndWaits) {
  const auto executor = make_thread_pool(4);
  std::atomic<int> running{0};
  std::atomic<int> most{0};
  std::atomic<int> done{0};
  {
    Scheduler scheduler(system_clock(), *executor, [&](const std::string&) {
      most = std::max(most.load(), ++running);
      std::this_thread::sleep_for(milliseconds(5));
      --running;
      ++done;
    });
    for (int i = 0; i < 4; ++i) scheduler.set(std::to_string(i), 0);
    while (done < 2) std::this_thread::sleep_for(milliseconds(1));
  }
  EXPECT_EQ(running, 0);
  EXPECT_EQ(most, 1);
  const int at_end = done;
  std::this_thread::sleep_for(milliseconds(120));
  EXPECT_EQ(done, at_end);
}

// Whatever is set and removed, each name that stays runs once, in the order of its time.
RC_GTEST_PROP(Scheduler, RunsWhatIsSetOnceAndInOrder, ()) {
  ManualClock clock;
  ManualExecutor executor(clock);
  const WallMs start = clock.wall_ms();
  std::vector<std::string> ran;
  Scheduler scheduler(clock, executor, [&](const std::string& name) { ran.push_back(name); });
  std::map<std::string, WallMs> model;
  for (int steps = *rc::gen::inRange(0, 30); steps > 0; --steps) {
    const std::string name(1, *rc::gen::inRange('a', 'h'));
    if (*rc::gen::inRange(0, 4) == 0) {
      scheduler.remove(name);
      model.erase(name);
    } else {
      model[name] = start + *rc::gen::inRange(0, 100) * 1000;
      scheduler.set(name, model[name]);
    }
  }
  std::vector<std::pair<WallMs, std::string>> expected;
  for (const auto& [name, due] : model) expected.emplace_back(due, name);
  std::sort(expected.begin(), expected.end());
  executor.advance(std::chrono::minutes(10));
  RC_ASSERT(ran.size() == expected.size());
  for (std::size_t i = 0; i < ran.size(); ++i) RC_ASSERT(ran[i] == expected[i].second);
}

}  // namespace
}  // namespace quire::database
