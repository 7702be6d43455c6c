#pragma once

#include <chrono>
#include <cstdint>

namespace quire {

// Milliseconds since 1970-01-01T00:00:00Z, without leap seconds.
using WallMs = std::int64_t;
using SteadyTime = std::chrono::steady_clock::time_point;

// The only way to the time. Callable from every thread.
class Clock {
 public:
  virtual ~Clock() = default;
  // The calendar's time; may jump both ways.
  virtual WallMs wall_ms() const = 0;
  // Never goes back; no relation to the calendar.
  virtual SteadyTime steady() const = 0;
};

// The operating system's clock; lives as long as the process.
const Clock& system_clock();

}  // namespace quire
