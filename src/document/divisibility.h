#pragma once

#include "document/number.h"

namespace quire::document {

// Whether the number is a whole multiple of the divisor, exactly, whatever their digits and exponents; time
// grows with the product of their digits. `divisor` is finite and not 0; what is not finite is a multiple of
// nothing.
bool is_multiple_of(const Number& number, const Number& divisor);

}  // namespace quire::document
