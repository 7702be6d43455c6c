// From one type to another. Null or missing in, null out; what cannot be converted is an error.
#include <array>
#include <cmath>
#include <optional>

#include "document/extended_json.h"
#include "query/aggregate/functions.h"
#include "query/aggregate/numeric.h"

namespace quire::query {

using document::Decimal;
using document::Number;
using document::Type;
using document::TypedValue;

namespace {
const Value* impossible(Evaluation& on, const Call& call, const Value* value) {
  return call.fail(on, "cannot convert this " + std::string(type_name(value)));
}

// Numbers, and strings that are numbers; booleans as 0 and 1.
bool read_numeric(const Value& value, ArithmeticResult& out) {
  if (read_number(value, out)) return true;
  out.form = NumberForm::plain;
  if (value.is_boolean()) {
    out.text = value.as_boolean() ? "1" : "0";
    return true;
  }
  if (!value.is_string()) return false;
  out.text = value.to_string();
  if (out.text.size() > 64 || !Number::parse(out.text)) return false;
  if (out.text.starts_with('+')) out.text.erase(0, 1);
  return true;
}

const Value* to_string(Evaluation& on, const Call& call, Arguments arguments) {
  const Value* const value = arguments[0];
  if (is_nothing(value)) return on.null();
  if (value->is_string()) return value;
  if (value->is_boolean()) return on.string(value->as_boolean() ? "true" : "false");
  const TypedValue typed(*value);
  if (typed.type() == Type::object_id) return on.string(typed.object_id());
  std::string text;
  return read_text(value, text) ? on.string(text) : impossible(on, call, value);
}

template <std::int64_t least, std::int64_t most>
const Value* to_whole(Evaluation& on, const Call& call, Arguments arguments) {
  const Value* const value = arguments[0];
  if (is_nothing(value)) return on.null();
  ArithmeticResult number;
  std::int64_t whole = 0;
  if (read_numeric(*value, number)) {
    const auto parsed = Number::parse(number.text);
    const bool fraction = value->is_string() && number.text.find_first_of(".eE") != std::string::npos;
    const auto cut = parsed->truncated();
    if (!cut || fraction) return impossible(on, call, value);
    whole = *cut;
  } else if (TypedValue(*value).type() != Type::date || !read_date(*value, whole)) {
    return impossible(on, call, value);
  }
  return whole < least || whole > most ? impossible(on, call, value) : on.integer(whole);
}

const Value* to_double(Evaluation& on, const Call& call, Arguments arguments) {
  const Value* const value = arguments[0];
  if (is_nothing(value)) return on.null();
  ArithmeticResult number;
  std::int64_t ms = 0;
  if (!read_numeric(*value, number)) {
    if (TypedValue(*value).type() != Type::date || !read_date(*value, ms)) return impossible(on, call, value);
    number.text = std::to_string(ms);
  }
  const double real = read_double(number.text);
  if (std::isfinite(real)) return make_number(on, {NumberForm::plain, real_text(real)});
  // A finite number that is too large.
  if (Number::parse(number.text)->is_finite()) return impossible(on, call, value);
  return make_number(on, {NumberForm::real, real_text(real)});
}

const Value* to_decimal(Evaluation& on, const Call& call, Arguments arguments) {
  const Value* const value = arguments[0];
  if (is_nothing(value)) return on.null();
  ArithmeticResult number;
  if (!read_numeric(*value, number)) return impossible(on, call, value);
  const auto parsed = Number::parse(number.text);
  if (!parsed->is_finite()) return make_number(on, {NumberForm::decimal, number.text});
  const auto decimal = Decimal::parse(number.text);
  const auto text = decimal ? decimal->text() : std::nullopt;
  return text ? make_number(on, {NumberForm::decimal, *text}) : impossible(on, call, value);
}

const Value* to_bool(Evaluation& on, const Call&, Arguments arguments) {
  if (is_nothing(arguments[0])) return on.null();
  return Evaluation::boolean(is_true(arguments[0]));
}

// A date, with its time or at midnight; without a zone it is UTC's.
std::optional<std::int64_t> parse_date(std::string text) {
  constexpr std::size_t kDate = 10;
  if (text.size() == kDate) text += "T00:00:00";
  if (text.size() > kDate && text[kDate] == ' ') text[kDate] = 'T';
  const auto date = document::parse_iso_date(text);
  return date ? date : document::parse_iso_date(text + "Z");
}

const Value* to_date(Evaluation& on, const Call& call, Arguments arguments) {
  const Value* const value = arguments[0];
  if (is_nothing(value)) return on.null();
  std::int64_t ms = 0;
  ArithmeticResult number;
  if (value->is_string()) {
    const auto parsed = parse_date(value->to_string());
    if (!parsed) return impossible(on, call, value);
    ms = *parsed;
  } else if (read_number(*value, number)) {
    const auto cut = Number::parse(number.text)->truncated();
    if (!cut) return impossible(on, call, value);
    ms = *cut;
  } else if (!read_date(*value, ms)) {
    return impossible(on, call, value);
  }
  return on.keep(document::make_date(on.arena(), ms));
}

constexpr std::array kConversionFunctions = {
    Function{"$toString", 1, 1, to_string},
    Function{"$toInt", 1, 1, to_whole<INT32_MIN, INT32_MAX>},
    Function{"$toLong", 1, 1, to_whole<INT64_MIN, INT64_MAX>},
    Function{"$toDouble", 1, 1, to_double},
    Function{"$toDecimal", 1, 1, to_decimal},
    Function{"$toBool", 1, 1, to_bool},
    Function{"$toDate", 1, 1, to_date},
};
}  // namespace

std::span<const Function> conversion_functions() { return kConversionFunctions; }

}  // namespace quire::query
