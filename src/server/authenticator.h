#pragma once

#include "api/api.h"
#include "server/admin_key_format.h"

namespace quire::server {

// Knows the administrator's key again. Immutable, and so callable from every thread.
class KeyAuthenticator final : public api::Authenticator {
 public:
  explicit KeyAuthenticator(StoredKey key) : key_(std::move(key)) {}

  std::optional<engine::Caller> authenticate(std::string_view token) override;

 private:
  const StoredKey key_;
};

}  // namespace quire::server
