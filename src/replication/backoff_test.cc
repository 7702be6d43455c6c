#include "replication/backoff.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace quire::replication {
namespace {

using std::chrono::milliseconds;

TEST(Backoff, EachFailureDoublesTheTimeUpToTheLongestAndHalfOfItIsDrawn) {
  milliseconds full{100};
  for (unsigned before = 0; before < 40; ++before) {
    for (int draw = 0; draw < 50; ++draw) {
      const milliseconds time = backoff(system_random(), before, milliseconds(100), milliseconds(5'000));
      EXPECT_GE(time, full / 2) << before;
      EXPECT_LE(time, full) << before;
    }
    full = std::min(2 * full, milliseconds(5'000));
  }
}

}  // namespace
}  // namespace quire::replication
