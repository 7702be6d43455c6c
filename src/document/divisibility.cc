#include "document/divisibility.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace quire::document {

namespace {
constexpr std::uint32_t kLimb = 1'000'000'000;
constexpr std::size_t kLimbDigits = 9;
// With so many digits ten times a remainder fits in 64 bits.
constexpr std::size_t kSmallDigits = 18;

// A remainder under division by a number of any length, fed with the dividend's digits, the first one first.
// Limbs of nine digits, the lowest first, one more than the divisor needs.
class LongRemainder {
 public:
  explicit LongRemainder(const std::string& divisor) : divisor_(divisor.size() / kLimbDigits + 2) {
    for (std::size_t end = divisor.size(), limb = 0; end > 0; ++limb) {
      const std::size_t begin = end - std::min(end, kLimbDigits);
      for (std::size_t i = begin; i < end; ++i) {
        divisor_[limb] = divisor_[limb] * 10 + static_cast<std::uint32_t>(divisor[i] - '0');
      }
      end = begin;
    }
    rest_.resize(divisor_.size());
  }

  void feed(char digit) {
    std::uint64_t carry = static_cast<std::uint64_t>(digit - '0');
    for (std::uint32_t& limb : rest_) {
      const std::uint64_t value = std::uint64_t{limb} * 10 + carry;
      limb = static_cast<std::uint32_t>(value % kLimb);
      carry = value / kLimb;
    }
    while (!is_less()) subtract();
  }
  bool is_zero() const {
    return std::all_of(rest_.begin(), rest_.end(), [](std::uint32_t limb) { return limb == 0; });
  }

 private:
  bool is_less() const {
    return std::lexicographical_compare(rest_.rbegin(), rest_.rend(), divisor_.rbegin(), divisor_.rend());
  }
  void subtract() {
    std::int64_t borrow = 0;
    for (std::size_t i = 0; i < rest_.size(); ++i) {
      std::int64_t value = std::int64_t{rest_[i]} - divisor_[i] - borrow;
      borrow = value < 0 ? 1 : 0;
      if (value < 0) value += kLimb;
      rest_[i] = static_cast<std::uint32_t>(value);
    }
  }

  std::vector<std::uint32_t> divisor_;
  std::vector<std::uint32_t> rest_;
};

class ShortRemainder {
 public:
  explicit ShortRemainder(const std::string& divisor) : divisor_(std::stoull(divisor)) {}
  void feed(char digit) { rest_ = (rest_ * 10 + static_cast<std::uint64_t>(digit - '0')) % divisor_; }
  bool is_zero() const { return rest_ == 0; }

 private:
  std::uint64_t divisor_;
  std::uint64_t rest_ = 0;
};

template <class Remainder>
bool divides(Remainder remainder, const Number& number, std::int64_t zeros) {
  for (std::size_t i = 0; i < number.digit_count(); ++i) remainder.feed(number.digit(i));
  for (; zeros > 0 && !remainder.is_zero(); --zeros) remainder.feed('0');
  return remainder.is_zero();
}
}  // namespace

bool is_multiple_of(const Number& number, const Number& divisor) {
  if (!number.is_finite()) return false;
  if (number.is_zero()) return true;
  // Both as whole numbers without a 0 at their end, times a power of ten; by how many zeros the number's is
  // the longer one.
  const auto power = [](const Number& one) {
    return one.exponent() - static_cast<std::int64_t>(one.digit_count());
  };
  const std::int64_t zeros = power(number) - power(divisor);
  if (zeros < 0) return false;  // ten would have to divide the number's digits
  // A divisor of n digits has fewer than 4n factors of two, and of five: more zeros change nothing.
  const std::int64_t enough = static_cast<std::int64_t>(divisor.digit_count()) * 4;
  const std::string digits = divisor.digits();
  return digits.size() <= kSmallDigits ? divides(ShortRemainder(digits), number, std::min(zeros, enough))
                                       : divides(LongRemainder(digits), number, std::min(zeros, enough));
}

}  // namespace quire::document
