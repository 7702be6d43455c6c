#include "query/cursor.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "base/hash.h"
#include "query/tuning.h"

namespace quire::query {

namespace {

constexpr char kVersion = 1;
constexpr std::size_t kDigestBytes = 16;

std::string digest_of(std::initializer_list<std::string_view> parts) {
  Blake2b hash(kDigestBytes);
  for (const std::string_view part : parts) {
    std::string length;
    put_varint(length, part.size());
    hash.update(length);
    hash.update(part);
  }
  std::string digest(kDigestBytes, '\0');
  hash.finish(digest.data());
  return digest;
}

Error foreign() {
  return Error(ErrorCode::invalid, "the cursor is not one of this request; begin without one");
}

void swap_alphabet(std::string& text, char plus, char slash, char new_plus, char new_slash) {
  std::replace(text.begin(), text.end(), plus, new_plus);
  std::replace(text.begin(), text.end(), slash, new_slash);
}

}  // namespace

std::string cursor_fingerprint(std::initializer_list<std::string_view> parts) { return digest_of(parts); }

std::string print_cursor(const CursorPlace& place, std::string_view fingerprint) {
  std::string bytes(1, kVersion);
  bytes += static_cast<char>(place.walk);
  put_varint(bytes, place.branch);
  put_string(bytes, place.index);
  put_string(bytes, place.key);
  put_string(bytes, place.id);
  bytes += digest_of({bytes, fingerprint});
  std::string token = to_base64(bytes);
  while (!token.empty() && token.back() == '=') token.pop_back();
  swap_alphabet(token, '+', '/', '-', '_');
  return token;
}

Result<CursorPlace> parse_cursor(std::string_view token, std::string_view fingerprint) {
  if (token.size() > tuning::kCursorBytes * 4 / 3 + 64) return foreign();
  if (token.find_first_of("+/=") != std::string_view::npos) return foreign();
  std::string text(token);
  swap_alphabet(text, '-', '_', '+', '/');
  text.append((4 - text.size() % 4) % 4, '=');
  const auto bytes = from_base64(text);
  if (!bytes || bytes->size() < kDigestBytes) return foreign();
  const std::string_view whole(*bytes);
  const std::string_view said = whole.substr(0, whole.size() - kDigestBytes);
  if (digest_of({said, fingerprint}) != whole.substr(said.size())) return foreign();
  ByteReader in(said);
  if (in.u8() != kVersion) return foreign();
  CursorPlace place;
  place.walk = static_cast<CursorPlace::Walk>(in.u8());
  const std::uint64_t branch = in.varint();
  place.branch = static_cast<unsigned>(branch);
  place.index = in.string();
  place.key = in.string();
  place.id = in.string();
  constexpr std::string_view kWalks = "sixo";
  if (!in.done() || branch > 0xFFFF || kWalks.find(static_cast<char>(place.walk)) == std::string_view::npos) {
    return foreign();
  }
  return place;
}

}  // namespace quire::query
