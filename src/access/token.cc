#include "access/token.h"

#include <sodium.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/hash.h"

// A token: its prefix, the id (8 characters), "_", 32 random bytes (43 characters), CRC-32 of all before it
// (6 characters). Numbers are in base 62 (0-9, A-Z, a-z), the highest digit first, of a fixed width: the
// prefix and the checksum let programs that look for lost secrets know a token where they see one.
namespace quire::access {

namespace {

constexpr std::string_view kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kSecretLength = 43;   // 62^43 > 2^256
constexpr std::size_t kChecksumLength = 6;  // 62^6 > 2^32
constexpr std::size_t kBehindPrefix = kTokenIdLength + 1 + kSecretLength + kChecksumLength;

constexpr std::array<std::string_view, 3> kPrefixes = {"qr_user_", "qr_admin_", "qr_session_"};
static_assert(kTokenMost == kPrefixes[2].size() + kBehindPrefix);

// A big-endian number of any length in base 62: long division by 62, a digit a turn. Wipes what it divides.
void append_base62(std::string& out, std::string number, std::size_t length) {
  const std::size_t start = out.size();
  out.append(length, '0');
  for (std::size_t at = start + length; at-- > start;) {
    unsigned remainder = 0;
    for (char& byte : number) {
      const unsigned part = remainder << 8 | static_cast<unsigned char>(byte);
      byte = static_cast<char>(part / kDigits.size());
      remainder = part % static_cast<unsigned>(kDigits.size());
    }
    out[at] = kDigits[remainder];
  }
}

std::string checksum_of(std::string_view text) {
  std::string number;
  put_u32(number, crc32(text));
  std::string out;
  append_base62(out, number, kChecksumLength);
  return out;
}

}  // namespace

bool is_token_id(std::string_view text) {
  return text.size() == kTokenIdLength && text.find_first_not_of(kDigits) == std::string_view::npos;
}

std::optional<ParsedToken> parse_token(std::string_view text) {
  for (std::size_t kind = 0; kind < kPrefixes.size(); ++kind) {
    const std::string_view prefix = kPrefixes[kind];
    if (text.size() != prefix.size() + kBehindPrefix || !text.starts_with(prefix)) continue;
    const std::string_view id = text.substr(prefix.size(), kTokenIdLength);
    if (!is_token_id(id) || text[prefix.size() + kTokenIdLength] != '_') return std::nullopt;
    const std::size_t checked = text.size() - kChecksumLength;
    if (checksum_of(text.substr(0, checked)) != text.substr(checked)) return std::nullopt;
    return ParsedToken{static_cast<TokenKind>(kind), id};
  }
  return std::nullopt;
}

Secret random_digits(std::size_t length, Random& random) {
  std::string text;
  text.reserve(length);  // so that no half of it stays behind in memory
  // Of 256 values the last eight would make some digits likelier.
  const std::size_t fair = 256 - 256 % kDigits.size();
  while (text.size() < length) {
    unsigned char byte;
    random.fill(&byte, 1);
    if (byte < fair) text.push_back(kDigits[byte % kDigits.size()]);
  }
  Secret digits(text);
  sodium_memzero(text.data(), text.size());
  return digits;
}

NewToken make_token(TokenKind kind, Random& random) {
  NewToken made;
  made.id = random_digits(kTokenIdLength, random).reveal();
  std::string text(kPrefixes[static_cast<std::size_t>(kind)]);
  text.reserve(kTokenMost + 1);
  text.append(made.id).append("_");
  std::string bytes(kSecretBytes, '\0');
  random.fill(bytes.data(), bytes.size());
  append_base62(text, std::move(bytes), kSecretLength);
  text += checksum_of(text);
  made.digest = sha256(text);
  made.text = Secret(text);
  sodium_memzero(text.data(), text.size());
  return made;
}

Digest token_digest(std::string_view text) { return sha256(text); }

bool same(const Digest& left, const Digest& right) {
  return sodium_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace quire::access
