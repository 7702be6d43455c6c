#include <algorithm>
#include <array>

#include "document/value_order.h"
#include "query/aggregate/functions.h"
#include "query/aggregate/tuning.h"

namespace quire::query {

namespace {
bool is_array(const Value* value) { return value != nullptr && value->is_array(); }

const Value* not_an_array(Evaluation& on, const Call& call, const Value* value) {
  return call.fail(on, "takes an array, not " + described(value));
}

const Value* size(Evaluation& on, const Call& call, Arguments arguments) {
  if (!is_array(arguments[0])) return not_an_array(on, call, arguments[0]);
  return on.integer(static_cast<std::int64_t>(arguments[0]->size()));
}

// The element at a position, from the end where it is negative; null where there is none.
const Value* element(const Value& array, std::int64_t position) {
  const auto count = static_cast<std::int64_t>(array.size());
  if (position < 0) position += count;
  return position >= 0 && position < count ? &array.elements()[static_cast<std::size_t>(position)] : nullptr;
}

const Value* element_at(Evaluation& on, const Call& call, Arguments arguments) {
  if (is_nothing(arguments[0]) || is_nothing(arguments[1])) return on.null();
  if (!is_array(arguments[0])) return not_an_array(on, call, arguments[0]);
  std::int64_t position = 0;
  if (!read_whole(arguments[1], position)) return call.fail(on, "takes a whole number as the position");
  return element(*arguments[0], position);
}

template <int position>
const Value* element_at_end(Evaluation& on, const Call& call, Arguments arguments) {
  if (is_nothing(arguments[0])) return on.null();
  if (!is_array(arguments[0])) return not_an_array(on, call, arguments[0]);
  return element(*arguments[0], position);
}

const Value* copy_elements(Evaluation& on, std::span<const Value> elements) {
  Value copy = Value::array();
  if (!on.charge(elements.size() * kElementBytes)) return nullptr;
  for (const Value& one : elements) copy.append(on.arena(), one);
  return on.keep(copy);
}

const Value* slice(Evaluation& on, const Call& call, Arguments arguments) {
  if (std::any_of(arguments.begin(), arguments.end(), is_nothing)) return on.null();
  if (!is_array(arguments[0])) return not_an_array(on, call, arguments[0]);
  const auto count = static_cast<std::int64_t>(arguments[0]->size());
  std::int64_t first = 0;
  std::int64_t wanted = 0;
  if (!read_whole(arguments[1], first) || !read_whole(arguments.back(), wanted))
    return call.fail(on, "takes whole numbers");
  if (arguments.size() == 2) {
    first = wanted < 0 ? std::max<std::int64_t>(wanted, -count) : 0;
    wanted = wanted < 0 ? -first : wanted;
  } else if (wanted <= 0) {
    return call.fail(on, "takes a count above 0");
  }
  if (first < 0) first = std::max<std::int64_t>(count + std::max(first, -count), 0);
  first = std::min(first, count);
  wanted = std::min(wanted, count - first);
  return copy_elements(on, arguments[0]->elements().subspan(static_cast<std::size_t>(first),
                                                            static_cast<std::size_t>(wanted)));
}

const Value* contains(Evaluation& on, const Call& call, Arguments arguments) {
  if (!is_array(arguments[1])) return not_an_array(on, call, arguments[1]);
  for (const Value& one : arguments[1]->elements()) {
    if (!on.goes_on()) return nullptr;
    if (compare_found(on, &one, arguments[0]) == 0) return Evaluation::boolean(true);
  }
  return Evaluation::boolean(false);
}

// Whether a value is one of a list that is known; of its values in order, as the comparison finds them equal.
class IsOneOf final : public Expression {
 public:
  IsOneOf(ExpressionPointer value, std::span<const Value> list, const document::Collation* collation)
      : value_(std::move(value)), list_(list.begin(), list.end()) {
    std::sort(list_.begin(), list_.end(), document::ValueLess{collation});
  }
  const Value* evaluate(Evaluation& on) const override {
    const Value* const value = value_->evaluate(on);
    if (value == nullptr) return on.failed() ? nullptr : Evaluation::boolean(false);
    return Evaluation::boolean(
        std::binary_search(list_.begin(), list_.end(), *value, document::ValueLess{on.collation()}));
  }

 private:
  const ExpressionPointer value_;
  std::vector<Value> list_;
};

ExpressionPointer prepare_contains(std::vector<ExpressionPointer>& arguments,
                                   const document::Collation* collation) {
  const Value* const list = arguments[1]->constant();
  if (!is_array(list)) return nullptr;
  return std::make_unique<IsOneOf>(std::move(arguments[0]), list->elements(), collation);
}

const Value* index_of(Evaluation& on, const Call& call, Arguments arguments) {
  if (is_nothing(arguments[0])) return on.null();
  if (!is_array(arguments[0])) return not_an_array(on, call, arguments[0]);
  const auto count = static_cast<std::int64_t>(arguments[0]->size());
  std::int64_t first = 0;
  std::int64_t end = count;
  if (arguments.size() > 2 && (!read_whole(arguments[2], first) || first < 0))
    return call.fail(on, "takes a start that is a whole number of 0 or more");
  if (arguments.size() > 3 && (!read_whole(arguments[3], end) || end < 0))
    return call.fail(on, "takes an end that is a whole number of 0 or more");
  for (std::int64_t at = first; at < std::min(end, count); ++at) {
    if (!on.goes_on()) return nullptr;
    const Value& one = arguments[0]->elements()[static_cast<std::size_t>(at)];
    if (compare_found(on, &one, arguments[1]) == 0) return on.integer(at);
  }
  return on.integer(-1);
}

const Value* concat(Evaluation& on, const Call& call, Arguments arguments) {
  Value joined = Value::array();
  for (const Value* const argument : arguments) {
    if (is_nothing(argument)) return on.null();
    if (!is_array(argument)) return not_an_array(on, call, argument);
    if (!on.charge(argument->size() * kElementBytes)) return nullptr;
    for (const Value& one : argument->elements()) joined.append(on.arena(), one);
  }
  return on.keep(joined);
}

const Value* reverse(Evaluation& on, const Call& call, Arguments arguments) {
  if (is_nothing(arguments[0])) return on.null();
  if (!is_array(arguments[0])) return not_an_array(on, call, arguments[0]);
  Value reversed = Value::array();
  if (!on.charge(arguments[0]->size() * kElementBytes)) return nullptr;
  for (std::size_t i = arguments[0]->size(); i-- > 0;) {
    reversed.append(on.arena(), arguments[0]->elements()[i]);
  }
  return on.keep(reversed);
}

const Value* range(Evaluation& on, const Call& call, Arguments arguments) {
  std::int64_t bounds[3] = {0, 0, 1};
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (!read_whole(arguments[i], bounds[i])) return call.fail(on, "takes whole numbers");
  }
  const std::int64_t step = bounds[2];
  if (step == 0) return call.fail(on, "takes a step that is not 0");
  Value numbers = Value::array();
  std::int64_t at = bounds[0];
  while (step > 0 ? at < bounds[1] : at > bounds[1]) {
    if (!on.goes_on() || !on.charge(kElementBytes)) return nullptr;
    numbers.append(on.arena(), Value::integer(on.arena(), at));
    if (__builtin_add_overflow(at, step, &at)) break;
  }
  return on.keep(numbers);
}

constexpr std::array kArrayFunctions = {
    Function{"$size", 1, 1, size},
    Function{"$arrayElemAt", 2, 2, element_at},
    Function{"$first", 1, 1, element_at_end<0>},
    Function{"$last", 1, 1, element_at_end<-1>},
    Function{"$slice", 2, 3, slice},
    Function{"$in", 2, 2, contains, {}, Function::Form::one, prepare_contains},
    Function{"$indexOfArray", 2, 4, index_of},
    Function{"$concatArrays", 0, kAnyNumber, concat},
    Function{"$reverseArray", 1, 1, reverse},
    Function{"$range", 2, 3, range},
};
}  // namespace

std::span<const Function> array_functions() { return kArrayFunctions; }

}  // namespace quire::query
