#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

#include "net/text.h"

namespace quire::net {

// What a head says of its body's length, in a request and in an answer alike. Strict: two readers that differ
// on where a body ends can be played against each other. Each method answers what is wrong, or null.
struct Framing {
  std::optional<std::uint64_t> length;
  bool chunked = false;

  // Digits alone: a list of equal numbers is allowed, but nobody sends one in good faith.
  const char* take_length(std::string_view value) {
    if (length || chunked) return "the length of the body is said twice";
    std::uint64_t number = 0;
    const char* const end = value.data() + value.size();
    const auto [stopped, problem] = std::from_chars(value.data(), end, number);
    if (!std::all_of(value.begin(), value.end(), is_decimal) || problem != std::errc() || stopped != end) {
      return "Content-Length is not a number";
    }
    length = number;
    return nullptr;
  }

  const char* take_coding(std::string_view value, bool http11) {
    if (length || chunked) return "the length of the body is said twice";
    if (!http11) return "HTTP/1.0 has no Transfer-Encoding";
    if (!same_ignoring_case(value, "chunked")) return "Transfer-Encoding may only be chunked";
    chunked = true;
    return nullptr;
  }
};

}  // namespace quire::net
