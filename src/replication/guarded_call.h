#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>

#include "base/call.h"
#include "base/clock.h"
#include "base/executor.h"
#include "base/result.h"

namespace quire::replication {

// Watches a call: where it has neither answered nor shown progress for its time, it is given up with
// deadline. By the steady clock, so that nobody who sets the calendar ends a call. Callable from every
// thread.
class CallGuard : public std::enable_shared_from_this<CallGuard> {
 public:
  CallGuard(const Clock& clock, Executor& executor, std::chrono::milliseconds time)
      : clock_(clock), executor_(executor), time_(time) {}

  // Begins to watch; `give_up` is called once, at most, on the executor, and not after settle() was true.
  void start(std::function<void()> give_up);
  // The call showed that it goes on.
  void progressed();
  // True the first time: whoever gets it answers the call.
  bool settle();
  // Nobody wants the answer any more: the side that is called sees it in its limits.
  void give_up();
  // For the side that is called: a deadline beyond which nobody waits, and a flag that says so.
  CallLimits limits() const;

 private:
  void look();

  const Clock& clock_;
  Executor& executor_;
  const std::chrono::milliseconds time_;
  const Cancellation given_up_ = Cancellation::make();
  std::mutex mutex_;
  bool settled_ = false;           // guarded by mutex_
  SteadyTime last_{};              // guarded by mutex_
  Executor::TimerId timer_ = 0;    // guarded by mutex_
  std::function<void()> give_up_;  // guarded by mutex_
};

}  // namespace quire::replication
