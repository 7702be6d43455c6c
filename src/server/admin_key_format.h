#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"

namespace quire::server {

// What is stored of the administrator's key (docs/formats/admin-key.md): enough to know it again, and nothing
// to make it from.
struct StoredKey {
  std::string id;               // names it, for people and logs
  std::array<char, 32> digest;  // SHA-256 of the whole key
  WallMs created_ms = 0;

  friend bool operator==(const StoredKey&, const StoredKey&) = default;
};

// Of every key.
inline constexpr std::size_t kAdminKeyLength = 67;

// A fresh key, "qr_admin_<id>_<32 random bytes><checksum>", and what is to be stored of it.
struct NewKey {
  Secret text;
  StoredKey stored;
};
NewKey make_admin_key(Random& random, WallMs now);

// The id of a text that is a whole key; nullopt where something is missing, added or mistyped. Says nothing
// about whether it is anybody's.
std::optional<std::string_view> admin_key_id(std::string_view text);

std::string encode(const StoredKey& key);
// corrupt: not such a file, or damaged; invalid: one of another version. Messages fit behind its name.
Result<StoredKey> decode_admin_key(std::string_view bytes);

}  // namespace quire::server
