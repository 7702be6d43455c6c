// docs/formats/value-keys.md explains the layout and why it keeps the order.
#include "document/key_encoding.h"

#include "base/bytes.h"
#include "document/collation.h"
#include "document/extended_json.h"
#include "document/key_format.h"

namespace quire::document {

using namespace key_format;

namespace {
// The bytes of a count, without leading zeros but one at least, behind a byte that rises with how many they
// are.
void append_counted(std::uint64_t value, unsigned char first, std::string& out) {
  char bytes[8];
  store_u64(bytes, value);
  const int skip = value == 0 ? 7 : __builtin_clzll(value) / 8;
  put_u8(out, static_cast<std::uint8_t>(first + 7 - skip));
  out.append(bytes + skip, static_cast<std::size_t>(8 - skip));
}

void append_exponent(std::int64_t exponent, std::string& out) {
  if (exponent >= kSmallestShort && exponent <= kLargestShort) {
    put_u8(out, static_cast<std::uint8_t>(kShortExponent + exponent));
  } else if (exponent > 0) {
    append_counted(static_cast<std::uint64_t>(exponent), kLongPositive, out);
  } else {
    // The inverse of what the positive one has: 0xF0 becomes 0x0F.
    const std::size_t begin = out.size();
    append_counted(static_cast<std::uint64_t>(-exponent), kLongPositive, out);
    invert_key(out.data() + begin, out.data() + out.size());
  }
}

void append_number(const Number& number, std::string& out) {
  switch (number.kind()) {
    case Number::Kind::nan: return put_u8(out, kNan);
    case Number::Kind::minus_infinity: return put_u8(out, kMinusInfinity);
    case Number::Kind::infinity: return put_u8(out, kInfinity);
    case Number::Kind::finite: break;
  }
  if (number.is_zero()) return put_u8(out, kZero);
  put_u8(out, number.is_negative() ? kNegative : kPositive);
  const std::size_t begin = out.size();
  append_exponent(number.exponent(), out);
  const std::size_t count = number.digit_count();
  for (std::size_t i = 0; i < count; i += 2) {
    const int tens = number.digit(i) - '0';
    const int ones = i + 1 < count ? number.digit(i + 1) - '0' : 0;
    const int more = i + 2 < count ? 1 : 0;
    put_u8(out, static_cast<std::uint8_t>((tens * 10 + ones) * 2 + more));
  }
  if (number.is_negative()) invert_key(out.data() + begin, out.data() + out.size());
}

void append_binary(const TypedValue& binary, std::string& out) {
  put_u8(out, kBinary);
  append_counted(binary.binary().size(), 0, out);
  put_u8(out, binary.binary_subtype());
  out.append(binary.binary());
}

void append_collated(std::string_view text, const Collation* collation, std::string& out) {
  if (collation == nullptr) return append_string_key(text, out);
  put_u8(out, kString);
  collation->append_sort_key(text, out);
}

void append_ascending(const Value& value, const Collation* collation, std::string& out) {
  const TypedValue typed(value);
  switch (typed.type()) {
    case Type::null: put_u8(out, kNull); break;
    case Type::boolean: put_u8(out, value.as_boolean() ? kTrue : kFalse); break;
    case Type::number: append_number(typed.number(), out); break;
    case Type::string: append_collated(typed.string(), collation, out); break;
    case Type::object_id:
      put_u8(out, kObjectId);
      out.append(*from_hex(typed.object_id()));
      break;
    case Type::date:
      put_u8(out, kDate);
      put_u64(out, static_cast<std::uint64_t>(typed.date_ms()) ^ (std::uint64_t{1} << 63));
      break;
    case Type::binary: append_binary(typed, out); break;
    case Type::array:
      put_u8(out, kArray);
      for (const Value& element : value.elements()) append_ascending(element, collation, out);
      put_u8(out, kEnd);
      break;
    case Type::object: {
      std::string scratch;
      put_u8(out, kObject);
      for (const Member& member : value.members()) {
        put_u8(out, key_range(TypedValue(member.value).type()).first);
        append_string_key(member.name.string(scratch), out);
        append_ascending(member.value, collation, out);
      }
      put_u8(out, kEnd);
      break;
    }
  }
}
}  // namespace

void invert_key(char* begin, char* end) {
  for (; begin < end; ++begin) *begin = static_cast<char>(~static_cast<unsigned char>(*begin));
}

void append_key(const Value& value, Direction direction, std::string& out, const Collation* collation) {
  const std::size_t begin = out.size();
  append_ascending(value, collation, out);
  if (direction == Direction::descending) invert_key(out.data() + begin, out.data() + out.size());
}

void append_no_elements_key(Direction direction, std::string& out) {
  const auto tag = kNoElements;
  put_u8(out, direction == Direction::ascending ? tag : static_cast<unsigned char>(~tag));
}

void append_string_key(std::string_view text, std::string& out) {
  put_u8(out, kString);
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= kEscape) {
      put_u8(out, kEscape);
      put_u8(out, c == 0 ? kEscapedZero : kEscapedOne);
    } else {
      out.push_back(c);
    }
  }
  put_u8(out, kEnd);
}

KeyRange key_range(Type type) {
  switch (type) {
    case Type::null: return {kNull, kNull};
    case Type::boolean: return {kFalse, kTrue};
    case Type::number: return {kNan, kInfinity};
    case Type::string: return {kString, kString};
    case Type::object_id: return {kObjectId, kObjectId};
    case Type::date: return {kDate, kDate};
    case Type::binary: return {kBinary, kBinary};
    case Type::array: return {kArray, kArray};
    case Type::object: break;
  }
  return {kObject, kObject};
}

}  // namespace quire::document
