#include <string>

#include "base/check.h"
#include "document/extended_json.h"
#include "document/json.h"
#include "document/value.h"
#include "document/value_order.h"
#include "input.h"

// Trees of values print what they were parsed from, byte for byte, however they were touched; their other
// printed forms are JSON again and settle at once.

namespace {

using namespace quire;
using namespace quire::document;

// Asks for every container inside in the way that allows changes, and changes nothing.
void touch(Value& value) {
  if (value.is_array()) {
    for (Value& element : value.mutable_elements()) touch(element);
  } else if (value.is_object()) {
    for (Member& member : value.mutable_members()) touch(member.value);
  }
}

void check_strings(const Value& value) {
  if (value.is_string()) {
    std::string quoted;
    append_json_string(quoted, value.to_string());
    Arena arena;
    QUIRE_CHECK(Value::parse(arena, quoted)->to_string() == value.to_string(), "escaping keeps a string");
    QUIRE_CHECK(value.is_string_equal_to(value.to_string()), "a string is equal to itself");
  }
  for (std::size_t i = 0; value.is_array() && i < value.size(); ++i) check_strings(value.elements()[i]);
  for (std::size_t i = 0; value.is_object() && i < value.size(); ++i) check_strings(value.members()[i].value);
}

// A printed form is JSON, and printing it in the same form changes nothing.
void check_form(const Value& value, void (*print)(const Value&, std::string&)) {
  std::string printed;
  print(value, printed);
  std::string minified;
  JsonLimits limits;
  limits.depth = 200;  // special forms of numbers add two levels
  limits.document_bytes = UINT64_MAX;
  QUIRE_CHECK(minify(printed, limits, minified) && minified == printed, "a printed form is minified JSON");
  Arena arena;
  const auto read = Value::parse(arena, printed);
  std::string again;
  print(*read, again);
  QUIRE_CHECK(again == printed, "a printed form stays as it is");
}

void check_any_bytes(std::string_view text) {
  Arena arena;
  if (const auto value = Value::parse(arena, text))
    QUIRE_CHECK(value->to_json() == text, "what is parsed is printed");
  const std::string_view names[] = {"a", "", "\xC3\xA9"};
  const auto members = Value::parse_members(arena, text, names);
  QUIRE_CHECK(!members || members->is_object(), "members are an object's");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_any_bytes(text);
  std::string minified;
  if (!minify(text, {}, minified)) return 0;

  Arena arena;
  auto value = Value::parse(arena, minified);
  QUIRE_CHECK(value.has_value(), "minified text is a value");
  QUIRE_CHECK(value->to_json() == minified, "a value prints its text");
  const Value copy = value->clone(arena);
  touch(*value);
  QUIRE_CHECK(value->to_json() == minified, "a value that was touched prints its text");
  QUIRE_CHECK(copy.to_json() == minified, "a copy prints the text");
  QUIRE_CHECK(equal_values(*value, copy), "a copy is equal");
  check_strings(*value);
  if (check_extended_json(*value)) {
    check_form(*value, print_canonical);
    check_form(*value, print_relaxed);
  }
  return 0;
}
