#pragma once

#include <array>
#include <atomic>
#include <mutex>

#include "api/api.h"
#include "server/admin_key_format.h"

namespace quire::server {

// Knows the administrator's key again. Callable from every thread.
//
// SHA-256 of each request's key would be a tenth of what a read from memory costs. So the key that was
// accepted once is known by its process_mac(), which is worth nothing to who reads it.
class KeyAuthenticator final : public api::Authenticator {
 public:
  explicit KeyAuthenticator(StoredKey key) : key_(std::move(key)) {}

  std::optional<engine::Caller> authenticate(std::string_view token) override;

 private:
  const StoredKey key_;
  std::once_flag once_;
  std::array<char, 16> accepted_{};  // written once, before accepted_once_ is
  std::atomic<bool> accepted_once_{false};
};

}  // namespace quire::server
