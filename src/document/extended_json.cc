#include "document/extended_json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "base/bytes.h"
#include "base/check.h"
#include "document/decimal.h"
#include "document/id.h"
#include "document/number_scan.h"

namespace quire::document {

namespace {
constexpr std::array<std::string_view, 7> kSpecialNames = {
    "$oid", "$date", "$binary", "$numberInt", "$numberLong", "$numberDouble", "$numberDecimal"};
// What each holds, for people.
constexpr std::array<std::string_view, 7> kHeld = {
    "24 hexadecimal digits, in quotes",
    R"(a date with its time and zone, "2018-03-20T00:00:00Z", or {"$numberLong": "MILLISECONDS SINCE 1970"})",
    R"({"base64": "...", "subType": "00"})",
    "a whole number of 32 bits, in quotes",
    "a whole number of 64 bits, in quotes",
    "a number that a double holds, in quotes",
    "a number of at most 34 digits, in quotes"};

// kSpecialNames.size() where it is none.
std::size_t special_name_index(const Member& member) {
  const std::string_view raw = member.name.raw_string();
  if (raw.empty() || (raw[0] != '$' && raw[0] != '\\')) return kSpecialNames.size();
  const auto is_its_name = [&](std::string_view name) { return member.name.is_string_equal_to(name); };
  const auto found = std::find_if(kSpecialNames.begin(), kSpecialNames.end(), is_its_name);
  return static_cast<std::size_t>(found - kSpecialNames.begin());
}

bool is_json_number(std::string_view text) {
  const char* end = text.data() + text.size();
  return !text.empty() && scan_number(text.data(), end) == NumberFault::none &&
         end == text.data() + text.size();
}

bool is_json_integer(std::string_view text) {
  return is_json_number(text) && text.find_first_of(".eE") == std::string_view::npos;
}

bool fits_decimal(const Number& number) {
  if (!number.is_finite() || number.is_zero()) return true;
  const auto count = static_cast<std::int64_t>(number.digit_count());
  const std::int64_t largest = kDecimalLargest + static_cast<std::int64_t>(kDecimalDigits);
  return number.digit_count() <= kDecimalDigits && number.exponent() - count >= kDecimalSmallest &&
         number.exponent() <= largest;
}

bool fits_double(std::string_view text) {
  double value = 0;
  return std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc();
}

// True where the shortest text of the nearest double has this very value.
bool is_double(std::string_view text, const Number& number) {
  double value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc()) return false;
  char shortest[32];
  const auto end = std::to_chars(shortest, shortest + sizeof shortest, value).ptr;
  return Number::parse({shortest, static_cast<std::size_t>(end - shortest)}) == number;
}

bool is_of_form(std::string_view text, const Number& number, NumberForm form) {
  switch (form) {
    case NumberForm::int32: {
      const auto value = number.to_int64();
      return is_json_integer(text) && value && *value == static_cast<std::int32_t>(*value);
    }
    case NumberForm::int64: return is_json_integer(text) && number.to_int64();
    case NumberForm::real: return !number.is_finite() || (is_json_number(text) && fits_double(text));
    case NumberForm::decimal: return fits_decimal(number);
    case NumberForm::plain: break;
  }
  return true;
}

std::string_view form_name(NumberForm form) { return kSpecialNames[static_cast<std::size_t>(form) + 2]; }
static_assert(static_cast<int>(NumberForm::int32) == 1 && kSpecialNames[3] == "$numberInt");
}  // namespace

TypedValue::TypedValue(const Value& value) : value_(value) {
  switch (value.kind()) {
    case Value::Kind::null: type_ = Type::null; break;
    case Value::Kind::boolean: type_ = Type::boolean; break;
    case Value::Kind::array: type_ = Type::array; break;
    case Value::Kind::string:
      type_ = Type::string;
      text_ = value.string(scratch_);
      break;
    case Value::Kind::number: {
      type_ = Type::number;
      text_ = value.number_text();
      const auto number = Number::parse(text_);
      QUIRE_CHECK(number.has_value(), "a number in a value is not a number");
      number_ = *number;
      break;
    }
    case Value::Kind::object:
      type_ = Type::object;
      if (value.size() == 1) read_special(value.members()[0]);
      break;
  }
}

void TypedValue::read_special(const Member& member) {
  std::string name_scratch;
  const std::string_view name = member.name.string(name_scratch);
  if (name.empty() || name[0] != '$') return;
  const auto found = std::find(kSpecialNames.begin(), kSpecialNames.end(), name);
  const auto index = found - kSpecialNames.begin();
  if (found == kSpecialNames.end()) return;
  if (index == 0 && read_object_id(member.value)) type_ = Type::object_id;
  if (index == 1 && read_date(member.value)) type_ = Type::date;
  if (index == 2 && read_binary(member.value)) type_ = Type::binary;
  if (index >= 3 && read_number(member.value, static_cast<NumberForm>(index - 2))) type_ = Type::number;
}

bool TypedValue::read_object_id(const Value& value) {
  if (!value.is_string()) return false;
  scratch_ = value.to_string();
  for (char& c : scratch_) c = c >= 'A' && c <= 'F' ? static_cast<char>(c | 0x20) : c;
  text_ = scratch_;
  return is_object_id(text_);
}

bool TypedValue::read_date(const Value& value) {
  if (value.is_string()) {
    const auto ms = parse_iso_date(value.string(scratch_));
    date_ms_ = ms.value_or(0);
    return ms.has_value();
  }
  const TypedValue number(value);
  if (number.type() != Type::number || number.number_form() != NumberForm::int64) return false;
  date_ms_ = *number.number().to_int64();
  return true;
}

bool TypedValue::read_binary(const Value& value) {
  const Value* const base64 = value.find("base64");
  const Value* const subtype = value.find("subType");
  if (value.size() != 2 || base64 == nullptr || subtype == nullptr) return false;
  if (!base64->is_string() || !subtype->is_string()) return false;
  auto bytes = from_base64(base64->string(scratch_));
  std::string digits_scratch;
  const std::string_view digits = subtype->string(digits_scratch);
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), subtype_, 16);
  if (!bytes || digits.empty() || digits.size() > 2 || digits[0] == '-') return false;
  bytes_ = std::move(*bytes);
  return parsed.ec == std::errc() && parsed.ptr == digits.data() + digits.size();
}

bool TypedValue::read_number(const Value& value, NumberForm form) {
  if (!value.is_string()) return false;
  text_ = value.string(scratch_);
  const auto number = Number::parse(text_);
  if (!number || !is_of_form(text_, *number, form)) return false;
  number_ = *number;
  number_form_ = form;
  return true;
}

namespace {
struct Malformed {
  std::string path;  // from the value that was looked at
  std::string message;
};

std::string below(const std::string& step, const std::string& rest) {
  return step + (step.empty() || rest.empty() || rest[0] == '[' ? "" : ".") + rest;
}

std::string what_is_held(std::size_t name, const Value& object) {
  std::string message(kSpecialNames[name]);
  message += object.size() == 1 ? " holds " : " is the only member of its object, and holds ";
  return message.append(kHeld[name]);
}

std::optional<Malformed> find_malformed(const Value& value) {
  if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (auto found = find_malformed(value.elements()[i])) {
        return Malformed{below("[" + std::to_string(i) + "]", found->path), std::move(found->message)};
      }
    }
  }
  if (!value.is_object()) return std::nullopt;
  for (const Member& member : value.members()) {
    const std::size_t name = special_name_index(member);
    if (name == kSpecialNames.size()) continue;
    if (TypedValue(value).is_special()) return std::nullopt;
    return Malformed{"", what_is_held(name, value)};
  }
  for (const Member& member : value.members()) {
    if (auto found = find_malformed(member.value)) {
      return Malformed{below(member.name.to_string(), found->path), std::move(found->message)};
    }
  }
  return std::nullopt;
}

void print_number(std::string_view text, NumberForm form, std::string& out) {
  if (form == NumberForm::plain) {
    out.append(text);
    return;
  }
  ((((out += "{\"") += form_name(form)) += "\":\"") += text) += "\"}";
}

// Without the name of its form, where its text can do without.
void print_relaxed_number(const TypedValue& number, std::string& out) {
  const NumberForm form = number.number_form();
  const std::string_view text = number.number_text();
  if (form == NumberForm::decimal || !number.number().is_finite()) return print_number(text, form, out);
  out += text;
  // Else it would be read as an integer.
  if (form == NumberForm::real && is_of_form(text, number.number(), NumberForm::int64)) out += ".0";
}

void print_date(std::int64_t ms, bool relaxed, std::string& out) {
  const auto iso = relaxed && ms >= 0 ? iso_date(ms) : std::nullopt;
  if (iso) {
    ((out += R"({"$date":")") += *iso) += "\"}";
  } else {
    ((out += R"({"$date":{"$numberLong":")") += std::to_string(ms)) += "\"}}";
  }
}

void print_binary(std::string_view bytes, std::uint8_t subtype, std::string& out) {
  ((out += R"({"$binary":{"base64":")") += to_base64(bytes)) += R"(","subType":")";
  out += to_hex({reinterpret_cast<const char*>(&subtype), 1}) + "\"}}";
}

void print_extended(const Value& value, bool relaxed, std::string& out) {
  const TypedValue typed(value);
  switch (typed.type()) {
    case Type::null:
    case Type::boolean:
    case Type::string: value.print(out); break;
    case Type::number:
      if (relaxed) {
        print_relaxed_number(typed, out);
      } else {
        print_number(typed.number_text(), canonical_form(typed), out);
      }
      break;
    case Type::object_id: ((out += R"({"$oid":")") += typed.object_id()) += "\"}"; break;
    case Type::date: print_date(typed.date_ms(), relaxed, out); break;
    case Type::binary: print_binary(typed.binary(), typed.binary_subtype(), out); break;
    case Type::array:
      out += '[';
      for (const Value& element : value.elements()) {
        if (&element != value.elements().data()) out += ',';
        print_extended(element, relaxed, out);
      }
      out += ']';
      break;
    case Type::object:
      out += '{';
      for (const Member& member : value.members()) {
        if (&member != value.members().data()) out += ',';
        member.name.print(out);
        out += ':';
        print_extended(member.value, relaxed, out);
      }
      out += '}';
      break;
  }
}

Value parse_copy(Arena& arena, std::string_view text) {
  auto value = Value::parse(arena, arena.copy(text));
  QUIRE_CHECK(value.has_value(), "an extended value was built malformed");
  return *value;
}
}  // namespace

Status check_extended_json(const Value& value, const std::string& place) {
  auto found = find_malformed(value);
  if (!found) return ok();
  return Error(ErrorCode::invalid, std::move(found->message)).at(below(place, found->path));
}

std::optional<std::string> object_id_of(const Value& value) {
  const TypedValue typed(value);
  if (typed.type() != Type::object_id) return std::nullopt;
  return std::string(typed.object_id());
}

NumberForm canonical_form(const TypedValue& number) {
  if (number.number_form() != NumberForm::plain) return number.number_form();
  const std::string_view text = number.number_text();
  if (is_of_form(text, number.number(), NumberForm::int32)) return NumberForm::int32;
  if (is_of_form(text, number.number(), NumberForm::int64)) return NumberForm::int64;
  if (is_double(text, number.number())) return NumberForm::real;
  return fits_decimal(number.number()) ? NumberForm::decimal : NumberForm::plain;
}

void print_canonical(const Value& value, std::string& out) { print_extended(value, false, out); }
void print_relaxed(const Value& value, std::string& out) { print_extended(value, true, out); }

Value make_object_id(Arena& arena, std::string_view hex_digits) {
  return parse_copy(arena, R"({"$oid":")" + std::string(hex_digits) + "\"}");
}

Value make_date(Arena& arena, std::int64_t ms) {
  std::string text;
  print_date(ms, true, text);
  return parse_copy(arena, text);
}

Value make_binary(Arena& arena, std::string_view bytes, std::uint8_t subtype) {
  std::string text;
  print_binary(bytes, subtype, text);
  return parse_copy(arena, text);
}

Value make_number(Arena& arena, NumberForm form, std::string_view text) {
  std::string printed;
  print_number(text, form, printed);
  return parse_copy(arena, printed);
}

}  // namespace quire::document
