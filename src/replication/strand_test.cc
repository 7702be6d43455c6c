#include "replication/strand.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/testing/manual_executor.h"

namespace quire::replication {
namespace {

TEST(StrandTest, TasksRunInOrderAndOneATurn) {
  ManualClock clock;
  ManualExecutor executor(clock);
  const auto strand = Strand::make(executor);
  std::vector<int> ran;
  for (int i = 0; i < 3; ++i) strand->post([&ran, i] { ran.push_back(i); });
  EXPECT_TRUE(executor.run_one());
  EXPECT_EQ(ran, std::vector<int>{0});
  executor.run_ready();
  EXPECT_EQ(ran, (std::vector<int>{0, 1, 2}));
}

// They hold what holds the strand: together they would stay for good.
TEST(StrandTest, TasksThatNeverRanEndWithTheExecutor) {
  struct Owner {
    std::shared_ptr<Strand> strand;
  };
  std::weak_ptr<Owner> owner;
  {
    ManualClock clock;
    ManualExecutor executor(clock);
    const auto held = std::make_shared<Owner>(Strand::make(executor));
    owner = held;
    for (int i = 0; i < 2; ++i) held->strand->post([held] {});
    executor.run_one();
  }
  EXPECT_TRUE(owner.expired());
}

}  // namespace
}  // namespace quire::replication
