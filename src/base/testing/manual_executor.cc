#include "base/testing/manual_executor.h"

#include <algorithm>

namespace quire {

using std::chrono::milliseconds;

void ManualExecutor::post(Task task) {
  const std::lock_guard lock(mutex_);
  ready_.emplace_back(0, std::move(task));
}

Executor::TimerId ManualExecutor::post_after(milliseconds delay, Task task) {
  constexpr milliseconds kCentury{std::chrono::hours{24 * 36525}};
  const std::lock_guard lock(mutex_);
  const TimerId id = ++last_timer_;
  timers_.emplace(id, Timer{clock_.steady() + std::clamp(delay, milliseconds(0), kCentury), std::move(task)});
  return id;
}

bool ManualExecutor::cancel(TimerId timer) {
  const std::lock_guard lock(mutex_);
  if (timers_.erase(timer) != 0) return true;
  if (timer == 0) return false;
  return std::erase_if(ready_, [timer](const auto& entry) { return entry.first == timer; }) != 0;
}

// Moves the timers that the clock has reached behind the ready tasks.
void ManualExecutor::collect_due() {
  const SteadyTime now = clock_.steady();
  std::multimap<SteadyTime, TimerId> due;
  for (const auto& [id, timer] : timers_) {
    if (timer.due <= now) due.emplace(timer.due, id);
  }
  for (const auto& [time, id] : due) {
    ready_.emplace_back(id, std::move(timers_.at(id).task));
    timers_.erase(id);
  }
}

bool ManualExecutor::run_one() {
  Task task;
  {
    const std::lock_guard lock(mutex_);
    collect_due();
    if (ready_.empty()) return false;
    const auto at = ready_.begin() + static_cast<std::ptrdiff_t>(choice_ ? choice_->below(ready_.size()) : 0);
    task = std::move(at->second);
    ready_.erase(at);
  }
  task();
  return true;
}

std::size_t ManualExecutor::run_ready() {
  std::size_t count = 0;
  while (run_one()) ++count;
  return count;
}

void ManualExecutor::advance(milliseconds by) {
  run_ready();
  while (by.count() > 0) {
    const milliseconds step = std::min(by, until_next_timer().value_or(by));
    clock_.advance(step);
    by -= step;
    run_ready();
  }
}

std::optional<milliseconds> ManualExecutor::until_next_timer() const {
  const std::lock_guard lock(mutex_);
  if (timers_.empty()) return std::nullopt;
  const auto earlier = [](const auto& a, const auto& b) { return a.second.due < b.second.due; };
  const SteadyTime due = std::min_element(timers_.begin(), timers_.end(), earlier)->second.due;
  return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(due - clock_.steady()));
}

}  // namespace quire
