#include "document/arithmetic.h"
#include "document/extended_json.h"
#include "document/update_actions.h"
#include "document/value_order.h"

namespace quire::document {

namespace {
using NewValue = std::optional<Value>;

Result<NewValue> replace(const Value& value, const Value* old, Arena& arena) {
  if (old != nullptr && old->to_json() == value.to_json()) return NewValue();
  return NewValue(value.copy(arena));
}

Result<NewValue> arithmetic(const UpdateTarget& target, const Value* old, Arena& arena) {
  const UpdateOperator op = target.action->op;
  const Value& operand = target.action->operand;
  const bool adds = op == UpdateOperator::inc;
  const TypedValue right(operand);
  if (old == nullptr) {
    return NewValue(adds ? operand.copy(arena) : make_number(arena, right.number_form(), "0"));
  }
  const TypedValue left(*old);
  if (left.type() != Type::number) return update_error(op, target.path.text(), "the value is not a number");
  const auto result = calculate(adds ? Arithmetic::add : Arithmetic::multiply, left, right);
  if (!result) return update_error(op, target.path.text(), "the result is out of range");
  if (result->form == left.number_form() && result->text == left.number_text()) return NewValue();
  return NewValue(make_number(arena, result->form, result->text));
}

Result<NewValue> extreme(const UpdateTarget& target, const Value* old, Arena& arena) {
  const Value& operand = target.action->operand;
  if (old == nullptr) return NewValue(operand.copy(arena));
  const auto order = compare_values(operand, *old, target.action->collation);
  const bool better = target.action->op == UpdateOperator::min ? order < 0 : order > 0;
  return better ? NewValue(operand.copy(arena)) : NewValue();
}
}  // namespace

Result<NewValue> new_value(const UpdateTarget& target, const Value* old, const UpdateContext& context,
                           Arena& arena) {
  switch (target.action->op) {
    case UpdateOperator::set_on_insert:
      if (!context.inserting) return NewValue();
      return replace(target.action->operand, old, arena);
    case UpdateOperator::set: return replace(target.action->operand, old, arena);
    case UpdateOperator::inc:
    case UpdateOperator::mul: return arithmetic(target, old, arena);
    case UpdateOperator::min:
    case UpdateOperator::max: return extreme(target, old, arena);
    case UpdateOperator::current_date: return replace(make_date(arena, context.now_ms), old, arena);
    default: return new_array(target, old, arena);
  }
}

}  // namespace quire::document
