#include "replication/guarded_call.h"

#include <utility>

namespace quire::replication {

void CallGuard::start(std::function<void()> give_up) {
  const std::lock_guard lock(mutex_);
  give_up_ = std::move(give_up);
  last_ = clock_.steady();
  timer_ = executor_.post_after(time_, [self = shared_from_this()] { self->look(); });
}

void CallGuard::progressed() {
  const std::lock_guard lock(mutex_);
  last_ = clock_.steady();
}

bool CallGuard::settle() {
  std::function<void()> dropped;
  const std::lock_guard lock(mutex_);
  if (std::exchange(settled_, true)) return false;
  executor_.cancel(timer_);
  dropped = std::move(give_up_);
  return true;
}

void CallGuard::give_up() {
  given_up_.cancel();
  settle();
}

// Without a deadline: what a call may take is counted from its last progress, which only the guard sees.
CallLimits CallGuard::limits() const { return {.deadline = std::nullopt, .cancellation = given_up_}; }

void CallGuard::look() {
  std::function<void()> give_up;
  {
    const std::lock_guard lock(mutex_);
    if (settled_) return;
    const auto quiet = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.steady() - last_);
    if (quiet < time_) {
      timer_ = executor_.post_after(time_ - quiet, [self = shared_from_this()] { self->look(); });
      return;
    }
    settled_ = true;
    given_up_.cancel();
    give_up = std::move(give_up_);
  }
  if (give_up) give_up();
}

}  // namespace quire::replication
