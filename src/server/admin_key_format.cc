#include "server/admin_key_format.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/hash.h"

// A key: "qr_admin_", the id (8 characters), "_", 32 random bytes (43 characters), CRC-32 of all before it (6
// characters). Numbers are in base 62 (0-9, A-Z, a-z), the highest digit first, of a fixed width: the prefix
// and the checksum let programs that look for lost secrets know a key where they see one.
//
// The file: magic "QUIRE-KEY\n" (10), format u32, created u64, id string, digest (32), CRC32C of all before
// it u32.
namespace quire::server {

namespace {

constexpr std::string_view kPrefix = "qr_admin_";
constexpr std::string_view kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::size_t kIdLength = 8;
constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kSecretLength = 43;   // 62^43 > 2^256
constexpr std::size_t kChecksumLength = 6;  // 62^6 > 2^32
constexpr std::size_t kLength = kAdminKeyLength;
static_assert(kLength == kPrefix.size() + kIdLength + 1 + kSecretLength + kChecksumLength);

constexpr std::string_view kMagic = "QUIRE-KEY\n";
constexpr std::uint32_t kFormat = 1;

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

NewKey make_admin_key(Random& random, WallMs now) {
  NewKey made;
  made.stored.created_ms = now;
  std::string bytes(kIdLength, '\0');
  random.fill(bytes.data(), bytes.size());
  // 256 is no multiple of 62, so that some digits are a little likelier: an id is no secret.
  for (const char byte : bytes) {
    made.stored.id.push_back(kDigits[static_cast<unsigned char>(byte) % kDigits.size()]);
  }
  std::string text(kPrefix);
  text.reserve(kLength);  // so that no half of it stays behind in memory
  text.append(made.stored.id).append("_");
  bytes.assign(kSecretBytes, '\0');
  random.fill(bytes.data(), bytes.size());
  append_base62(text, std::move(bytes), kSecretLength);
  text += checksum_of(text);
  made.stored.digest = sha256(text);
  made.text = Secret(text);
  std::fill(text.begin(), text.end(), '\0');
  return made;
}

std::optional<std::string_view> admin_key_id(std::string_view text) {
  if (text.size() != kLength || !text.starts_with(kPrefix)) return std::nullopt;
  const std::string_view id = text.substr(kPrefix.size(), kIdLength);
  const std::string_view behind = text.substr(kPrefix.size() + kIdLength);
  const auto is_digit = [](char c) { return kDigits.find(c) != std::string_view::npos; };
  if (behind.front() != '_' || !std::all_of(id.begin(), id.end(), is_digit)) return std::nullopt;
  const std::string_view checksum = text.substr(kLength - kChecksumLength);
  if (checksum_of(text.substr(0, kLength - kChecksumLength)) != checksum) return std::nullopt;
  return id;
}

std::string encode(const StoredKey& key) {
  std::string out(kMagic);
  put_u32(out, kFormat);
  put_u64(out, static_cast<std::uint64_t>(key.created_ms));
  put_string(out, key.id);
  out.append(key.digest.data(), key.digest.size());
  put_u32(out, crc32c(out));
  return out;
}

Result<StoredKey> decode_admin_key(std::string_view bytes) {
  constexpr std::size_t kChecksumBytes = 4;
  if (bytes.size() < kMagic.size() + 4 + kChecksumBytes || !bytes.starts_with(kMagic)) {
    return Error(ErrorCode::corrupt, "is not an administrator's key");
  }
  const std::string_view body = bytes.substr(0, bytes.size() - kChecksumBytes);
  if (load_u32(bytes.data() + body.size()) != crc32c(body)) {
    return Error(ErrorCode::corrupt, "is damaged: its checksum does not fit");
  }
  ByteReader reader(body.substr(kMagic.size()));
  const std::uint32_t format = reader.u32();
  if (format != kFormat) {
    return Error(ErrorCode::invalid, "is of format " + std::to_string(format) +
                                         "; this program reads format " + std::to_string(kFormat));
  }
  StoredKey key;
  key.created_ms = static_cast<WallMs>(reader.u64());
  key.id = reader.string();
  const std::string_view digest = reader.bytes(key.digest.size());
  if (!reader.done()) return Error(ErrorCode::corrupt, "has the wrong length");
  std::copy(digest.begin(), digest.end(), key.digest.begin());
  return key;
}

}  // namespace quire::server
