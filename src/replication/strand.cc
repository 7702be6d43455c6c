#include "replication/strand.h"

#include <utility>

namespace quire::replication {

void Strand::post(Task task) {
  const std::lock_guard lock(mutex_);
  tasks_.push_back(std::move(task));
  if (std::exchange(running_, true)) return;
  executor_.post([self = shared_from_this()] { self->run(); });
}

// One task a turn, so that a busy strand does not keep a thread from others.
void Strand::run() {
  Task task;
  {
    const std::lock_guard lock(mutex_);
    task = std::move(tasks_.front());
    tasks_.pop_front();
  }
  task();
  task = nullptr;  // what it holds ends while the next has not begun
  const std::lock_guard lock(mutex_);
  if (tasks_.empty()) {
    running_ = false;
    return;
  }
  executor_.post([self = shared_from_this()] { self->run(); });
}

}  // namespace quire::replication
