#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace quire {

// The only source of randomness. Callable from every thread.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(void* out, std::size_t bytes) = 0;

  std::uint64_t next_u64() {
    std::uint64_t value;
    fill(&value, sizeof value);
    return value;
  }
};

// The operating system's generator, fit for keys; lives as long as the process.
Random& system_random();

}  // namespace quire
