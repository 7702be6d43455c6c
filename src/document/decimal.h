#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace quire::document {

// 34 digits, and the exponents that Decimal128 gives to the last digit.
inline constexpr std::size_t kDecimalDigits = 34;
inline constexpr std::int64_t kDecimalSmallest = -6176;
inline constexpr std::int64_t kDecimalLargest = 6111;

// A finite decimal number that remembers how many places it was written with: DIGITS times ten to the
// exponent.
class Decimal {
 public:
  // nullopt: no number, more than 34 digits, or out of Decimal128's range.
  static std::optional<Decimal> parse(std::string_view text);
  // Plain where that is natural ("12.50", "0.001"), else with an exponent ("1.5E+30"); valid JSON.
  // nullopt where a result is too large for Decimal128; too small a result has become 0.
  std::optional<std::string> text() const;

  // Exact, then rounded half to even to 34 digits.
  friend Decimal add(const Decimal& left, const Decimal& right);
  friend Decimal multiply(const Decimal& left, const Decimal& right);

 private:
  void normalize();

  bool negative_ = false;
  std::string digits_;         // one at least; the first is 0 only where it is the only one
  std::int64_t exponent_ = 0;  // of the last digit
};

}  // namespace quire::document
