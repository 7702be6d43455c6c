#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <optional>

#include "base/executor.h"
#include "base/testing/manual_clock.h"
#include "base/testing/seeded_random.h"

namespace quire {

// Runs tasks on the thread that asks it to, in an order that depends on nothing but the calls, so that a test
// or a simulator holds time and scheduling in its hand. Posting is allowed from every thread, running from
// one.
//
// Tasks that can run do so in the order in which they were posted; with `choice`, in an order that it draws.
// A timer can run when the clock has reached it, in the order of due times and then of their making. What has
// not run when the executor is destroyed never does.
class ManualExecutor final : public Executor {
 public:
  // The clock, and the generator if there is one, outlive the executor.
  explicit ManualExecutor(ManualClock& clock, SeededRandom* choice = nullptr)
      : clock_(clock), choice_(choice) {}

  void post(Task task) override;
  TimerId post_after(std::chrono::milliseconds delay, Task task) override;
  bool cancel(TimerId timer) override;

  // Runs one task; false where none can run now.
  bool run_one();
  // Runs tasks, and those that they post, until none can run without time passing. Returns how many there
  // were.
  std::size_t run_ready();
  // Lets time pass, from one timer to the next, and runs everything on the way.
  void advance(std::chrono::milliseconds by);
  // How long until the earliest timer is due; nothing where there is none.
  std::optional<std::chrono::milliseconds> until_next_timer() const;

 private:
  struct Timer {
    SteadyTime due;
    Task task;
  };

  void collect_due();

  ManualClock& clock_;
  SeededRandom* choice_;
  mutable std::mutex mutex_;
  std::deque<std::pair<TimerId, Task>> ready_;  // guarded by mutex_; 0 where no timer
  std::map<TimerId, Timer> timers_;             // guarded by mutex_
  TimerId last_timer_ = 0;                      // guarded by mutex_
};

}  // namespace quire
