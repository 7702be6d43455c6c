#pragma once

#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "access/types.h"

namespace quire::access {

// Whom a key, a session or a password has proved. Immutable but for its end, and shared by all requests that
// showed the same proof, so that one store ends them all.
class Identity {
 public:
  Identity(std::string account, std::string account_name, Role its_role, std::string shown)
      : user(std::move(account)),
        user_name(std::move(account_name)),
        role(its_role),
        credential(std::move(shown)) {}
  Identity(const Identity&) = delete;
  Identity& operator=(const Identity&) = delete;
  virtual ~Identity() = default;

  const std::string user;  // an account's id
  const std::string user_name;
  const Role role;
  const std::string credential;  // the id of the key or session, for logs; empty: a password
  Right most = Right::owner;     // what the key narrows the account's rights to; set before it is shared
  std::vector<std::string> databases;  // those the key is for, by id; empty: all; set before it is shared
  WallMs expires_ms = 0;               // 0: never; set before it is shared

  // May do everything: an administrator whose key does not narrow that.
  bool administers() const { return role == Role::admin && most == Right::owner && databases.empty(); }
  // When it ends as things stand; 0: never. A session ends sooner than it must where it is not used.
  virtual WallMs ends_ms() const { return expires_ms; }
  // Revoked, logged out, or its account was disabled, removed or given another password or role: whatever was
  // begun with it ends, and nothing more begins.
  bool ended() const { return ended_.load(std::memory_order_acquire); }
  void end() const { ended_.store(true, std::memory_order_release); }

 private:
  mutable std::atomic<bool> ended_{false};
};

}  // namespace quire::access
