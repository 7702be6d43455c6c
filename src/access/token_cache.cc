#include "access/token_cache.h"

#include <cstring>
#include <thread>

namespace quire::access {

class TokenCache::Hold {
 public:
  explicit Hold(Set& set) : set_(set) {
    constexpr int kSpins = 64;
    for (int spins = 0; set_.taken.exchange(true, std::memory_order_acquire); ++spins) {
      if (spins >= kSpins) std::this_thread::yield();  // whoever has it was put aside
    }
  }
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;
  ~Hold() { set_.taken.store(false, std::memory_order_release); }

 private:
  Set& set_;
};

TokenCache::TokenCache() : sets_(std::make_unique<Set[]>(tuning::kKnownSets)) {}

TokenCache::Set& TokenCache::set_of(const Mac& mac) {
  std::uint64_t number;
  std::memcpy(&number, mac.data(), sizeof number);
  return sets_[number % tuning::kKnownSets];
}

// Equality may stop at the first difference: who does not know the process's key cannot aim at a prefix.
std::shared_ptr<Credential> TokenCache::find(const Mac& mac) {
  Set& set = set_of(mac);
  const Hold hold(set);
  for (Entry& entry : set.entries) {
    if (entry.credential && entry.mac == mac) return entry.credential;
  }
  return nullptr;
}

void TokenCache::put(const Mac& mac, std::shared_ptr<Credential> credential) {
  std::shared_ptr<Credential> replaced;  // let go outside of the hold
  Set& set = set_of(mac);
  const Hold hold(set);
  Entry* into = nullptr;
  for (Entry& entry : set.entries) {
    if (entry.credential == nullptr || entry.mac == mac || entry.credential->ended()) {
      into = &entry;
      if (entry.mac == mac) break;
    }
  }
  if (into == nullptr) {
    into = &set.entries[set.oldest];
    set.oldest = static_cast<std::uint8_t>((set.oldest + 1) % tuning::kKnownWays);
  }
  replaced = std::move(into->credential);
  into->mac = mac;
  into->credential = std::move(credential);
}

}  // namespace quire::access
