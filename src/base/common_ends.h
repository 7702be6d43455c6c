#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

// What two texts have in common at their ends, found a word at a time.
namespace quire {

// How many bytes, from the first one on.
inline std::size_t common_front(std::string_view a, std::string_view b) {
  const std::size_t most = std::min(a.size(), b.size());
  std::size_t at = 0;
  for (std::uint64_t x = 0, y = 0; at + sizeof x <= most; at += sizeof x) {
    std::memcpy(&x, a.data() + at, sizeof x);
    std::memcpy(&y, b.data() + at, sizeof y);
    if (x != y) return at + static_cast<std::size_t>(std::countr_zero(x ^ y)) / 8;
  }
  while (at < most && a[at] == b[at]) ++at;
  return at;
}

// How many bytes, up to the last one; where texts repeat themselves these may be some of the front's.
inline std::size_t common_end(std::string_view a, std::string_view b) {
  const std::size_t most = std::min(a.size(), b.size());
  const char* const a_end = a.data() + a.size();
  const char* const b_end = b.data() + b.size();
  std::size_t found = 0;
  for (std::uint64_t x = 0, y = 0; found + sizeof x <= most; found += sizeof x) {
    std::memcpy(&x, a_end - found - sizeof x, sizeof x);
    std::memcpy(&y, b_end - found - sizeof y, sizeof y);
    if (x != y) return found + static_cast<std::size_t>(std::countl_zero(x ^ y)) / 8;
  }
  while (found < most && *(a_end - found - 1) == *(b_end - found - 1)) ++found;
  return found;
}

}  // namespace quire
