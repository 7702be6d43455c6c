#include "replication/backoff.h"

#include <algorithm>

namespace quire::replication {

std::chrono::milliseconds Backoff::next(std::chrono::milliseconds asked) {
  // Past this shift the longest is reached, whatever the first.
  constexpr unsigned kMostDoublings = 16;
  const auto doubled = kFirstBackoff * (1LL << std::min(failures_, kMostDoublings));
  ++failures_;
  const auto full = std::min<std::chrono::milliseconds>(doubled, kLongestBackoff);
  const auto half = full / 2;
  const auto drawn =
      half + std::chrono::milliseconds(random_.next_u64() % static_cast<std::uint64_t>(half.count() + 1));
  return std::max(drawn, std::min<std::chrono::milliseconds>(asked, kLongestBackoff));
}

}  // namespace quire::replication
