#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "document/number.h"
#include "document/value.h"

// MongoDB's Extended JSON v2: types that JSON does not have, as objects of one member. Known here: $oid,
// $date, $binary, $numberInt, $numberLong, $numberDouble, $numberDecimal.
namespace quire::document {

// The types that order knows, in its order (value_order.h).
enum class Type : std::uint8_t { null, boolean, number, string, object_id, date, binary, array, object };

// How a number says what it is; plain is a JSON number.
enum class NumberForm : std::uint8_t { plain, int32, int64, real, decimal };

// What a Value means: a view that sees through Extended JSON. An object that only looks like a special type
// ({"$oid": "zz"}, two members, a number out of its form's range) is an ordinary object here;
// check_extended_json() finds those. The value must outlive the view. Not copyable, because it may point into
// itself.
class TypedValue {
 public:
  explicit TypedValue(const Value& value);
  TypedValue(const TypedValue&) = delete;
  TypedValue& operator=(const TypedValue&) = delete;

  Type type() const { return type_; }
  const Value& value() const { return value_; }
  // True where the value is an object that stands for a special type.
  bool is_special() const { return value_.is_object() && type_ != Type::object; }

  // Each only of its type.
  const Number& number() const { return number_; }
  NumberForm number_form() const { return number_form_; }
  // The number's text, without the object around it.
  std::string_view number_text() const { return text_; }
  // The string, unescaped.
  std::string_view string() const { return text_; }
  // 24 hexadecimal digits in lower case.
  std::string_view object_id() const { return text_; }
  // Milliseconds since 1970.
  std::int64_t date_ms() const { return date_ms_; }
  const std::string& binary() const { return bytes_; }
  std::uint8_t binary_subtype() const { return subtype_; }

 private:
  void read_special(const Member& member);
  bool read_object_id(const Value& value);
  bool read_date(const Value& value);
  bool read_binary(const Value& value);
  bool read_number(const Value& value, NumberForm form);

  const Value& value_;
  Type type_;
  NumberForm number_form_ = NumberForm::plain;
  std::uint8_t subtype_ = 0;
  std::int64_t date_ms_ = 0;
  std::string_view text_;
  Number number_;
  std::string scratch_;  // an unescaped string, where there were escapes
  std::string bytes_;    // of binary
};

// Refuses objects that use the name of a special type and are not well-formed. The error says what the type
// holds; its field is the path, which begins with `place`, that of the value.
Status check_extended_json(const Value& value, const std::string& place = {});
// The id that {"$oid": 24 hexadecimal digits} names, in lower case; nullopt for all else.
std::optional<std::string> object_id_of(const Value& value);

// The form that canonical printing gives a number; see print_canonical().
NumberForm canonical_form(const TypedValue& number);

// Appends the value with every number in an object that names its type. A plain number becomes $numberInt or
// $numberLong where it is a whole number in range and written without fraction and exponent; else
// $numberDouble where a double is exactly it or reads as it with 17 digits, else $numberDecimal where 34
// digits are enough, else it stays plain.
void print_canonical(const Value& value, std::string& out);
// Appends the value with plain numbers wherever JSON has them ($numberDecimal and what is not finite stay),
// and dates of the years 1970 to 9999 as ISO 8601.
void print_relaxed(const Value& value, std::string& out);

// The values themselves, in their usual form: relaxed dates, canonical otherwise.
Value make_object_id(Arena& arena, std::string_view hex_digits);
Value make_date(Arena& arena, std::int64_t ms);
Value make_binary(Arena& arena, std::string_view bytes, std::uint8_t subtype);
// {"$numberLong": "7"} and its like; plain is the number itself.
Value make_number(Arena& arena, NumberForm form, std::string_view text);

// "2024-05-17T08:15:30.123Z", an offset instead of Z allowed, the fraction optional, 1 to 3 digits; years
// 0000 to 9999.
std::optional<std::int64_t> parse_iso_date(std::string_view text);
// With milliseconds where they are not 0. nullopt outside the years 0000 to 9999.
std::optional<std::string> iso_date(std::int64_t ms);

}  // namespace quire::document
