#pragma once

#include <deque>
#include <memory>
#include <mutex>

#include "base/executor.h"

namespace quire::replication {

// Runs tasks on an executor one after the other, in the order in which they were posted, so that what they
// share needs no lock. Callable from every thread. The executor outlives the strand's use; what it has not
// run when it ends is let go with it.
class Strand : public std::enable_shared_from_this<Strand> {
 public:
  static std::shared_ptr<Strand> make(Executor& executor) {
    return std::shared_ptr<Strand>(new Strand(executor));
  }
  void post(Task task);
  Executor& executor() { return executor_; }

 private:
  explicit Strand(Executor& executor) : executor_(executor) {}
  class Turn;

  void ask_for_turn();
  void run();
  void drop();

  Executor& executor_;
  std::mutex mutex_;
  std::deque<Task> tasks_;  // guarded by mutex_
  bool running_ = false;    // guarded by mutex_
};

}  // namespace quire::replication
