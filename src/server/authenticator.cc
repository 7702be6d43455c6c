#include "server/authenticator.h"

#include "base/hash.h"
#include "base/secret.h"

namespace quire::server {

std::optional<engine::Caller> KeyAuthenticator::authenticate(std::string_view token) {
  if (token.size() > kAdminKeyLength) return std::nullopt;
  // Equality may stop at the first difference: who does not know the process's key cannot aim at a prefix.
  const auto mac = process_mac(token);
  if (accepted_once_.load(std::memory_order_acquire) && mac == accepted_) return engine::Caller::admin();
  const auto digest = sha256(token);
  const Secret stored(std::string_view(key_.digest.data(), key_.digest.size()));
  if (!stored.equals(std::string_view(digest.data(), digest.size()))) return std::nullopt;
  std::call_once(once_, [&] {
    accepted_ = mac;
    accepted_once_.store(true, std::memory_order_release);
  });
  return engine::Caller::admin();
}

}  // namespace quire::server
