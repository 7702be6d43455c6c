#include "base/clock.h"

#include <gtest/gtest.h>

#include <chrono>

#include "base/call.h"
#include "base/testing/manual_clock.h"

namespace quire {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(SystemClock, FollowsTheCalendarAndNeverGoesBack) {
  const Clock& clock = system_clock();
  const auto calendar = std::chrono::system_clock::now().time_since_epoch();
  EXPECT_NEAR(static_cast<double>(clock.wall_ms()),
              static_cast<double>(std::chrono::duration_cast<milliseconds>(calendar).count()), 5000);
  SteadyTime last = clock.steady();
  for (int i = 0; i < 1000; ++i) {
    const SteadyTime now = clock.steady();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(ManualClock, MovesOnlyWhenTold) {
  ManualClock clock(5000);
  const SteadyTime start = clock.steady();
  EXPECT_EQ(clock.wall_ms(), 5000);
  clock.advance(milliseconds(250));
  EXPECT_EQ(clock.wall_ms(), 5250);
  EXPECT_EQ(clock.steady() - start, milliseconds(250));
  clock.set_wall(10);
  EXPECT_EQ(clock.wall_ms(), 10);
  EXPECT_EQ(clock.steady() - start, milliseconds(250)) << "setting the calendar lets no time pass";
}

TEST(CallLimits, WithoutLimitsACallGoesOnForEver) {
  ManualClock clock;
  const CallLimits limits;
  clock.advance(std::chrono::hours(1'000'000));
  EXPECT_TRUE(limits.check(clock));
  limits.cancellation.cancel();
  EXPECT_TRUE(limits.check(clock)) << "a cancellation that was not made cannot be cancelled";
}

TEST(CallLimits, StopsAtTheDeadlineAndNotBefore) {
  ManualClock clock;
  CallLimits limits;
  limits.deadline = clock.steady() + seconds(1);
  clock.advance(milliseconds(999));
  EXPECT_TRUE(limits.check(clock));
  clock.set_wall(0);
  EXPECT_TRUE(limits.check(clock)) << "a deadline does not follow the calendar";
  clock.advance(milliseconds(1));
  const Status late = limits.check(clock);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code(), ErrorCode::deadline);
}

TEST(CallLimits, ACancellationReachesEveryCopyAndComesFirst) {
  ManualClock clock;
  CallLimits limits;
  limits.cancellation = Cancellation::make();
  limits.deadline = clock.steady();
  const CallLimits copy = limits;
  limits.cancellation.cancel();
  const Status stopped = copy.check(clock);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code(), ErrorCode::cancelled);
}

}  // namespace
}  // namespace quire
