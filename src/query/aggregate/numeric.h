#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "document/arithmetic.h"
#include "document/decimal.h"

// What pipelines calculate beyond document/arithmetic.h, by the same rule: whole numbers exactly, then
// decimals of 34 digits, else doubles.
namespace quire::query {

using document::ArithmeticResult;
using document::NumberForm;

// The number where its text is a whole number without fraction and exponent that fits. Fast.
std::optional<std::int64_t> read_integer(std::string_view text);
double read_double(std::string_view text);
// The shortest text that reads as this double, always with a dot or an exponent ("3.0"); "NaN", "Infinity",
// "-Infinity".
std::string real_text(double value);

// The quotient. Exact where a decimal of 34 digits is; else a $numberDecimal is rounded to 34 digits half to
// even, and all others are the nearest double. Integer forms whose quotient is no whole number become plain.
// nullopt where the divisor is 0 or the result does not fit.
std::optional<ArithmeticResult> divide(const ArithmeticResult& left, const ArithmeticResult& right);
// The remainder with the dividend's sign. nullopt where the divisor is 0 or one of them is not finite.
std::optional<ArithmeticResult> remainder(const ArithmeticResult& left, const ArithmeticResult& right);

enum class Rounding : std::uint8_t { down, up, to_zero, half_even };
// The number to this many places behind the dot (before it, where negative). nullopt where an integer form
// overflows. Numbers that are not finite stay as they are.
std::optional<ArithmeticResult> round_number(const ArithmeticResult& number, Rounding rounding,
                                             std::int64_t places);

// ISO C++ has none.
__extension__ using Int128 = __int128;

// The sum of any numbers in any order: exact, however many there are, while its digits fit into 128 bits, and
// so independent of the order; past that decimals of 34 digits; reals ($numberDouble, and what no decimal
// holds) are summed apart, as doubles with their errors kept. The form is the widest that came; an int32 that
// overflows becomes an int64, that a plain number, and a plain number that is infinite a $numberDouble.
class Sum {
 public:
  void add(std::int64_t value);  // plain
  void add(NumberForm form, std::string_view text);
  void merge(const Sum& other);

  ArithmeticResult result() const;
  // result() divided by the count, which is not 0.
  ArithmeticResult mean(std::uint64_t count) const;

  void encode(std::string& out) const;
  // Makes `reader` bad where this is not what encode() wrote.
  static Sum decode(ByteReader& reader);

 private:
  void add_scaled(Int128 units, int places);
  void add_decimal(const document::Decimal& decimal);
  void add_real(double value);
  document::Decimal exact_decimal() const;
  std::string exact_text() const;
  double exact_double() const;

  Int128 units_ = 0;  // times ten to the -places_
  int places_ = 0;
  NumberForm form_ = NumberForm::plain;
  bool has_real_ = false;
  double real_ = 0;
  double error_ = 0;                         // of real_
  std::optional<document::Decimal> beyond_;  // what 128 bits did not hold
};

}  // namespace quire::query
