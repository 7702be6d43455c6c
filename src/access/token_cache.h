#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>

#include "access/credential.h"
#include "access/tuning.h"

namespace quire::access {

// Knows tokens again that were accepted before: SHA-256 of each request's key would be a tenth of what a read
// from memory costs. An entry holds a token's process_mac(), which is worth nothing to who reads it. Of fixed
// size; callable from every thread.
//
// It is cut into lanes, which threads take in turn: two that show the same token at once share no line of the
// processors' caches, neither of the table nor of the count of who has the credential.
class TokenCache {
 public:
  using Mac = std::array<char, 16>;

  TokenCache();

  // Null where it is not in the lane of this thread.
  std::shared_ptr<Credential> find(const Mac& mac);
  void put(const Mac& mac, std::shared_ptr<Credential> credential);

 private:
  struct Entry {
    Mac mac{};
    std::shared_ptr<Credential> credential;
  };
  // A set fits what one processor does in a few nanoseconds, so that who finds it taken only spins.
  struct alignas(64) Set {
    std::atomic<bool> taken{false};
    std::uint8_t oldest = 0;
    std::array<Entry, tuning::kKnownWays> entries;
  };
  class Hold;

  Set& set_of(const Mac& mac);
  static unsigned lane();

  const std::unique_ptr<Set[]> sets_;
};

}  // namespace quire::access
