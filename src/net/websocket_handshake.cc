#include "net/websocket_handshake.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "net/text.h"
#include "net/websocket.h"

namespace quire::net {

namespace {

constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455's own
constexpr std::size_t kKeyBytes = 24;                                       // of 16 bytes in base64

bool is_base64(char c) {
  const char low = lower(c);
  return (low >= 'a' && low <= 'z') || is_decimal(c) || c == '+' || c == '/';
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// Of all fields of that name, which together are one list.
bool any_field_has(const RequestHead& request, std::string_view name, std::string_view element) {
  return std::any_of(request.fields.begin(), request.fields.end(), [&](const Field& field) {
    return same_ignoring_case(field.name, name) && has_element(field.value, element);
  });
}

// Null: there is none, or more than one.
const Field* only_field(const RequestHead& request, std::string_view name) {
  const Field* found = nullptr;
  for (const Field& field : request.fields) {
    if (!same_ignoring_case(field.name, name)) continue;
    if (found != nullptr) return nullptr;
    found = &field;
  }
  return found;
}

UpgradeProblem no_upgrade(std::string what) { return {426, Error(ErrorCode::invalid, std::move(what))}; }
UpgradeProblem malformed(std::string what) { return {400, Error(ErrorCode::invalid, std::move(what))}; }

}  // namespace

bool is_websocket_key(std::string_view key) {
  // 16 bytes are 21 digits and 2 bits, so the last digit is one of four.
  return key.size() == kKeyBytes && key.ends_with("==") &&
         std::all_of(key.begin(), key.end() - 2, is_base64) &&
         std::string_view("AQgw").find(key[kKeyBytes - 3]) != std::string_view::npos;
}

std::string websocket_accept(std::string_view key) {
  const std::string text = std::string(key).append(kGuid);
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
  std::array<unsigned char, 4 * ((SHA_DIGEST_LENGTH + 2) / 3) + 1> encoded{};
  const int size = EVP_EncodeBlock(encoded.data(), digest.data(), SHA_DIGEST_LENGTH);
  return {reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(size)};
}

bool has_element(std::string_view value, std::string_view element) {
  for (;;) {
    const std::size_t comma = value.find(',');
    if (same_ignoring_case(trimmed(value.substr(0, comma)), element)) return true;
    if (comma == std::string_view::npos) return false;
    value.remove_prefix(comma + 1);
  }
}

std::optional<UpgradeProblem> check_upgrade(const RequestHead& request) {
  if (!any_field_has(request, "Upgrade", "websocket") || !any_field_has(request, "Connection", "upgrade")) {
    return no_upgrade("this is spoken to over WebSocket: ask for an upgrade");
  }
  if (request.method != Method::get) return malformed("an upgrade to WebSocket is asked for by GET");
  if (request.has_body) return malformed("a request for an upgrade has no body");
  const Field* const version = only_field(request, "Sec-WebSocket-Version");
  if (version == nullptr || version->value != kWebSocketVersion) {
    return no_upgrade("the only version of WebSocket that is spoken is 13");
  }
  const Field* const key = only_field(request, "Sec-WebSocket-Key");
  if (key == nullptr || !is_websocket_key(key->value)) {
    return malformed("Sec-WebSocket-Key is not 16 bytes in base64");
  }
  return std::nullopt;
}

}  // namespace quire::net
