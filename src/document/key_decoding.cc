// Reading keys back. The bytes come from disk: whatever they are, reading ends with a value or the error
// corrupt.
#include <algorithm>

#include "base/bytes.h"
#include "document/extended_json.h"
#include "document/key_encoding.h"
#include "document/key_format.h"
#include "document/tuning.h"

namespace quire::document {

using namespace key_format;

namespace {
class KeyReader {
 public:
  KeyReader(std::string_view bytes, Direction direction, Arena& arena)
      : rest_(bytes), flip_(direction == Direction::descending ? 0xFF : 0), arena_(arena) {}

  Result<Value> value(std::uint32_t depth);
  std::string_view rest() const { return rest_; }

 private:
  static Error damaged() { return {ErrorCode::corrupt, "a value key is malformed"}; }

  // The next byte as an ascending key has it; kEnd and bad() once there is none.
  unsigned char byte() {
    if (rest_.empty()) {
      bad_ = true;
      return kEnd;
    }
    const auto next = static_cast<unsigned char>(rest_[0]);
    rest_.remove_prefix(1);
    return next ^ flip_;
  }
  bool at_end_mark() const {
    return !rest_.empty() && (static_cast<unsigned char>(rest_[0]) ^ flip_) == kEnd;
  }

  std::string bytes(std::size_t count) {
    if (count > rest_.size()) {
      bad_ = true;
      return {};
    }
    std::string taken(rest_.substr(0, count));
    rest_.remove_prefix(count);
    if (flip_ != 0) invert_key(taken.data(), taken.data() + taken.size());
    return taken;
  }
  std::uint64_t number_of_bytes(std::size_t count, unsigned char flip) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < count; ++i) value = value << 8 | static_cast<unsigned char>(byte() ^ flip);
    if (count > 1 && value >> (8 * (count - 1)) == 0) bad_ = true;  // a shorter form exists
    return value;
  }

  std::int64_t exponent(unsigned char flip);
  Result<Value> number(bool negative);
  std::string string();
  Result<Value> binary();
  Result<Value> array(std::uint32_t depth);
  Result<Value> object(std::uint32_t depth);

  std::string_view rest_;
  const unsigned char flip_;
  Arena& arena_;
  bool bad_ = false;
};

std::int64_t KeyReader::exponent(unsigned char flip) {
  const unsigned char first = byte() ^ flip;
  if (first >= kShortExponent + kSmallestShort && first <= kShortExponent + kLargestShort) {
    return static_cast<std::int64_t>(first) - kShortExponent;
  }
  const bool positive = first >= kLongPositive;
  const std::size_t count = positive ? first - kLongPositive + 1U : kLongNegative - first + 1U;
  if (count > 8) bad_ = true;
  if (bad_) return 0;
  const std::uint64_t size = number_of_bytes(count, static_cast<unsigned char>(positive ? flip : ~flip));
  // Past this, the text would have an exponent that Number does not read.
  if (size > 999'999'999'999'999'998U) bad_ = true;
  const auto value = positive ? static_cast<std::int64_t>(size) : -static_cast<std::int64_t>(size);
  if (value >= kSmallestShort && value <= kLargestShort) bad_ = true;
  return bad_ ? 0 : value;
}

Result<Value> KeyReader::number(bool negative) {
  const auto flip = static_cast<unsigned char>(negative ? 0xFF : 0);
  const std::int64_t power = exponent(flip);
  std::string digits;
  bool more = true;
  while (more && !bad_) {
    const unsigned char pair = byte() ^ flip;
    if (pair >= 200) bad_ = true;
    more = (pair & 1) != 0;
    digits.push_back(static_cast<char>('0' + pair / 20));
    digits.push_back(static_cast<char>('0' + pair / 2 % 10));
  }
  if (bad_ || digits[0] == '0' || digits.ends_with("00")) return damaged();
  if (digits.back() == '0') digits.pop_back();
  return Value::number(arena_.copy(number_text(negative, digits, power)));
}

std::string KeyReader::string() {
  std::string text;
  for (unsigned char c = byte(); c != kEnd; c = byte()) {
    if (c == kEscape) {
      const unsigned char escaped = byte();
      if (escaped != kEscapedZero && escaped != kEscapedOne) bad_ = true;
      c = static_cast<unsigned char>(escaped - kEscapedZero);
    }
    text.push_back(static_cast<char>(c));
  }
  if (!valid_utf8(text)) bad_ = true;
  return text;
}

Result<Value> KeyReader::binary() {
  const unsigned char count = byte();
  if (count > 7) return damaged();
  const std::uint64_t size = number_of_bytes(count + 1U, 0);
  const std::uint8_t subtype = byte();
  const std::string content = bytes(size);
  if (bad_) return damaged();
  return make_binary(arena_, content, subtype);
}

Result<Value> KeyReader::array(std::uint32_t depth) {
  Value array = Value::array();
  while (!at_end_mark()) {
    QUIRE_TRY(const Value element, value(depth + 1));
    array.append(arena_, element);
  }
  byte();
  return array;
}

Result<Value> KeyReader::object(std::uint32_t depth) {
  Value object = Value::object();
  while (!at_end_mark()) {
    const unsigned char type = byte();
    if (byte() != kString) return damaged();
    const std::string name = string();
    if (bad_ || object.find(name) != nullptr) return damaged();
    QUIRE_TRY(const Value member, value(depth + 1));
    if (key_range(TypedValue(member).type()).first != type) return damaged();
    object.append_member(arena_, name, member);
  }
  byte();
  if (TypedValue(object).is_special()) return damaged();  // that has a key of its own kind
  return object;
}

Result<Value> KeyReader::value(std::uint32_t depth) {
  if (depth > kMaxDepth) return damaged();
  const unsigned char tag = byte();
  if (bad_) return damaged();
  switch (tag) {
    case kNull: return Value();
    case kFalse: return Value::boolean(false);
    case kTrue: return Value::boolean(true);
    case kNan: return make_number(arena_, NumberForm::real, "NaN");
    case kMinusInfinity: return make_number(arena_, NumberForm::real, "-Infinity");
    case kInfinity: return make_number(arena_, NumberForm::real, "Infinity");
    case kZero: return Value::number("0");
    case kNegative: return number(true);
    case kPositive: return number(false);
    case kBinary: return binary();
    case kArray: return array(depth);
    case kObject: return object(depth);
    case kString: {
      const std::string text = string();
      if (bad_) return damaged();
      return Value::string(arena_, text);
    }
    case kObjectId: {
      const std::string id = bytes(12);
      if (bad_) return damaged();
      return make_object_id(arena_, to_hex(id));
    }
    case kDate: {
      const std::string time = bytes(8);
      if (bad_) return damaged();
      return make_date(arena_, static_cast<std::int64_t>(load_u64(time.data()) ^ (std::uint64_t{1} << 63)));
    }
    default: return damaged();
  }
}
}  // namespace

Result<Value> take_key(std::string_view& bytes, Direction direction, Arena& arena) {
  KeyReader reader(bytes, direction, arena);
  auto value = reader.value(0);
  bytes = reader.rest();
  return value;
}

}  // namespace quire::document
