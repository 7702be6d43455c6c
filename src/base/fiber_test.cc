#include "base/fiber.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/testing/manual_executor.h"

namespace quire {
namespace {

TEST(Fiber, GoesOnWhereItStopped) {
  ManualClock clock;
  ManualExecutor executor(clock);
  std::string seen;
  Fiber::GoOn kept;
  ASSERT_TRUE(Fiber::start(executor, [&](Fiber& fiber) {
    const std::string own = "kept on the stack of the work, and too long to stand in the string itself";
    seen += "a";
    fiber.wait([&](Fiber::GoOn go_on) { kept = std::move(go_on); });
    seen += own;
  }));
  EXPECT_EQ(seen, "") << "never within start()";
  executor.run_ready();
  EXPECT_EQ(seen, "a");
  std::exchange(kept, nullptr)();
  EXPECT_EQ(seen, "a") << "never within what lets it go on";
  executor.run_ready();
  EXPECT_TRUE(seen.starts_with("akept"));
}

TEST(Fiber, MayGoOnAtOnce) {
  ManualClock clock;
  ManualExecutor executor(clock);
  int times = 0;
  ASSERT_TRUE(Fiber::start(executor, [&](Fiber& fiber) {
    for (; times < 1000; ++times) fiber.wait([](Fiber::GoOn go_on) { go_on(); });
  }));
  executor.run_ready();
  EXPECT_EQ(times, 1000);
}

TEST(Fiber, ExceptionsStayWithinTheirWork) {
  ManualClock clock;
  ManualExecutor executor(clock);
  std::string caught;
  const auto work = [&](Fiber& fiber) {
    try {
      fiber.wait([](Fiber::GoOn go_on) { go_on(); });
      throw std::runtime_error("within");
    } catch (const std::exception& fault) {
      caught += fault.what();
    }
  };
  ASSERT_TRUE(Fiber::start(executor, work));
  ASSERT_TRUE(Fiber::start(executor, work));
  executor.run_ready();
  EXPECT_EQ(caught, "withinwithin");
}

TEST(Fiber, ManyWaitOnFewThreads) {
  constexpr int kFibers = 500;
  constexpr int kWaits = 20;
  std::atomic<int> ended{0};
  std::mutex mutex;
  std::vector<Fiber::GoOn> waiting;
  {
    const auto pool = make_thread_pool(2);
    for (int i = 0; i < kFibers; ++i) {
      ASSERT_TRUE(Fiber::start(*pool, [&](Fiber& fiber) {
        for (int wait = 0; wait < kWaits; ++wait) {
          fiber.wait([&](Fiber::GoOn go_on) {
            const std::lock_guard lock(mutex);
            waiting.push_back(std::move(go_on));
          });
        }
        ++ended;
      }));
    }
    while (ended < kFibers) {
      std::vector<Fiber::GoOn> now;
      {
        const std::lock_guard lock(mutex);
        now.swap(waiting);
      }
      for (const auto& go_on : now) go_on();
      std::this_thread::yield();
    }
  }
  EXPECT_EQ(ended, kFibers);
}

}  // namespace
}  // namespace quire
