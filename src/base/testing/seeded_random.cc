#include "base/testing/seeded_random.h"

#include <algorithm>

#include "base/bytes.h"

namespace quire {

std::uint64_t SeededRandom::step() {
  constexpr std::uint64_t kStride = 0x9E3779B97F4A7C15ULL;
  std::uint64_t mixed = state_.fetch_add(kStride) + kStride;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9ULL;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBULL;
  return mixed ^ (mixed >> 31);
}

void SeededRandom::fill(void* out, std::size_t bytes) {
  auto* at = static_cast<char*>(out);
  while (bytes > 0) {
    const std::uint64_t word = step();
    const std::size_t count = std::min(bytes, sizeof word);
    std::memcpy(at, &word, count);
    at += count;
    bytes -= count;
  }
}

// Numbers past the last whole multiple of the bound are drawn again, so that none is more likely.
std::uint64_t SeededRandom::below(std::uint64_t bound) {
  const std::uint64_t excess = (0 - bound) % bound;  // 2^64 modulo bound
  std::uint64_t value = step();
  while (value < excess) value = step();
  return value % bound;
}

}  // namespace quire
