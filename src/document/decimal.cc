#include "document/decimal.h"

#include <algorithm>
#include <vector>

#include "document/number.h"

namespace quire::document {

namespace {
// Numbers as digits, the most significant first.
int compare_digits(const std::string& left, const std::string& right) { return left.compare(right); }

std::string add_digits(const std::string& left, const std::string& right) {
  std::string sum(left.size() + 1, '0');
  int carry = 0;
  for (std::size_t i = left.size(); i-- > 0;) {
    const int digit = (left[i] - '0') + (right[i] - '0') + carry;
    sum[i + 1] = static_cast<char>('0' + digit % 10);
    carry = digit / 10;
  }
  sum[0] = static_cast<char>('0' + carry);
  return sum;
}

// `left` is not the smaller one.
std::string subtract_digits(const std::string& left, const std::string& right) {
  std::string difference(left.size(), '0');
  int borrow = 0;
  for (std::size_t i = left.size(); i-- > 0;) {
    const int digit = (left[i] - '0') - (right[i] - '0') - borrow;
    borrow = digit < 0 ? 1 : 0;
    difference[i] = static_cast<char>('0' + digit + borrow * 10);
  }
  return difference;
}

std::string multiply_digits(const std::string& left, const std::string& right) {
  std::vector<int> places(left.size() + right.size());
  for (std::size_t i = 0; i < left.size(); ++i) {
    for (std::size_t j = 0; j < right.size(); ++j) places[i + j + 1] += (left[i] - '0') * (right[j] - '0');
  }
  for (std::size_t i = places.size() - 1; i > 0; --i) {
    places[i - 1] += places[i] / 10;
    places[i] %= 10;
  }
  std::string product;
  for (const int place : places) product.push_back(static_cast<char>('0' + place));
  return product;
}

void pad_front(std::string& digits, std::size_t size) {
  if (size > digits.size()) digits.insert(0, size - digits.size(), '0');
}

// Cuts off the last `count` digits, rounding half to even. May grow by a digit in front.
void round_off(std::string& digits, std::size_t count) {
  if (count > digits.size()) {  // less than half of what the last place is worth
    digits = "0";
    return;
  }
  const std::string cut = digits.substr(digits.size() - count);
  digits.erase(digits.size() - count);
  const std::string half = "5" + std::string(count - 1, '0');
  const bool odd = !digits.empty() && (digits.back() - '0') % 2 == 1;
  const int order = compare_digits(cut, half);
  if (digits.empty()) digits = "0";
  if (order > 0 || (order == 0 && odd))
    digits = add_digits(digits, std::string(digits.size() - 1, '0') + "1");
}

void drop_leading_zeros(std::string& digits) {
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
}
}  // namespace

std::optional<Decimal> Decimal::parse(std::string_view text) {
  const auto number = Number::parse(text);
  if (!number || !number->is_finite()) return std::nullopt;
  Decimal decimal;
  decimal.negative_ = number->is_negative();
  std::int64_t places = 0;
  bool fraction = false;
  for (const char c : text.substr(0, text.find_first_of("eE"))) {
    if (c == '.') fraction = true;
    if (c < '0' || c > '9') continue;
    decimal.digits_.push_back(c);
    places += fraction ? 1 : 0;
  }
  drop_leading_zeros(decimal.digits_);
  if (number->is_zero()) {
    decimal.exponent_ = -std::min<std::int64_t>(places, -kDecimalSmallest);
    return decimal;
  }
  decimal.exponent_ = number->exponent() - static_cast<std::int64_t>(decimal.digits_.size());
  while (decimal.digits_.size() > kDecimalDigits && decimal.digits_.back() == '0') {
    decimal.digits_.pop_back();
    ++decimal.exponent_;
  }
  const bool fits = decimal.digits_.size() <= kDecimalDigits && decimal.exponent_ >= kDecimalSmallest &&
                    decimal.exponent_ <= kDecimalLargest;
  return fits ? std::optional(std::move(decimal)) : std::nullopt;
}

void Decimal::normalize() {
  drop_leading_zeros(digits_);
  const auto excess = static_cast<std::int64_t>(digits_.size()) - static_cast<std::int64_t>(kDecimalDigits);
  const std::int64_t cut = std::max(excess, kDecimalSmallest - exponent_);
  if (cut > 0) {
    round_off(digits_, static_cast<std::size_t>(cut));
    exponent_ += cut;
    drop_leading_zeros(digits_);
    if (digits_.size() > kDecimalDigits) {  // 99...9 rounded up
      digits_.pop_back();
      ++exponent_;
    }
  }
  if (digits_ == "0") negative_ = false;
}

Decimal add(const Decimal& left, const Decimal& right) {
  const std::int64_t exponent = std::min(left.exponent_, right.exponent_);
  std::string a = left.digits_ + std::string(static_cast<std::size_t>(left.exponent_ - exponent), '0');
  std::string b = right.digits_ + std::string(static_cast<std::size_t>(right.exponent_ - exponent), '0');
  const std::size_t size = std::max(a.size(), b.size());
  pad_front(a, size);
  pad_front(b, size);
  Decimal sum;
  sum.exponent_ = exponent;
  if (left.negative_ == right.negative_) {
    sum.digits_ = add_digits(a, b);
    sum.negative_ = left.negative_;
  } else if (compare_digits(a, b) >= 0) {
    sum.digits_ = subtract_digits(a, b);
    sum.negative_ = left.negative_;
  } else {
    sum.digits_ = subtract_digits(b, a);
    sum.negative_ = right.negative_;
  }
  sum.normalize();
  return sum;
}

Decimal multiply(const Decimal& left, const Decimal& right) {
  Decimal product;
  product.negative_ = left.negative_ != right.negative_;
  product.digits_ = multiply_digits(left.digits_, right.digits_);
  product.exponent_ = left.exponent_ + right.exponent_;
  product.normalize();
  return product;
}

std::optional<std::string> Decimal::text() const {
  const auto count = static_cast<std::int64_t>(digits_.size());
  const std::int64_t adjusted = exponent_ + count - 1;
  if (digits_ != "0" && adjusted > kDecimalLargest + static_cast<std::int64_t>(kDecimalDigits) - 1)
    return std::nullopt;
  std::string text = negative_ ? "-" : "";
  if (digits_ == "0" && exponent_ > 0) return text + "0";
  if (exponent_ <= 0 && adjusted >= -6) {
    std::string digits = digits_;
    const auto places = static_cast<std::size_t>(-exponent_);
    if (digits.size() <= places) pad_front(digits, places + 1);
    if (places > 0) digits.insert(digits.size() - places, ".");
    return text + digits;
  }
  text += digits_[0];
  if (count > 1) (text += '.') += digits_.substr(1);
  return text + (adjusted < 0 ? "E-" : "E+") + std::to_string(std::abs(adjusted));
}

}  // namespace quire::document
