#include <string>

#include "base/check.h"
#include "document/key_encoding.h"
#include "document/testing/json_from_bytes.h"
#include "document/value_order.h"
#include "input.h"

// Keys have the order of values, give the value back, and are the only bytes that decode.

namespace {

using namespace quire;
using namespace quire::document;

std::string key(const Value& value, Direction direction) {
  std::string bytes;
  append_key(value, direction, bytes);
  return bytes;
}

void check_value(const Value& value, Direction direction) {
  const std::string bytes = key(value, direction) + "rest";
  std::string_view rest = bytes;
  Arena arena;
  const auto read = take_key(rest, direction, arena);
  QUIRE_CHECK(read.has_value() && rest == "rest", "a key decodes, and ends where it ends");
  QUIRE_CHECK(equal_values(*read, value), "a key gives back an equal value");
  QUIRE_CHECK(key(*read, direction) + "rest" == bytes, "and that value has the same key");
  std::string inverted = bytes.substr(0, bytes.size() - 4);
  invert_key(inverted.data(), inverted.data() + inverted.size());
  const Direction other = direction == Direction::ascending ? Direction::descending : Direction::ascending;
  QUIRE_CHECK(inverted == key(value, other), "the other direction is the inverted key");
}

void check_order(const Value& a, const Value& b) {
  const auto order = compare_values(a, b);
  const std::string key_a = key(a, Direction::ascending);
  const std::string key_b = key(b, Direction::ascending);
  QUIRE_CHECK((order < 0) == (key_a < key_b), "keys have the order of values");
  QUIRE_CHECK((order == 0) == (key_a == key_b), "equal values have equal keys");
  const std::string down_a = key(a, Direction::descending);
  const std::string down_b = key(b, Direction::descending);
  QUIRE_CHECK((order < 0) == (down_a > down_b), "descending keys have the other order");
  if (order != 0) {
    QUIRE_CHECK(!key_a.starts_with(key_b) && !key_b.starts_with(key_a), "no key begins another");
  }
}

void check_any_bytes(std::string_view bytes, Direction direction) {
  std::string_view rest = bytes;
  Arena arena;
  const auto value = take_key(rest, direction, arena);
  if (!value) {
    QUIRE_CHECK(value.error().code() == ErrorCode::corrupt, "what is no key is corrupt");
    return;
  }
  const std::string_view taken = bytes.substr(0, bytes.size() - rest.size());
  QUIRE_CHECK(key(*value, direction) == taken, "only what encoding writes decodes");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const std::uint8_t mode = input.byte();
  const Direction direction = (mode & 1) != 0 ? Direction::descending : Direction::ascending;
  if ((mode & 2) != 0) {
    check_any_bytes(input.rest(), direction);
    return 0;
  }
  document::testing::JsonFromBytes json(input.rest_bytes(), {.extended = true});
  const std::string text_a = json.value();
  const std::string text_b = json.value();
  Arena arena;
  const auto a = Value::parse(arena, text_a);
  const auto b = Value::parse(arena, text_b);
  QUIRE_CHECK(a && b, "made JSON is JSON");
  check_value(*a, direction);
  check_value(*b, direction);
  check_order(*a, *b);
  return 0;
}
