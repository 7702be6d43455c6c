#pragma once

#include <atomic>
#include <chrono>

#include "base/clock.h"

namespace quire {

// A clock that stands still until it is told to move. Callable from every thread.
class ManualClock final : public Clock {
 public:
  // Starts on 2026-01-01T00:00:00Z.
  explicit ManualClock(WallMs wall = 1'767'225'600'000) : wall_(wall) {}

  WallMs wall_ms() const override { return wall_.load(); }
  SteadyTime steady() const override { return SteadyTime(std::chrono::milliseconds(steady_ms_.load())); }

  // Time passes: both clocks move.
  void advance(std::chrono::milliseconds by) {
    wall_ += by.count();
    steady_ms_ += by.count();
  }
  // Somebody sets the calendar; no time passes.
  void set_wall(WallMs wall) { wall_ = wall; }

 private:
  std::atomic<WallMs> wall_;
  std::atomic<std::int64_t> steady_ms_ = 1000;  // not 0, which would hide a forgotten start
};

}  // namespace quire
