#include "access/throttle.h"

#include <gtest/gtest.h>

#include "access/tuning.h"
#include "base/testing/manual_clock.h"

namespace quire::access {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class ThrottleTest : public ::testing::Test {
 protected:
  // A wrong password; how long it has to wait instead.
  milliseconds wrong(const std::string& name, const std::string& address) {
    if (const auto wait = throttle_.begin(name, address)) return *wait;
    throttle_.failed(name, address);
    return milliseconds(0);
  }
  milliseconds right(const std::string& name, const std::string& address) {
    if (const auto wait = throttle_.begin(name, address)) return *wait;
    throttle_.succeeded(name, address);
    return milliseconds(0);
  }
  void five_wrong(const std::string& name, const std::string& address) {
    for (int i = 0; i < 5; ++i) EXPECT_EQ(wrong(name, address), milliseconds(0)) << i;
  }

  ManualClock clock_;
  Throttle throttle_{clock_};
};

TEST_F(ThrottleTest, DoublesFromASecondToAQuarterOfAnHour) {
  five_wrong("ada", "a");
  milliseconds expected = seconds(1);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(wrong("ada", "b" + std::to_string(i)), expected) << i;
    clock_.advance(expected - milliseconds(1));
    EXPECT_EQ(wrong("ada", "b"), milliseconds(1));
    clock_.advance(milliseconds(1));
    EXPECT_EQ(wrong("ada", "c" + std::to_string(i)), milliseconds(0)) << i;
    expected = std::min<milliseconds>(expected * 2, minutes(15));
  }
}

TEST_F(ThrottleTest, WhatIsRefusedCountsForNothing) {
  five_wrong("ada", "a");
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(wrong("ada", "b"), seconds(1));
  clock_.advance(seconds(1));
  EXPECT_EQ(right("ada", "b"), milliseconds(0));
}

TEST_F(ThrottleTest, ARightPasswordForgetsTheNameButNotTheAddress) {
  five_wrong("ada", "a");
  clock_.advance(seconds(1));
  EXPECT_EQ(right("ada", "b"), milliseconds(0));
  five_wrong("ada", "c");
  // One's own account does not pay for guesses at others.
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(wrong("other" + std::to_string(i), "d"), milliseconds(0));
    if (i < 4) {
      EXPECT_EQ(right("mine", "d"), milliseconds(0));
    }
  }
  EXPECT_EQ(right("mine", "d"), seconds(1));
}

TEST_F(ThrottleTest, AnAddressWaitsWhateverNameItTries) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(wrong("name" + std::to_string(i), "a"), milliseconds(0));
  EXPECT_EQ(wrong("another", "a"), seconds(1));
  EXPECT_EQ(wrong("another", "b"), milliseconds(0));
}

TEST_F(ThrottleTest, WhatIsQuietIsForgotten) {
  five_wrong("ada", "a");
  clock_.advance(minutes(16));
  five_wrong("ada", "a");
  EXPECT_EQ(wrong("ada", "a"), seconds(1));
}

TEST_F(ThrottleTest, ManyAttemptsAtOnceAreNotAllLookedAt) {
  std::uint32_t begun = 0;
  for (int i = 0; i < 1000; ++i) {
    if (!throttle_.begin("ada", "a" + std::to_string(i))) ++begun;
  }
  EXPECT_EQ(begun, tuning::kAttemptsAtOnce);
  for (std::uint32_t i = 0; i < begun; ++i) throttle_.failed("ada", "a" + std::to_string(i));
  clock_.advance(minutes(15));
  // Past the free ones it is one at a time.
  EXPECT_FALSE(throttle_.begin("ada", "x"));
  EXPECT_TRUE(throttle_.begin("ada", "y"));
  throttle_.given_up("ada", "x");
  EXPECT_FALSE(throttle_.begin("ada", "y"));
}

TEST_F(ThrottleTest, WhatWasGivenUpLeavesNothing) {
  for (int i = 0; i < 100; ++i) {
    ASSERT_FALSE(throttle_.begin("ada", "a"));
    throttle_.given_up("ada", "a");
  }
  EXPECT_EQ(throttle_.size(), 0U);
}

TEST_F(ThrottleTest, ItsMemoryIsBounded) {
  for (std::size_t i = 0; i < tuning::kThrottled + 1000; ++i) {
    (void)wrong("name" + std::to_string(i), "address" + std::to_string(i));
  }
  EXPECT_LE(throttle_.size(), tuning::kThrottled + 1);
  clock_.advance(minutes(20));
  for (int i = 0; i < 100'000; ++i) (void)wrong("again" + std::to_string(i % 10), "b" + std::to_string(i));
  EXPECT_LE(throttle_.size(), tuning::kThrottled + 1);
}

}  // namespace
}  // namespace quire::access
