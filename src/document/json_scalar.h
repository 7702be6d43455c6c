#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

#include "document/extended_json.h"

namespace quire::document {

// A number of 18 digits at most without an exponent: `digits` times ten to minus `scale`.
struct ShortDecimal {
  std::int64_t digits = 0;
  std::uint32_t scale = 0;

  // `text` is a JSON number; nullopt where it is longer, or has an exponent.
  static std::optional<ShortDecimal> read(std::string_view text);
  friend std::weak_ordering operator<=>(const ShortDecimal& left, const ShortDecimal& right);
};

// A scalar, or an operand that scalars are compared with, in the form that makes comparing fast.
struct JsonScalar {
  Type type = Type::null;
  bool simple = false;  // the rest says what it is; else only the type counts here
  bool boolean = false;
  ShortDecimal number;
  std::string_view string;

  // `text` is that of a value that is no container; `escaped`: it is a string with a backslash. It outlives
  // what is made of it.
  static JsonScalar read(std::string_view text, bool escaped);
  // A view of `value`, which outlives it.
  static JsonScalar of(const TypedValue& value);
};

// As compare_values(): of two values of different types, or of two that are simple.
std::weak_ordering compare(const JsonScalar& left, const JsonScalar& right);

}  // namespace quire::document
