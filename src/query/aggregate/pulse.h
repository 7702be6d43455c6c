#pragma once

#include <cstdint>

#include "base/result.h"
#include "query/aggregate/tuning.h"
#include "query/budget.h"

namespace quire::query {

// Asks now and then whether a query should go on: its caller's limits and its budget of time, which begins
// with the pulse. One thread at a time.
class Pulse {
 public:
  // `run` outlives the pulse.
  explicit Pulse(Run& run) : run_(run), end_(run.clock.steady() + run.budget.time) {}

  // After each step of a loop. Errors: deadline, cancelled, exhausted (the budget of time).
  Status beat() {
    if (--left_ != 0) return ok();
    left_ = kStepsBetweenChecks;
    return check();
  }
  Status check() const {
    QUIRE_TRY_STATUS(run_.limits.check(run_.clock));
    if (run_.clock.steady() < end_) return ok();
    return Error(ErrorCode::exhausted, "the query took longer than it may, in milliseconds")
        .over(static_cast<std::uint64_t>(run_.budget.time.count()));
  }

 private:
  Run& run_;
  const SteadyTime end_;
  std::uint32_t left_ = kStepsBetweenChecks;
};

}  // namespace quire::query
