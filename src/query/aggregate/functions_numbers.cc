// Numbers, and dates as far as they are moved by numbers. Null or missing in, null out.
#include <algorithm>
#include <array>

#include "document/extended_json.h"
#include "query/aggregate/accumulator.h"
#include "query/aggregate/functions.h"
#include "query/aggregate/numeric.h"

namespace quire::query {

using document::Arithmetic;
using document::Type;
using document::TypedValue;

namespace {
bool any_nothing(Arguments arguments) { return std::any_of(arguments.begin(), arguments.end(), is_nothing); }

const Value* overflow(Evaluation& on, const Call& call) {
  return call.fail(on, "has a result that its form of number does not hold");
}

// The sum or product of two numbers; `left` is replaced. False where it does not fit.
bool combine(Arithmetic operation, ArithmeticResult& left, const ArithmeticResult& right) {
  if (left.form == NumberForm::plain && right.form == NumberForm::plain) {
    const auto a = read_integer(left.text);
    const auto b = a ? read_integer(right.text) : std::nullopt;
    std::int64_t result = 0;
    if (b && !(operation == Arithmetic::add ? __builtin_add_overflow(*a, *b, &result)
                                            : __builtin_mul_overflow(*a, *b, &result))) {
      left.text = std::to_string(result);
      return true;
    }
  }
  Arena arena;
  const Value a = document::make_number(arena, left.form, left.text);
  const Value b = document::make_number(arena, right.form, right.text);
  auto result = document::calculate(operation, TypedValue(a), TypedValue(b));
  if (!result) return false;
  left = std::move(*result);
  return true;
}

// Milliseconds to move a date by: the number's nearest whole one.
bool read_ms(const ArithmeticResult& number, std::int64_t& ms) {
  const auto whole = round_number(number, Rounding::half_even, 0);
  const auto parsed = whole ? document::Number::parse(whole->text) : std::nullopt;
  const auto value = parsed && parsed->is_finite() ? parsed->to_int64() : std::nullopt;
  ms = value.value_or(0);
  return value.has_value();
}

const Value* move_date(Evaluation& on, const Call& call, std::int64_t date, const ArithmeticResult& by) {
  std::int64_t ms = 0;
  if (!read_ms(by, ms) || __builtin_add_overflow(date, ms, &date))
    return call.fail(on, "moves a date out of range");
  return on.keep(document::make_date(on.arena(), date));
}

void negate(ArithmeticResult& number) {
  if (number.text.starts_with('-')) {
    number.text.erase(0, 1);
  } else if (number.text != "NaN") {
    number.text.insert(0, "-");
  }
}

const Value* add(Evaluation& on, const Call& call, Arguments arguments) {
  if (any_nothing(arguments)) return on.null();
  ArithmeticResult sum{NumberForm::plain, "0"};
  ArithmeticResult next;
  std::optional<std::int64_t> date;
  bool first = true;
  for (const Value* const argument : arguments) {
    std::int64_t ms = 0;
    if (read_number(*argument, next)) {
      if (first) {
        std::swap(sum, next);
        first = false;
      } else if (!combine(Arithmetic::add, sum, next)) {
        return overflow(on, call);
      }
    } else if (TypedValue(*argument).type() == Type::date && !date && read_date(*argument, ms)) {
      date = ms;
    } else {
      return call.fail(on, "takes numbers and one date, not " + described(argument));
    }
  }
  return date ? move_date(on, call, *date, sum) : make_number(on, sum);
}

const Value* subtract(Evaluation& on, const Call& call, Arguments arguments) {
  if (any_nothing(arguments)) return on.null();
  ArithmeticResult left;
  ArithmeticResult right;
  std::int64_t from = 0;
  std::int64_t ms = 0;
  const bool number = read_number(*arguments[1], right);
  if (number && read_number(*arguments[0], left)) {
    // The smallest of int64 has no counterpart in that form.
    negate(right);
    if (right.text == "9223372036854775808" && right.form == NumberForm::int64)
      right.form = NumberForm::plain;
    return combine(Arithmetic::add, left, right) ? make_number(on, left) : overflow(on, call);
  }
  if (!read_date(*arguments[0], from) || TypedValue(*arguments[0]).type() != Type::date)
    return call.fail(on, "takes numbers and dates, not " + described(arguments[0]));
  if (number) {
    negate(right);
    return move_date(on, call, from, right);
  }
  if (!read_date(*arguments[1], ms) || TypedValue(*arguments[1]).type() != Type::date)
    return call.fail(on, "takes numbers and dates, not " + described(arguments[1]));
  if (__builtin_sub_overflow(from, ms, &from)) return overflow(on, call);
  return on.integer(from);
}

const Value* multiply(Evaluation& on, const Call& call, Arguments arguments) {
  if (any_nothing(arguments)) return on.null();
  ArithmeticResult product{NumberForm::plain, "1"};
  ArithmeticResult next;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (!read_number(*arguments[i], next))
      return call.fail(on, "takes numbers, not " + described(arguments[i]));
    if (i == 0) {
      std::swap(product, next);
    } else if (!combine(Arithmetic::multiply, product, next)) {
      return overflow(on, call);
    }
  }
  return make_number(on, product);
}

using Pair = std::optional<ArithmeticResult> (*)(const ArithmeticResult&, const ArithmeticResult&);

template <Pair operation>
const Value* of_two(Evaluation& on, const Call& call, Arguments arguments) {
  if (any_nothing(arguments)) return on.null();
  ArithmeticResult numbers[2];
  for (std::size_t i = 0; i < 2; ++i) {
    if (!read_number(*arguments[i], numbers[i]))
      return call.fail(on, "takes numbers, not " + described(arguments[i]));
  }
  const auto divisor = document::Number::parse(numbers[1].text);
  if (divisor && divisor->is_zero()) return call.fail(on, "divides by 0");
  const auto result = operation(numbers[0], numbers[1]);
  return result ? make_number(on, *result) : overflow(on, call);
}

const Value* absolute(Evaluation& on, const Call& call, Arguments arguments) {
  if (is_nothing(arguments[0])) return on.null();
  ArithmeticResult number;
  if (!read_number(*arguments[0], number))
    return call.fail(on, "takes a number, not " + described(arguments[0]));
  if (!number.text.starts_with('-')) return arguments[0];
  negate(number);
  // The smallest of a form has no counterpart in it.
  const bool least = (number.form == NumberForm::int32 && number.text == "2147483648") ||
                     (number.form == NumberForm::int64 && number.text == "9223372036854775808");
  return least ? overflow(on, call) : make_number(on, number);
}

template <Rounding rounding>
const Value* rounded(Evaluation& on, const Call& call, Arguments arguments) {
  if (is_nothing(arguments[0]) || (arguments.size() > 1 && is_nothing(arguments[1]))) return on.null();
  ArithmeticResult number;
  if (!read_number(*arguments[0], number))
    return call.fail(on, "takes a number, not " + described(arguments[0]));
  std::int64_t places = 0;
  if (arguments.size() > 1 && (!read_whole(arguments[1], places) || places < -20 || places > 100))
    return call.fail(on, "takes from -20 to 100 places");
  const auto result = round_number(number, rounding, places);
  return result ? make_number(on, *result) : overflow(on, call);
}

// As the accumulators: over the arguments, or the elements of the only one.
template <AccumulatorKind kind>
const Value* accumulated(Evaluation& on, const Call&, Arguments arguments) {
  Slot slot;
  std::string text;
  const auto add = [&](const Value* value) { return slot.add(kind, value, on.collation()).has_value(); };
  if (arguments.size() == 1 && arguments[0] != nullptr && arguments[0]->is_array()) {
    for (const Value& element : arguments[0]->elements()) {
      if (!on.goes_on() || !add(&element)) return nullptr;
    }
  } else {
    for (const Value* const argument : arguments) add(argument);
  }
  slot.print(kind, text);
  if (!on.charge(text.size())) return nullptr;
  const auto value = Value::parse(on.arena(), on.arena().copy(text));
  return value ? on.keep(*value) : on.null();
}

constexpr std::array kNumberFunctions = {
    Function{"$add", 0, kAnyNumber, add},
    Function{"$subtract", 2, 2, subtract},
    Function{"$multiply", 0, kAnyNumber, multiply},
    Function{"$divide", 2, 2, of_two<divide>},
    Function{"$mod", 2, 2, of_two<remainder>},
    Function{"$abs", 1, 1, absolute},
    Function{"$floor", 1, 1, rounded<Rounding::down>},
    Function{"$ceil", 1, 1, rounded<Rounding::up>},
    Function{"$trunc", 1, 2, rounded<Rounding::to_zero>},
    Function{"$round", 1, 2, rounded<Rounding::half_even>},
    Function{"$sum", 0, kAnyNumber, accumulated<AccumulatorKind::sum>},
    Function{"$avg", 0, kAnyNumber, accumulated<AccumulatorKind::avg>},
    Function{"$min", 0, kAnyNumber, accumulated<AccumulatorKind::min>},
    Function{"$max", 0, kAnyNumber, accumulated<AccumulatorKind::max>},
};
}  // namespace

std::span<const Function> number_functions() { return kNumberFunctions; }

}  // namespace quire::query
