#include "document/arithmetic.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "document/decimal.h"

namespace quire::document {

namespace {
std::optional<std::int64_t> written_integer(const TypedValue& number) {
  if (number.number_text().find_first_of(".eE") != std::string_view::npos) return std::nullopt;
  return number.number().to_int64();
}

std::optional<std::int64_t> calculate_integer(Arithmetic operation, std::int64_t left, std::int64_t right) {
  std::int64_t result = 0;
  const bool overflow = operation == Arithmetic::add ? __builtin_add_overflow(left, right, &result)
                                                     : __builtin_mul_overflow(left, right, &result);
  return overflow ? std::nullopt : std::optional(result);
}

double to_double(const TypedValue& number) {
  switch (number.number().kind()) {
    case Number::Kind::nan: return std::numeric_limits<double>::quiet_NaN();
    case Number::Kind::infinity: return std::numeric_limits<double>::infinity();
    case Number::Kind::minus_infinity: return -std::numeric_limits<double>::infinity();
    case Number::Kind::finite: break;
  }
  std::string_view text = number.number_text();
  if (text[0] == '+') text.remove_prefix(1);
  double value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc()) return value;
  const double size = number.number().exponent() > 0 ? std::numeric_limits<double>::infinity() : 0;
  return number.number().is_negative() ? -size : size;
}

std::string double_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

std::string calculate_double(Arithmetic operation, const TypedValue& left, const TypedValue& right) {
  const double a = to_double(left);
  const double b = to_double(right);
  return double_text(operation == Arithmetic::add ? a + b : a * b);
}

std::optional<std::string> calculate_decimal(Arithmetic operation, const TypedValue& left,
                                             const TypedValue& right) {
  const auto a = Decimal::parse(left.number_text());
  const auto b = Decimal::parse(right.number_text());
  if (!a || !b) return std::nullopt;
  return (operation == Arithmetic::add ? add(*a, *b) : multiply(*a, *b)).text();
}

bool is_integer_form(NumberForm form) { return form == NumberForm::int32 || form == NumberForm::int64; }
bool is_finite_text(std::string_view text) { return text != "NaN" && !text.ends_with("Infinity"); }
}  // namespace

std::optional<ArithmeticResult> calculate(Arithmetic operation, const TypedValue& left,
                                          const TypedValue& right) {
  NumberForm form = std::max(left.number_form(), right.number_form());
  if (form == NumberForm::real) return ArithmeticResult{form, calculate_double(operation, left, right)};
  const auto a = written_integer(left);
  const auto b = written_integer(right);
  if (a && b && form != NumberForm::decimal) {
    if (const auto result = calculate_integer(operation, *a, *b)) {
      const bool widened = form == NumberForm::int32 && *result != static_cast<std::int32_t>(*result);
      return ArithmeticResult{widened ? NumberForm::int64 : form, std::to_string(*result)};
    }
    if (is_integer_form(form)) return std::nullopt;
  }
  if (is_integer_form(form)) form = NumberForm::plain;
  auto text = calculate_decimal(operation, left, right);
  if (!text) text = calculate_double(operation, left, right);
  if (form == NumberForm::plain && !is_finite_text(*text)) return std::nullopt;
  return ArithmeticResult{form, std::move(*text)};
}

}  // namespace quire::document
