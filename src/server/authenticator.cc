#include "server/authenticator.h"

#include "base/hash.h"
#include "base/secret.h"

namespace quire::server {

std::optional<engine::Caller> KeyAuthenticator::authenticate(std::string_view token) {
  if (token.size() > kAdminKeyLength) return std::nullopt;
  const auto digest = sha256(token);
  const Secret stored(std::string_view(key_.digest.data(), key_.digest.size()));
  if (!stored.equals(std::string_view(digest.data(), digest.size()))) return std::nullopt;
  return engine::Caller::admin();
}

}  // namespace quire::server
