#include "replication/backoff.h"

#include <algorithm>

namespace quire::replication {

std::chrono::milliseconds backoff(Random& random, unsigned before, std::chrono::milliseconds first,
                                  std::chrono::milliseconds longest) {
  // Past this shift the longest is reached, whatever the first.
  constexpr unsigned kMostDoublings = 16;
  const auto full =
      std::min<std::chrono::milliseconds>(first * (1LL << std::min(before, kMostDoublings)), longest);
  const auto half = full / 2;
  return half + std::chrono::milliseconds(random.next_u64() % static_cast<std::uint64_t>(half.count() + 1));
}

std::chrono::milliseconds Backoff::next(std::chrono::milliseconds asked) {
  const auto drawn = backoff(random_, failures_++, kFirstBackoff, kLongestBackoff);
  return std::max(drawn, std::min<std::chrono::milliseconds>(asked, kLongestBackoff));
}

}  // namespace quire::replication
