// Comparisons, by the one order of values, what is missing below null; and what looks at one value only.
#include <array>

#include "query/aggregate/functions.h"

namespace quire::query {

namespace {
template <class Holds>
const Value* compared(const Evaluation& on, Arguments arguments, const Holds& holds) {
  return Evaluation::boolean(holds(compare_found(on, arguments[0], arguments[1])));
}

const Value* equal(Evaluation& on, const Call&, Arguments arguments) {
  return compared(on, arguments, [](std::weak_ordering order) { return order == 0; });
}
const Value* not_equal(Evaluation& on, const Call&, Arguments arguments) {
  return compared(on, arguments, [](std::weak_ordering order) { return order != 0; });
}
const Value* greater(Evaluation& on, const Call&, Arguments arguments) {
  return compared(on, arguments, [](std::weak_ordering order) { return order > 0; });
}
const Value* greater_equal(Evaluation& on, const Call&, Arguments arguments) {
  return compared(on, arguments, [](std::weak_ordering order) { return order >= 0; });
}
const Value* less(Evaluation& on, const Call&, Arguments arguments) {
  return compared(on, arguments, [](std::weak_ordering order) { return order < 0; });
}
const Value* less_equal(Evaluation& on, const Call&, Arguments arguments) {
  return compared(on, arguments, [](std::weak_ordering order) { return order <= 0; });
}
const Value* compare(Evaluation& on, const Call&, Arguments arguments) {
  const auto order = compare_found(on, arguments[0], arguments[1]);
  return on.integer(order < 0 ? -1 : order > 0 ? 1 : 0);
}
const Value* negation(Evaluation&, const Call&, Arguments arguments) {
  return Evaluation::boolean(!is_true(arguments[0]));
}
const Value* type(Evaluation& on, const Call&, Arguments arguments) {
  return on.string(type_name(arguments[0]));
}
const Value* is_array(Evaluation&, const Call&, Arguments arguments) {
  return Evaluation::boolean(arguments[0] != nullptr && arguments[0]->is_array());
}

constexpr std::array kLogicFunctions = {
    Function{"$eq", 2, 2, equal},    Function{"$ne", 2, 2, not_equal},
    Function{"$gt", 2, 2, greater},  Function{"$gte", 2, 2, greater_equal},
    Function{"$lt", 2, 2, less},     Function{"$lte", 2, 2, less_equal},
    Function{"$cmp", 2, 2, compare}, Function{"$not", 1, 1, negation},
    Function{"$type", 1, 1, type},   Function{"$isArray", 1, 1, is_array},
};
}  // namespace

std::span<const Function> logic_functions() { return kLogicFunctions; }

}  // namespace quire::query
