#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

// Bytes as they stand in records. Fixed-width numbers are big-endian where they are part of a key (so
// that byte order is number order) and in records too, so that there is one rule.
namespace quire {

static_assert(std::endian::native == std::endian::little, "loads and stores swap bytes");

inline void put_u8(std::string& out, std::uint8_t value) { out.push_back(static_cast<char>(value)); }

inline void store_u32(char* at, std::uint32_t value) {
  value = __builtin_bswap32(value);
  std::memcpy(at, &value, sizeof value);
}
inline void store_u64(char* at, std::uint64_t value) {
  value = __builtin_bswap64(value);
  std::memcpy(at, &value, sizeof value);
}
inline std::uint32_t load_u32(const char* at) {
  std::uint32_t value;
  std::memcpy(&value, at, sizeof value);
  return __builtin_bswap32(value);
}
inline std::uint64_t load_u64(const char* at) {
  std::uint64_t value;
  std::memcpy(&value, at, sizeof value);
  return __builtin_bswap64(value);
}
inline void put_u32(std::string& out, std::uint32_t value) {
  char bytes[4];
  store_u32(bytes, value);
  out.append(bytes, sizeof bytes);
}
inline void put_u64(std::string& out, std::uint64_t value) {
  char bytes[8];
  store_u64(bytes, value);
  out.append(bytes, sizeof bytes);
}

// LEB128: seven bits a byte, the lowest first; ten bytes at most, and none more than the value needs.
inline void put_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

// A length as a varint, then the bytes.
inline void put_string(std::string& out, std::string_view value) {
  put_varint(out, value.size());
  out.append(value);
}

// Takes numbers and strings off the front of a record. Any read past the end, or a varint that put_varint()
// does not write (more than 64 bits, or longer than it need be), makes the reader bad for good, and every
// later read answers 0 or nothing: read all, then look at ok() once. Views point into the input.
class ByteReader {
 public:
  explicit ByteReader(std::string_view input) : rest_(input) {}

  std::uint8_t u8() {
    if (rest_.empty()) return fail();
    const auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  std::uint32_t u32() {
    if (rest_.size() < 4) return fail();
    const auto value = load_u32(rest_.data());
    rest_.remove_prefix(4);
    return value;
  }
  std::uint64_t u64() {
    if (rest_.size() < 8) return fail();
    const auto value = load_u64(rest_.data());
    rest_.remove_prefix(8);
    return value;
  }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) return fail();
      const auto byte = static_cast<std::uint8_t>(rest_.front());
      rest_.remove_prefix(1);
      const bool overflows = shift == 63 && byte > 1;
      const bool padded = shift > 0 && byte == 0;
      if (overflows || padded) return fail();
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    return fail();
  }
  std::string_view bytes(std::size_t count) {
    if (rest_.size() < count) {
      fail();
      return {};
    }
    const auto value = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return value;
  }
  std::string_view string() { return bytes(varint()); }

  std::string_view rest() const { return rest_; }
  bool ok() const { return ok_; }
  // True where everything was read and nothing is left.
  bool done() const { return ok_ && rest_.empty(); }

 private:
  std::uint8_t fail() {
    ok_ = false;
    rest_ = {};
    return 0;
  }

  std::string_view rest_;
  bool ok_ = true;
};

// Lowercase hexadecimal digits.
std::string to_hex(std::string_view bytes);
// The bytes of an even number of lowercase hexadecimal digits; nullopt for anything else.
std::optional<std::string> from_hex(std::string_view digits);

// Standard Base64 with padding (RFC 4648, section 4). Decoding refuses everything that encoding does not
// write.
std::string to_base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);

// True where the bytes are well-formed UTF-8 (Unicode 15, table 3-7: no overlong forms, no surrogates).
bool valid_utf8(std::string_view bytes);

}  // namespace quire
