#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/executor.h"
#include "database/task_gate.h"

namespace quire::database {

// Runs what is due when it is: one thing at a time, in the order of due times, each on a thread of the
// executor. Times are the calendar's, so that they mean the same after a restart; one timer stands for the
// earliest, and looks again every so often, since a calendar may be set. Thread-safe.
class Scheduler {
 public:
  // `run` is called with the name of what was due, which is then no longer scheduled; it may set it again.
  // Clock and executor outlive the scheduler.
  Scheduler(const Clock& clock, Executor& executor, std::function<void(const std::string&)> run);
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // Nothing starts any more; waits for what runs, which may still set times. Not called within it.
  void stop();

  // Replaces the time that was set before. What is due at once runs after kCarePauseMs, never inside the
  // call.
  void set(const std::string& name, WallMs due);
  // As set(), unless it is due earlier already.
  void set_earlier(const std::string& name, WallMs due);
  void remove(const std::string& name);
  std::optional<WallMs> due(const std::string& name) const;
  std::size_t size() const;

 private:
  void set_locked(const std::string& name, WallMs due);
  void remove_locked(const std::string& name);
  void arm_locked();
  void fire();

  const Clock& clock_;
  Executor& executor_;
  const std::function<void(const std::string&)> run_;

  mutable std::mutex mutex_;
  std::map<std::string, WallMs> dues_;                // guarded by mutex_
  std::set<std::pair<WallMs, std::string>> ordered_;  // guarded by mutex_: the same by time
  std::optional<Executor::TimerId> timer_;            // guarded by mutex_
  WallMs timer_due_ = 0;                              // guarded by mutex_: what the timer stands for
  bool running_ = false;                              // guarded by mutex_
  TaskGate gate_;
};

}  // namespace quire::database
