#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

// What a fuzz target is given, taken apart. Views point into the fuzzer's own copy, which the address
// sanitizer guards at both ends.
namespace quire::fuzz {

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

  // 0 once everything is taken.
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  // Up to the next 0xFF, which no UTF-8 holds, and without it.
  std::string_view part() {
    const std::size_t size = std::min(rest_.find('\xFF'), rest_.size());
    const std::string_view part = rest_.substr(0, size);
    rest_.remove_prefix(std::min(size + 1, rest_.size()));
    return part;
  }
  std::string_view rest() const { return rest_; }
  std::vector<std::uint8_t> rest_bytes() const { return {rest_.begin(), rest_.end()}; }

 private:
  std::string_view rest_;
};

}  // namespace quire::fuzz
