#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/secret.h"

// API keys and tokens of sessions, as texts (docs/formats/access.md).
namespace quire::access {

enum class TokenKind : std::uint8_t {
  user,     // a key: "qr_user_..."
  admin,    // a key of an administrator: "qr_admin_..."
  session,  // "qr_session_..."
};

inline constexpr std::size_t kTokenIdLength = 8;
// No token is longer.
inline constexpr std::size_t kTokenMost = 69;

using Digest = std::array<char, 32>;

struct ParsedToken {
  TokenKind kind = TokenKind::user;
  std::string_view id;  // kTokenIdLength digits of base 62, within the text
};

// Of a whole token; nullopt where something is missing, added or mistyped. Says nothing about whether it is
// anybody's.
std::optional<ParsedToken> parse_token(std::string_view text);

// True of what an id may be made of.
bool is_token_id(std::string_view text);

struct NewToken {
  std::string id;  // names it, for people and logs
  Secret text;     // shown once
  Digest digest;   // what is stored: SHA-256 of the whole text
};
NewToken make_token(TokenKind kind, Random& random);

Digest token_digest(std::string_view text);
// Takes the same time wherever the first difference is.
bool same(const Digest& left, const Digest& right);

// `length` random digits of base 62.
Secret random_digits(std::size_t length, Random& random);

}  // namespace quire::access
