#include "base/bytes.h"

#include <array>

#include "base/sodium.h"

namespace quire {

std::string to_hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
  return out;
}

namespace {
int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}
}  // namespace

std::optional<std::string> from_hex(std::string_view digits) {
  if (digits.size() % 2 != 0) return std::nullopt;
  std::string out;
  out.reserve(digits.size() / 2);
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const int high = hex_digit(digits[i]);
    const int low = hex_digit(digits[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<char>(high * 16 + low));
  }
  return out;
}

std::string to_base64(std::string_view bytes) {
  std::string out(sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(out.data(), out.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), sodium_base64_VARIANT_ORIGINAL);
  out.pop_back();  // the terminator that libsodium counts
  return out;
}

namespace {

constexpr std::uint8_t kNoDigit = 64;

// The value of each Base64 digit, kNoDigit for every other byte. (libsodium's decoder takes bytes from 0x80
// up for digits.)
constexpr auto kBase64Values = [] {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (std::size_t i = 0; i < kDigits.size(); ++i) {
    values[static_cast<unsigned char>(kDigits[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}();

}  // namespace

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  text.remove_suffix(padding);
  std::string out;
  out.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const std::uint8_t value = kBase64Values[static_cast<unsigned char>(c)];
    if (value == kNoDigit) return std::nullopt;
    bits = bits << 6 | value;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out.push_back(static_cast<char>(bits >> count));
  }
  // The bits of the last digit that belong to no byte are zero where encoding wrote them.
  if ((bits & ((1U << count) - 1)) != 0) return std::nullopt;
  return out;
}

bool valid_utf8(std::string_view bytes) {
  const auto* p = reinterpret_cast<const unsigned char*>(bytes.data());
  const auto* end = p + bytes.size();
  const auto continues = [&](int n) { return end - p > n && (p[n] & 0xC0) == 0x80; };
  while (p < end) {
    if (end - p >= 8 && (load_u64(reinterpret_cast<const char*>(p)) & 0x8080808080808080ULL) == 0) {
      p += 8;
    } else if (*p < 0x80) {
      ++p;
    } else if (*p >= 0xC2 && *p <= 0xDF && continues(1)) {
      p += 2;
    } else if ((*p & 0xF0) == 0xE0 && continues(1) && continues(2) && !(*p == 0xE0 && p[1] < 0xA0) &&
               !(*p == 0xED && p[1] > 0x9F)) {
      p += 3;
    } else if (*p >= 0xF0 && *p <= 0xF4 && continues(1) && continues(2) && continues(3) &&
               !(*p == 0xF0 && p[1] < 0x90) && !(*p == 0xF4 && p[1] > 0x8F)) {
      p += 4;
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace quire
