#pragma once

#include <atomic>
#include <cstdint>

#include "base/random.h"

namespace quire {

// The same numbers for the same seed on every machine (SplitMix64). Callable from every thread; repeatable
// where the order of the calls is.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}

  void fill(void* out, std::size_t bytes) override;

  // 0 to bound - 1, each as likely; bound > 0.
  std::uint64_t below(std::uint64_t bound);
  // True `percent` times of a hundred.
  bool chance(unsigned percent) { return below(100) < percent; }
  // A generator with a sequence of its own.
  SeededRandom fork() { return SeededRandom(next_u64()); }

 private:
  std::uint64_t step();

  std::atomic<std::uint64_t> state_;
};

}  // namespace quire
