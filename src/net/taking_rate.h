#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "net/server.h"

namespace quire::net {

// Watches how fast a client takes what waits for it. Where nothing waits, nobody is slow.
class TakingRate {
 public:
  struct TooSlow {
    std::uint64_t bytes = 0;  // that were taken
    std::chrono::milliseconds time{};
  };

  // At a tick: `taken` is what the client has taken of all that it was ever sent. Answers where it has taken
  // less than the limit's rate over an idle_time.
  std::optional<TooSlow> look(SteadyTime now, bool waiting, std::uint64_t taken, const Limits& limits) {
    const bool waited = std::exchange(waits_, waiting);
    if (!waiting) return std::nullopt;
    const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(now - since_);
    if (waited && passed < limits.idle_time) return std::nullopt;
    const std::uint64_t got = taken - std::exchange(taken_, taken);
    const std::uint64_t least =
        limits.answer_bytes_per_second * static_cast<std::uint64_t>(passed.count()) / 1000;
    since_ = now;
    if (!waited || got >= least) return std::nullopt;
    return TooSlow{got, passed};
  }

 private:
  bool waits_ = false;  // as of the last look
  SteadyTime since_;    // with what the client had then
  std::uint64_t taken_ = 0;
};

}  // namespace quire::net
