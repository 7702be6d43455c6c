#pragma once

#include <cstdint>

#include "document/tuning.h"

namespace quire::document {

enum class NumberFault : std::uint8_t { none, grammar, exponent };

inline const char* skip_digits(const char* at, const char* end) {
  while (at < end && *at >= '0' && *at <= '9') ++at;
  return at;
}

// Reads a number of JSON's grammar from `at`, where there is a byte at least; `end` is moved back to just
// behind it.
inline NumberFault scan_number(const char* at, const char*& end) {
  const char* const limit = end;
  if (*at == '-') ++at;
  const char* const whole = at;
  at = skip_digits(at, limit);
  if (at == whole || (*whole == '0' && at - whole > 1)) return NumberFault::grammar;
  if (at < limit && *at == '.') {
    const char* const fraction = ++at;
    at = skip_digits(at, limit);
    if (at == fraction) return NumberFault::grammar;
  }
  if (at < limit && (*at | 0x20) == 'e') {
    ++at;
    if (at < limit && (*at == '+' || *at == '-')) ++at;
    const char* exponent = at;
    at = skip_digits(at, limit);
    if (at == exponent) return NumberFault::grammar;
    while (exponent < at && *exponent == '0') ++exponent;
    if (at - exponent > kMaxExponentDigits) return NumberFault::exponent;
  }
  end = at;
  return NumberFault::none;
}

}  // namespace quire::document
