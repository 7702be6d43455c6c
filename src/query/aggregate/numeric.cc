#include "query/aggregate/numeric.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>

#include "base/check.h"
#include "document/number.h"

namespace quire::query {

using document::Decimal;
using document::kDecimalDigits;
using document::Number;

namespace {
__extension__ using Wide = unsigned __int128;

// Numbers with more digits or places are left to Decimal.
constexpr int kMostPlaces = 36;

// Outside of Sum, whose own add() would hide it.
Decimal sum_of(const Decimal& left, const Decimal& right) { return add(left, right); }

bool is_integer_form(NumberForm form) { return form == NumberForm::int32 || form == NumberForm::int64; }

std::string digits_of(Wide value) {
  std::string digits;
  do {
    digits.push_back(static_cast<char>('0' + static_cast<int>(value % 10)));
    value /= 10;
  } while (value != 0);
  std::reverse(digits.begin(), digits.end());
  return digits;
}

Wide wide_of(std::string_view digits) {
  Wide value = 0;
  for (const char c : digits) value = value * 10 + static_cast<unsigned>(c - '0');
  return value;
}

// 0.DIGITS times ten to the exponent, as Number has it.
struct Digits {
  bool negative = false;
  std::string digits;
  std::int64_t exponent = 0;

  bool is_zero() const { return digits.empty(); }
  std::string text() const { return document::number_text(negative && !is_zero(), digits, exponent); }
  void trim() {
    const std::size_t first = std::min(digits.find_first_not_of('0'), digits.size());
    digits.erase(0, first);
    exponent -= static_cast<std::int64_t>(first);
    digits.erase(digits.find_last_not_of('0') + 1);
  }
};

std::optional<Number> finite(std::string_view text) {
  const auto number = Number::parse(text);
  return number && number->is_finite() ? number : std::nullopt;
}

Digits digits_of(const Number& number) {
  return {number.is_negative(), number.digits(), number.is_zero() ? 0 : number.exponent()};
}

// Keeps the first `count` digits, rounding by what follows; `more`: what follows is not all of it.
void keep_digits(Digits& value, std::int64_t count, bool more, Rounding rounding) {
  const auto size = static_cast<std::int64_t>(value.digits.size());
  if (count >= size && !more) return;
  const auto kept = static_cast<std::size_t>(std::clamp<std::int64_t>(count, 0, size));
  const std::string cut = value.digits.substr(kept);
  const bool rest = more || cut.find_first_not_of('0') != std::string::npos || count < 0;
  const bool odd = kept > 0 && (value.digits[kept - 1] - '0') % 2 == 1;
  bool away = false;
  switch (rounding) {
    case Rounding::down: away = value.negative && rest; break;
    case Rounding::up: away = !value.negative && rest; break;
    case Rounding::to_zero: break;
    case Rounding::half_even: {
      const char first = count < 0 || cut.empty() ? '0' : cut[0];
      const bool behind = more || (!cut.empty() && cut.find_first_not_of('0', 1) != std::string::npos);
      away = first > '5' || (first == '5' && (behind || odd));
      break;
    }
  }
  value.digits.resize(kept);
  if (away) {
    // The last place is worth ten to exponent - count, which lies in front of the digits where count < 0.
    if (count < 0) value.exponent -= count;
    value.digits.insert(0, "0");
    ++value.exponent;
    std::size_t at = value.digits.size();
    while (value.digits[--at] == '9') value.digits[at] = '0';
    ++value.digits[at];
    if (count <= 0) value.digits = "1";
  }
  value.trim();
}

ArithmeticResult real_result(NumberForm form, double value) {
  const bool plain = form != NumberForm::real && std::isfinite(value);
  return {plain ? NumberForm::plain : NumberForm::real, real_text(value)};
}

// The form of a result whose operands had `form`.
std::optional<ArithmeticResult> exact_result(NumberForm form, const Digits& value) {
  const bool whole = value.is_zero() || value.exponent >= static_cast<std::int64_t>(value.digits.size());
  if (is_integer_form(form)) {
    if (!whole) {
      form = NumberForm::plain;
    } else if (value.exponent > 19 || !read_integer(value.text())) {
      return std::nullopt;
    }
  }
  return ArithmeticResult{form, value.text()};
}

// The quotient to 34 digits and whether it is longer. Both have at most 34 digits.
Digits quotient_of(const Number& left, const Number& right, bool& longer) {
  const Wide divisor = wide_of(right.digits());
  Digits quotient{left.is_negative() != right.is_negative(), "", 0};
  Wide rest = 0;
  std::size_t taken = 0;
  std::size_t significant = 0;
  while ((taken < left.digit_count() || rest != 0) && significant <= kDecimalDigits) {
    rest = rest * 10 + static_cast<unsigned>(taken < left.digit_count() ? left.digit(taken) - '0' : 0);
    ++taken;
    const auto digit = static_cast<char>('0' + static_cast<int>(rest / divisor));
    rest %= divisor;
    significant += significant > 0 || digit != '0' ? 1 : 0;
    quotient.digits.push_back(digit);
  }
  // 0.L e l over 0.R e r: the first digit produced is worth ten to (l - 1) - (r - digits of R).
  quotient.exponent = left.exponent() - right.exponent() + static_cast<std::int64_t>(right.digit_count());
  quotient.trim();
  const bool more = rest != 0 || taken < left.digit_count();
  longer = more || quotient.digits.size() > kDecimalDigits;
  keep_digits(quotient, kDecimalDigits, more, Rounding::half_even);
  return quotient;
}

// Both finite, not 0, of at most 34 digits, and not far apart.
Digits remainder_of(const Number& left, const Number& right) {
  Digits result = digits_of(left);
  const std::int64_t left_place = left.exponent() - static_cast<std::int64_t>(left.digit_count());
  const std::int64_t right_place = right.exponent() - static_cast<std::int64_t>(right.digit_count());
  const std::int64_t place = std::min(left_place, right_place);
  // Where the divisor has more digits than fit once both end at one place, it is the larger one.
  if (right.exponent() - place > static_cast<std::int64_t>(kDecimalDigits) &&
      right.exponent() > left.exponent())
    return result;
  Wide divisor = wide_of(right.digits());
  for (std::int64_t i = place; i < right_place; ++i) divisor *= 10;
  Wide rest = 0;
  for (std::int64_t i = 0; i < left.exponent() - place; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const int digit = at < left.digit_count() ? left.digit(at) - '0' : 0;
    rest = (rest * 10 + static_cast<unsigned>(digit)) % divisor;
  }
  result.digits = rest == 0 ? "" : digits_of(rest);
  result.exponent = place + static_cast<std::int64_t>(result.digits.size());
  result.trim();
  return result;
}

bool is_decimal(const Number& number, std::string_view text) {
  return number.is_finite() && number.digit_count() <= kDecimalDigits && Decimal::parse(text).has_value();
}

// units * 10^-places of a text, where that is short enough.
bool read_scaled(std::string_view text, Int128& units, int& places) {
  const bool negative = !text.empty() && text[0] == '-';
  std::size_t at = negative || (!text.empty() && text[0] == '+') ? 1 : 0;
  std::size_t digits = 0;
  Wide value = 0;
  places = 0;
  bool fraction = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '.') {
      fraction = true;
      continue;
    }
    if (c < '0' || c > '9') break;
    value = value * 10 + static_cast<unsigned>(c - '0');
    digits += value == 0 ? 0 : 1;
    places += fraction ? 1 : 0;
    if (digits > kDecimalDigits) return false;
  }
  if (at < text.size()) {
    if ((text[at] | 0x20) != 'e') return false;
    std::string_view written = text.substr(at + 1);
    if (written.starts_with('+')) written.remove_prefix(1);
    int exponent = 0;
    const auto parsed = std::from_chars(written.data(), written.data() + written.size(), exponent);
    if (parsed.ec != std::errc() || exponent < -kMostPlaces || exponent > kMostPlaces) return false;
    places -= exponent;
  }
  for (; places < 0; ++places) {
    value *= 10;
    if (value != 0 && ++digits > kDecimalDigits) return false;
  }
  units = negative ? -static_cast<Int128>(value) : static_cast<Int128>(value);
  return places <= kMostPlaces;
}

bool scale_up(Int128& units, int by) {
  for (; by > 0; --by) {
    if (__builtin_mul_overflow(units, static_cast<Int128>(10), &units)) return false;
  }
  return true;
}

// A text of up to 34 digits and an exponent.
Decimal decimal_of(std::string_view digits, bool negative, std::int64_t exponent) {
  const auto parsed =
      Decimal::parse((negative ? "-" : "") + std::string(digits) + "E" + std::to_string(exponent));
  QUIRE_CHECK(parsed.has_value(), "digits are a decimal");
  return *parsed;
}
}  // namespace

std::optional<std::int64_t> read_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

double read_double(std::string_view text) {
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity") return std::numeric_limits<double>::infinity();
  if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc()) return value;
  const auto number = Number::parse(text);
  if (!number) return std::numeric_limits<double>::quiet_NaN();
  const double size = number->exponent() > 0 ? std::numeric_limits<double>::infinity() : 0;
  return number->is_negative() ? -size : size;
}

std::string real_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  char text[32];
  std::string written(text, std::to_chars(text, text + sizeof text, value).ptr);
  return written.find_first_of(".e") == std::string::npos ? written + ".0" : written;
}

std::optional<ArithmeticResult> divide(const ArithmeticResult& left, const ArithmeticResult& right) {
  const NumberForm form = std::max(left.form, right.form);
  const auto a = Number::parse(left.text);
  const auto b = Number::parse(right.text);
  if (!a || !b || b->is_zero()) return std::nullopt;
  const bool decimals = is_decimal(*a, left.text) && is_decimal(*b, right.text);
  if (decimals && form != NumberForm::real) {
    if (a->is_zero()) return ArithmeticResult{form, "0"};
    bool longer = false;
    const Digits quotient = quotient_of(*a, *b, longer);
    if (!longer || form == NumberForm::decimal) return exact_result(form, quotient);
  }
  const double quotient = read_double(left.text) / read_double(right.text);
  if (form == NumberForm::decimal) return ArithmeticResult{form, real_text(quotient)};
  return real_result(form, quotient);
}

std::optional<ArithmeticResult> remainder(const ArithmeticResult& left, const ArithmeticResult& right) {
  const NumberForm form = std::max(left.form, right.form);
  const auto a = finite(left.text);
  const auto b = finite(right.text);
  if (!a || !b || b->is_zero()) return std::nullopt;
  if (a->is_zero()) return ArithmeticResult{form, "0"};
  if (form == NumberForm::real || !is_decimal(*a, left.text) || !is_decimal(*b, right.text)) {
    return real_result(form, std::fmod(read_double(left.text), read_double(right.text)));
  }
  return exact_result(form, remainder_of(*a, *b));
}

namespace {
// By the digits that the double has, of which its shortest text keeps back some: 2.675 is less than that.
ArithmeticResult round_real(const ArithmeticResult& number, Rounding rounding, std::int64_t places) {
  char text[48];
  const int size = std::snprintf(text, sizeof text, "%.33e", read_double(number.text));
  const auto parsed = finite({text, static_cast<std::size_t>(size)});
  if (!parsed || parsed->is_zero()) return number;
  const auto wanted = parsed->exponent() + places;
  if (wanted >= static_cast<std::int64_t>(parsed->digit_count())) return number;
  Digits digits = digits_of(*parsed);
  keep_digits(digits, wanted, false, rounding);
  return {NumberForm::real, real_text(read_double(digits.text()))};
}
}  // namespace

std::optional<ArithmeticResult> round_number(const ArithmeticResult& number, Rounding rounding,
                                             std::int64_t places) {
  if (number.form == NumberForm::real) return round_real(number, rounding, places);
  const auto parsed = finite(number.text);
  if (!parsed) return number;
  const auto wanted = parsed->exponent() + places;
  if (parsed->is_zero() || wanted >= static_cast<std::int64_t>(parsed->digit_count())) {
    const bool fraction = number.text.find_first_of(".eE") != std::string::npos;
    if (!fraction || places > 0) return number;
  }
  Digits digits = digits_of(*parsed);
  keep_digits(digits, wanted, false, rounding);
  return exact_result(number.form, digits);
}

void Sum::add(std::int64_t value) { add_scaled(value, 0); }

void Sum::add(NumberForm form, std::string_view text) {
  form_ = std::max(form_, form);
  if (form != NumberForm::real) {
    Int128 units = 0;
    int places = 0;
    if (read_scaled(text, units, places)) return add_scaled(units, places);
    if (const auto decimal = Decimal::parse(text)) return add_decimal(*decimal);
  }
  add_real(read_double(text));
}

void Sum::add_scaled(Int128 units, int places) {
  Int128 mine = units_;
  Int128 theirs = units;
  const int common = std::max(places_, places);
  if (scale_up(mine, common - places_) && scale_up(theirs, common - places) &&
      !__builtin_add_overflow(mine, theirs, &mine)) {
    units_ = mine;
    places_ = common;
    return;
  }
  Sum other;
  other.units_ = units;
  other.places_ = places;
  add_decimal(other.exact_decimal());
}

void Sum::add_decimal(const Decimal& decimal) { beyond_ = beyond_ ? sum_of(*beyond_, decimal) : decimal; }

// Neumaier's: what the sum loses is summed beside it.
void Sum::add_real(double value) {
  has_real_ = true;
  const double sum = real_ + value;
  if (std::isfinite(sum)) {
    error_ += std::abs(real_) >= std::abs(value) ? (real_ - sum) + value : (value - sum) + real_;
  }
  real_ = sum;
}

void Sum::merge(const Sum& other) {
  form_ = std::max(form_, other.form_);
  add_scaled(other.units_, other.places_);
  if (other.beyond_) add_decimal(*other.beyond_);
  if (!other.has_real_) return;
  add_real(other.real_);
  if (other.error_ != 0) add_real(other.error_);
}

Decimal Sum::exact_decimal() const {
  const bool negative = units_ < 0;
  const std::string digits = digits_of(negative ? -static_cast<Wide>(units_) : static_cast<Wide>(units_));
  const std::size_t low = digits.size() > kDecimalDigits ? digits.size() - kDecimalDigits : 0;
  Decimal sum = decimal_of(std::string_view(digits).substr(0, digits.size() - low), negative,
                           static_cast<std::int64_t>(low) - places_);
  if (low > 0)
    sum = sum_of(sum, decimal_of(std::string_view(digits).substr(digits.size() - low), negative, -places_));
  return beyond_ ? sum_of(sum, *beyond_) : sum;
}

std::string Sum::exact_text() const {
  if (places_ == 0 && !beyond_ && units_ == static_cast<std::int64_t>(units_))
    return std::to_string(static_cast<std::int64_t>(units_));
  if (auto text = exact_decimal().text()) return *text;
  return "Infinity";
}

double Sum::exact_double() const { return read_double(exact_text()); }

ArithmeticResult Sum::result() const {
  const double reals = std::isfinite(real_) ? real_ + error_ : real_;
  if (form_ == NumberForm::decimal) {
    if (!has_real_) return {form_, exact_text()};
    const auto real = Decimal::parse(real_text(reals));
    const auto sum = real ? sum_of(exact_decimal(), *real).text() : std::nullopt;
    return {form_, sum ? *sum : real_text(exact_double() + reals)};
  }
  if (has_real_) return real_result(form_, exact_double() + reals);
  std::string text = exact_text();
  if (text == "Infinity") return {NumberForm::real, std::move(text)};
  const bool whole = text.find_first_of(".eE") == std::string::npos;
  const std::optional<std::int64_t> value = whole ? read_integer(text) : std::nullopt;
  if (!is_integer_form(form_) || !value) return {NumberForm::plain, std::move(text)};
  const bool short_enough = *value >= INT32_MIN && *value <= INT32_MAX;
  return {short_enough ? form_ : NumberForm::int64, std::move(text)};
}

ArithmeticResult Sum::mean(std::uint64_t count) const {
  const ArithmeticResult sum = result();
  auto mean = divide(sum, {NumberForm::plain, std::to_string(count)});
  return mean ? std::move(*mean) : sum;
}

void Sum::encode(std::string& out) const {
  put_u64(out, static_cast<std::uint64_t>(static_cast<Wide>(units_) >> 64));
  put_u64(out, static_cast<std::uint64_t>(units_));
  put_varint(out, static_cast<std::uint64_t>(places_));
  out.push_back(static_cast<char>(form_));
  out.push_back(has_real_ ? 1 : 0);
  std::uint64_t bits = 0;
  for (const double real : {real_, error_}) {
    std::memcpy(&bits, &real, sizeof bits);
    put_u64(out, bits);
  }
  put_string(out, beyond_ ? beyond_->text().value_or("0") : "");
}

Sum Sum::decode(ByteReader& reader) {
  Sum sum;
  const auto high = static_cast<Wide>(reader.u64());
  sum.units_ = static_cast<Int128>(high << 64 | reader.u64());
  sum.places_ = static_cast<int>(reader.varint());
  sum.form_ = static_cast<NumberForm>(reader.u8());
  sum.has_real_ = reader.u8() != 0;
  for (double* const real : {&sum.real_, &sum.error_}) {
    const std::uint64_t bits = reader.u64();
    std::memcpy(real, &bits, sizeof bits);
  }
  const std::string_view beyond = reader.string();
  if (!beyond.empty()) sum.beyond_ = Decimal::parse(beyond);
  return sum;
}

}  // namespace quire::query
