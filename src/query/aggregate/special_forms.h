#pragma once

#include <string_view>

#include "query/aggregate/expression.h"

// The functions of expressions that do not evaluate all of their arguments, or evaluate one often.
namespace quire::query {

struct SpecialForm {
  std::string_view name;
  Result<ExpressionPointer> (*parse)(ExpressionParser& parser, const Value& operand);
};
// Null where there is none.
const SpecialForm* find_special_form(std::string_view name);

}  // namespace quire::query
