#include "net/utf8.h"

#include <cstddef>
#include <cstring>

namespace quire::net {

namespace {

constexpr std::uint64_t kHighBits = 0x8080808080808080;

// How many of the bytes, from the front, are ASCII: at least all but seven of those that are.
std::size_t ascii_prefix(std::string_view bytes) {
  std::size_t count = 0;
  while (count + sizeof(std::uint64_t) <= bytes.size()) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + count, sizeof word);
    if ((word & kHighBits) != 0) break;
    count += sizeof word;
  }
  return count;
}

}  // namespace

bool Utf8Checker::take(std::string_view bytes) {
  while (!bad_ && !bytes.empty()) {
    if (left_ == 0) {
      bytes.remove_prefix(ascii_prefix(bytes));
      if (bytes.empty()) break;
    }
    const auto byte = static_cast<std::uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    bad_ = left_ == 0 ? !take_lead(byte) : !take_continuation(byte);
  }
  return !bad_;
}

bool Utf8Checker::take_lead(std::uint8_t byte) {
  if (byte < 0x80) return true;
  if (byte < 0xC2 || byte > 0xF4) return false;  // a continuation, an overlong form of ASCII, past U+10FFFF
  left_ = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
  switch (byte) {
    case 0xE0: least_ = 0xA0; break;  // below: two bytes would do
    case 0xED: most_ = 0x9F; break;   // above: surrogates
    case 0xF0: least_ = 0x90; break;  // below: three bytes would do
    case 0xF4: most_ = 0x8F; break;   // above: past U+10FFFF
    default: break;
  }
  return true;
}

bool Utf8Checker::take_continuation(std::uint8_t byte) {
  if (byte < least_ || byte > most_) return false;
  --left_;
  least_ = 0x80;
  most_ = 0xBF;
  return true;
}

}  // namespace quire::net
