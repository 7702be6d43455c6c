#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

#include "base/executor.h"

namespace quire::database {

// Ties tasks that wait in an executor to an owner that may end before they run. Thread-safe.
class TaskGate {
 public:
  ~TaskGate() { close(); }

  // A task that does nothing once the gate is closed.
  Task guard(Task task) {
    return [state = state_, task = std::move(task)] {
      if (!state->enter()) return;
      task();
      state->leave();
    };
  }

  // Afterwards no guarded task starts, and none runs. Not called within one.
  void close() {
    std::unique_lock lock(state_->mutex);
    state_->closed = true;
    state_->idle.wait(lock, [this] { return state_->running == 0; });
  }

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable idle;
    int running = 0;      // guarded by mutex
    bool closed = false;  // guarded by mutex

    bool enter() {
      const std::lock_guard lock(mutex);
      if (closed) return false;
      ++running;
      return true;
    }
    void leave() {
      const std::lock_guard lock(mutex);
      --running;
      idle.notify_all();
    }
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace quire::database
