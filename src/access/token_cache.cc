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

TokenCache::TokenCache() : sets_(std::make_unique<Set[]>(tuning::kKnownLanes * tuning::kKnownSets)) {}

unsigned TokenCache::lane() {
  static std::atomic<unsigned> threads{0};
  thread_local const unsigned mine = threads.fetch_add(1, std::memory_order_relaxed) % tuning::kKnownLanes;
  return mine;
}

TokenCache::Set& TokenCache::set_of(const Mac& mac) {
  std::uint64_t number;
  std::memcpy(&number, mac.data(), sizeof number);
  return sets_[lane() * tuning::kKnownSets + number % tuning::kKnownSets];
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
  // A count of its own for each lane.
  Credential* const at = credential.get();
  credential =
      std::shared_ptr<Credential>(std::make_shared<std::shared_ptr<Credential>>(std::move(credential)), at);
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
