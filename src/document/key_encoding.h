#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "document/value.h"

// Values as bytes that memcmp() orders as compare_values() orders the values; docs/formats/value-keys.md has
// them byte by byte. Values that are equal have the same key. No key is the beginning of another, so keys of
// several fields may stand behind each other, ascending and descending ones mixed, and anything may follow.
namespace quire::document {

class Collation;

enum class Direction : std::uint8_t { ascending, descending };

// With a collation, strings, wherever in the value, stand by its sort keys; take_key() cannot read such a
// key.
void append_key(const Value& value, Direction direction, std::string& out,
                const Collation* collation = nullptr);
// The key of an array that stands for its elements and has none. It is no value's, and take_key() does not
// read it.
void append_no_elements_key(Direction direction, std::string& out);
// The ascending key of a string, given unescaped.
void append_string_key(std::string_view text, std::string& out);
// Turns an ascending key into the descending one of the same value, or back: every byte is inverted.
void invert_key(char* begin, char* end);

// Takes one key off the front of `bytes` and makes a value that is equal to what was encoded: numbers come
// back plain (special ones as $numberDouble), dates and binary in their usual form, strings with the escapes
// that JSON requires. Anything that append_key() does not write is the error corrupt, and leaves `bytes`
// somewhere inside.
Result<Value> take_key(std::string_view& bytes, Direction direction, Arena& arena);

// Every key of a type begins with a byte of [first, last]; for ranges over one type.
struct KeyRange {
  unsigned char first;
  unsigned char last;
};
enum class Type : std::uint8_t;
KeyRange key_range(Type type);

}  // namespace quire::document
