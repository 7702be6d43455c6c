#include "document/number.h"

#include <algorithm>

#include "document/tuning.h"

namespace quire::document {

namespace {
// Beyond these, plain notation would be mostly zeros.
constexpr std::int64_t kPlainLargest = 21;
constexpr std::int64_t kPlainSmallest = -6;

bool is_decimal_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view take_digits(std::string_view& rest) {
  const auto end = std::find_if_not(rest.begin(), rest.end(), is_decimal_digit);
  const auto digits = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
  rest.remove_prefix(digits.size());
  return digits;
}

bool take_sign(std::string_view& rest) {
  if (rest.empty() || (rest[0] != '-' && rest[0] != '+')) return false;
  const bool negative = rest[0] == '-';
  rest.remove_prefix(1);
  return negative;
}

std::string_view without_leading_zeros(std::string_view digits) {
  return digits.substr(std::min(digits.find_first_not_of('0'), digits.size()));
}
std::string_view without_trailing_zeros(std::string_view digits) {
  return digits.substr(0, digits.find_last_not_of('0') + 1);
}

// "e+12", or nothing; nullopt where it is malformed or out of range.
std::optional<std::int64_t> take_exponent(std::string_view& rest) {
  if (rest.empty() || (rest[0] | 0x20) != 'e') return 0;
  rest.remove_prefix(1);
  const bool negative = take_sign(rest);
  const std::string_view written = take_digits(rest);
  const std::string_view digits = without_leading_zeros(written);
  if (written.empty() || digits.size() > kMaxExponentDigits + 1) return std::nullopt;
  std::int64_t exponent = 0;
  for (const char c : digits) exponent = exponent * 10 + (c - '0');
  return negative ? -exponent : exponent;
}
}  // namespace

std::optional<Number> Number::parse(std::string_view text) {
  Number number;
  if (text == "NaN" || text == "Infinity" || text == "-Infinity") {
    number.kind_ = text == "NaN" ? Kind::nan : text == "Infinity" ? Kind::infinity : Kind::minus_infinity;
    return number;
  }
  std::string_view rest = text;
  number.negative_ = take_sign(rest);
  std::string_view whole = take_digits(rest);
  std::string_view fraction;
  if (!rest.empty() && rest[0] == '.') {
    rest.remove_prefix(1);
    fraction = take_digits(rest);
  }
  const bool has_digits = !whole.empty() || !fraction.empty();
  const auto written_exponent = take_exponent(rest);
  if (!has_digits || !written_exponent || !rest.empty()) return std::nullopt;

  number.exponent_ = *written_exponent;
  whole = without_leading_zeros(whole);
  number.exponent_ += static_cast<std::int64_t>(whole.size());
  if (whole.empty()) {
    const std::size_t before = fraction.size();
    fraction = without_leading_zeros(fraction);
    number.exponent_ -= static_cast<std::int64_t>(before - fraction.size());
  }
  fraction = without_trailing_zeros(fraction);
  if (fraction.empty()) whole = without_trailing_zeros(whole);
  number.whole_ = whole;
  number.fraction_ = fraction;
  if (number.digit_count() != 0) return number;
  return Number();
}

std::optional<std::int64_t> Number::truncated() const {
  if (!is_finite() || exponent_ > 19) return std::nullopt;
  std::int64_t value = 0;
  for (std::int64_t i = 0; i < exponent_; ++i) {
    const auto index = static_cast<std::size_t>(i);
    const std::int64_t digit = index < digit_count() ? this->digit(index) - '0' : 0;
    if (__builtin_mul_overflow(value, 10, &value)) return std::nullopt;
    if (__builtin_sub_overflow(value, negative_ ? digit : -digit, &value)) return std::nullopt;
  }
  return value;
}

std::weak_ordering Number::compare_magnitude(const Number& other) const {
  if (exponent_ != other.exponent_) return exponent_ <=> other.exponent_;
  const std::size_t shared = std::min(digit_count(), other.digit_count());
  for (std::size_t i = 0; i < shared; ++i) {
    if (digit(i) != other.digit(i)) return digit(i) <=> other.digit(i);
  }
  return digit_count() <=> other.digit_count();
}

std::weak_ordering Number::operator<=>(const Number& other) const {
  if (kind_ != other.kind_ || !is_finite()) return kind_ <=> other.kind_;
  const auto sign = [](const Number& n) { return n.is_zero() ? 0 : n.negative_ ? -1 : 1; };
  if (sign(*this) != sign(other) || is_zero()) return sign(*this) <=> sign(other);
  return negative_ ? other.compare_magnitude(*this) : compare_magnitude(other);
}

std::string number_text(bool negative, std::string_view digits, std::int64_t exponent) {
  if (digits.empty()) return "0";
  std::string text = negative ? "-" : "";
  const auto count = static_cast<std::int64_t>(digits.size());
  if (exponent < kPlainSmallest || exponent > kPlainLargest) {
    text += digits[0];
    if (count > 1) (text += '.') += digits.substr(1);
    return text + "e" + std::to_string(exponent - 1);
  }
  if (exponent <= 0)
    return text + "0." + std::string(static_cast<std::size_t>(-exponent), '0') + std::string(digits);
  if (count <= exponent)
    return text + std::string(digits) + std::string(static_cast<std::size_t>(exponent - count), '0');
  const auto whole = static_cast<std::size_t>(exponent);
  return (text += digits.substr(0, whole)) + "." + std::string(digits.substr(whole));
}

}  // namespace quire::document
