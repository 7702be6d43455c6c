#pragma once

#include <array>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>

#include "access/tuning.h"
#include "base/hash.h"

namespace quire::access {

// A lock for each name, held across the disk: whoever changes one record does not wait for who changes
// another. Callable from every thread.
class KeyedLock {
 public:
  class Guard {
   public:
    Guard(KeyedLock& locks, std::string name) : stripe_(locks.stripe(name)), name_(std::move(name)) {
      std::unique_lock lock(stripe_.mutex);
      stripe_.freed.wait(lock, [this] { return !stripe_.held.contains(name_); });
      stripe_.held.insert(name_);
    }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;
    ~Guard() {
      const std::lock_guard lock(stripe_.mutex);
      stripe_.held.erase(name_);
      stripe_.freed.notify_all();
    }

   private:
    friend class KeyedLock;
    struct Stripe {
      std::mutex mutex;
      std::condition_variable freed;
      std::unordered_set<std::string> held;  // guarded by mutex
    };
    Stripe& stripe_;
    const std::string name_;
  };

 private:
  Guard::Stripe& stripe(std::string_view name) { return stripes_[table_hash(name) % stripes_.size()]; }

  std::array<Guard::Stripe, tuning::kLockStripes> stripes_;
};

}  // namespace quire::access
