#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "access/identity.h"
#include "access/records.h"

namespace quire::access {

// A key or a session in memory: the identity that it proves, and what its record says beside that. The
// atomics move while it is used, and go to the store from time to time.
class Credential final : public Identity {
 public:
  Credential(const User& account, const KeyRecord& key);
  Credential(const User& account, const SessionRecord& session);

  bool is_session() const { return session_; }
  WallMs ends_ms() const override;
  const Digest& digest() const { return digest_; }

  Key key() const;
  KeyRecord key_record() const;
  SessionRecord session_record() const;

  // Of a session: when it ends unless it is used. Of a key: when it was used last, to the day.
  std::atomic<WallMs> moving_ms;
  // What the store has of that.
  std::atomic<WallMs> stored_ms;
  // Somebody is about to store it.
  std::atomic<bool> saving{false};

 private:
  const Digest digest_;
  const bool session_;
  const bool single_ = false;
  const WallMs created_ms_;
  const std::string label_;
};

// A token's id, which is 8 bytes, as a number.
std::uint64_t credential_number(std::string_view id);

// The 16 hexadecimal digits of a database's id, or those of an account's behind "u_", as a number; nullopt
// for a text that is none.
std::optional<std::uint64_t> database_number(std::string_view id);
std::optional<std::uint64_t> user_number(std::string_view id);
std::string database_id(std::uint64_t number);
std::string user_id(std::uint64_t number);

}  // namespace quire::access
