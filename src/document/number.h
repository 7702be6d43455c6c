#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace quire::document {

// A number by its exact value, read from its text: sign, and 0.DIGITS times ten to the exponent. Views point
// into the text.
class Number {
 public:
  enum class Kind : std::uint8_t { nan, minus_infinity, finite, infinity };

  // Accepts JSON's grammar and, beyond it, a leading "+", a dot at either end ("5.", ".5"), leading zeros,
  // and the names "NaN", "Infinity", "-Infinity". nullopt for anything else and for exponents of more than 18
  // digits.
  static std::optional<Number> parse(std::string_view text);

  Kind kind() const { return kind_; }
  bool is_finite() const { return kind_ == Kind::finite; }
  bool is_zero() const { return is_finite() && digit_count() == 0; }
  bool is_negative() const { return negative_; }  // false for zero
  std::int64_t exponent() const { return exponent_; }
  // Significant digits: neither the first nor the last is 0; none at all for zero.
  std::size_t digit_count() const { return whole_.size() + fraction_.size(); }
  char digit(std::size_t index) const {
    return index < whole_.size() ? whole_[index] : fraction_[index - whole_.size()];
  }
  std::string digits() const { return std::string(whole_) += fraction_; }
  bool is_integer() const { return is_finite() && exponent_ >= static_cast<std::int64_t>(digit_count()); }
  // The value, where it is a whole number that fits.
  std::optional<std::int64_t> to_int64() const { return is_integer() ? truncated() : std::nullopt; }
  // The value cut off towards zero, where it is finite and that fits.
  std::optional<std::int64_t> truncated() const;

  // By value; NaN is equal to itself and below all others.
  std::weak_ordering operator<=>(const Number& other) const;
  bool operator==(const Number& other) const { return (*this <=> other) == 0; }

 private:
  std::weak_ordering compare_magnitude(const Number& other) const;

  Kind kind_ = Kind::finite;
  bool negative_ = false;
  std::int64_t exponent_ = 0;
  std::string_view whole_;     // digits before the dot
  std::string_view fraction_;  // and after it
};

// Text for 0.DIGITS times ten to the exponent: plain where that is short, else scientific; valid JSON.
std::string number_text(bool negative, std::string_view digits, std::int64_t exponent);

}  // namespace quire::document
