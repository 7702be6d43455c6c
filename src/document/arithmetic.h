#pragma once

#include <optional>
#include <string>

#include "document/extended_json.h"

namespace quire::document {

enum class Arithmetic : std::uint8_t { add, multiply };

struct ArithmeticResult {
  NumberForm form;
  std::string text;
};

// Sums and products of numbers as documents hold them. The result's form is the widest of the two (decimal,
// real, int64, int32, plain), where a plain number with a fraction or out of an int64's range makes an
// integer form plain.
//
// How it is calculated follows from what the operands' texts are: two int64 (no fraction, no exponent) give
// an int64; else, where both have at most 34 digits and Decimal128's range, decimal arithmetic, which keeps
// the places after the dot
// ("1.50" + "1" is "2.50") and rounds half to even past 34 digits; else, and for reals, doubles.
// nullopt where the result does not fit: an int64 form overflows, or a plain number would be infinite.
std::optional<ArithmeticResult> calculate(Arithmetic operation, const TypedValue& left,
                                          const TypedValue& right);

}  // namespace quire::document
