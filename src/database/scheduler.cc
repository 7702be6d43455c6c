#include "database/scheduler.h"

#include <algorithm>

#include "database/tuning.h"

namespace quire::database {

using std::chrono::milliseconds;

Scheduler::Scheduler(const Clock& clock, Executor& executor, std::function<void(const std::string&)> run)
    : clock_(clock), executor_(executor), run_(std::move(run)) {}

Scheduler::~Scheduler() { stop(); }

// A timer that is armed afterwards finds the gate closed.
void Scheduler::stop() {
  gate_.close();
  const std::lock_guard lock(mutex_);
  if (timer_) executor_.cancel(*timer_);
}

void Scheduler::set(const std::string& name, WallMs due) {
  const std::lock_guard lock(mutex_);
  set_locked(name, due);
}

void Scheduler::set_earlier(const std::string& name, WallMs due) {
  const std::lock_guard lock(mutex_);
  const auto before = dues_.find(name);
  if (before == dues_.end() || due < before->second) set_locked(name, due);
}

void Scheduler::set_locked(const std::string& name, WallMs due) {
  remove_locked(name);
  dues_.emplace(name, due);
  ordered_.emplace(due, name);
  arm_locked();
}

void Scheduler::remove(const std::string& name) {
  const std::lock_guard lock(mutex_);
  remove_locked(name);
}

void Scheduler::remove_locked(const std::string& name) {
  const auto found = dues_.find(name);
  if (found == dues_.end()) return;
  ordered_.erase({found->second, name});
  dues_.erase(found);
}

std::optional<WallMs> Scheduler::due(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = dues_.find(name);
  if (found == dues_.end()) return std::nullopt;
  return found->second;
}

std::size_t Scheduler::size() const {
  const std::lock_guard lock(mutex_);
  return dues_.size();
}

void Scheduler::arm_locked() {
  if (running_ || ordered_.empty()) return;
  const WallMs due = ordered_.begin()->first;
  if (timer_ && timer_due_ <= due) return;
  if (timer_) executor_.cancel(*timer_);
  const std::int64_t wait = std::clamp(due - clock_.wall_ms(), tuning::kCarePauseMs, tuning::kCareLookMs);
  timer_due_ = due;
  timer_ = executor_.post_after(milliseconds(wait), gate_.guard([this] { fire(); }));
}

void Scheduler::fire() {
  std::string name;
  {
    const std::lock_guard lock(mutex_);
    timer_.reset();
    if (running_ || ordered_.empty() || ordered_.begin()->first > clock_.wall_ms()) {
      arm_locked();
      return;
    }
    name = ordered_.begin()->second;
    remove_locked(name);
    running_ = true;
  }
  run_(name);
  const std::lock_guard lock(mutex_);
  running_ = false;
  arm_locked();
}

}  // namespace quire::database
