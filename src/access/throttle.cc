#include "access/throttle.h"

#include <algorithm>

#include "access/tuning.h"
#include "base/hash.h"

// A name and an address are kept as their hashes under the process's seed: an entry is small whatever
// somebody typed, and two that fall together by chance only wait for each other.
namespace quire::access {

using std::chrono::milliseconds;

namespace {

milliseconds delay_after(std::uint32_t failures) {
  if (failures < tuning::kFreeFailures) return milliseconds(0);
  const std::uint32_t doublings = std::min(failures - tuning::kFreeFailures, 20U);
  return std::min(tuning::kFirstDelay * (1U << doublings), tuning::kMostDelay);
}

}  // namespace

Throttle::Key Throttle::key(char kind, std::string_view text) {
  return table_hash(table_hash(text) ^ static_cast<unsigned char>(kind));
}

std::optional<milliseconds> Throttle::begin(std::string_view name, std::string_view address) {
  const Key by_name = key('n', name);
  const Key by_address = key('a', address);
  const std::lock_guard lock(mutex_);
  const SteadyTime now = clock_.steady();
  const auto first = wait_locked(by_name, tuning::kAttemptsAtOnce, now);
  const auto second = wait_locked(by_address, tuning::kAddressAttemptsAtOnce, now);
  if (first || second) return std::max(first.value_or(milliseconds(0)), second.value_or(milliseconds(0)));
  enter_locked(by_name, now);
  enter_locked(by_address, now);
  return std::nullopt;
}

void Throttle::failed(std::string_view name, std::string_view address) {
  const std::lock_guard lock(mutex_);
  const SteadyTime now = clock_.steady();
  fail_locked(key('n', name), now);
  fail_locked(key('a', address), now);
}

void Throttle::succeeded(std::string_view name, std::string_view address) {
  const std::lock_guard lock(mutex_);
  end_locked(key('n', name), true);
  end_locked(key('a', address), false);
}

void Throttle::given_up(std::string_view name, std::string_view address) {
  const std::lock_guard lock(mutex_);
  end_locked(key('n', name), false);
  end_locked(key('a', address), false);
}

std::size_t Throttle::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

// Once the free failures are used up one attempt at a time is looked at: many begun at once would else all
// be.
std::optional<milliseconds> Throttle::wait_locked(Key key, std::uint32_t at_once, SteadyTime now) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return std::nullopt;
  Entry& entry = found->second;
  if (now >= entry.forget_at) entry.failures = 0;
  if (entry.failures >= tuning::kFreeFailures && now < entry.open_at) {
    return std::chrono::ceil<milliseconds>(entry.open_at - now);
  }
  const std::uint32_t most = entry.failures < tuning::kFreeFailures ? at_once : 1;
  if (entry.under_way >= most) return tuning::kFirstDelay;
  return std::nullopt;
}

void Throttle::enter_locked(Key key, SteadyTime now) {
  auto found = entries_.find(key);
  if (found == entries_.end()) {
    make_room_locked(now);
    found = entries_.emplace(key, Entry{}).first;
    found->second.forget_at = now + tuning::kMostDelay;
    by_forget_.emplace(found->second.forget_at, key);
  }
  ++found->second.under_way;
}

void Throttle::fail_locked(Key key, SteadyTime now) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;  // pushed out meanwhile
  Entry& entry = found->second;
  if (entry.under_way > 0) --entry.under_way;
  ++entry.failures;
  const milliseconds delay = delay_after(entry.failures);
  entry.open_at = now + delay;
  move_locked(key, entry, entry.open_at + tuning::kMostDelay);
}

void Throttle::end_locked(Key key, bool forget) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  if (entry.under_way > 0) --entry.under_way;
  if (forget) entry.failures = 0;
  if (entry.under_way == 0 && entry.failures == 0) erase_locked(found);
}

void Throttle::move_locked(Key key, Entry& entry, SteadyTime forget_at) {
  by_forget_.erase({entry.forget_at, key});
  entry.forget_at = forget_at;
  by_forget_.emplace(forget_at, key);
}

void Throttle::erase_locked(std::unordered_map<Key, Entry>::iterator at) {
  by_forget_.erase({at->second.forget_at, at->first});
  entries_.erase(at);
}

// First what time has let go, a few at a time; then whoever would be forgotten next.
void Throttle::make_room_locked(SteadyTime now) {
  constexpr int kAtOnce = 4;
  for (int i = 0; i < kAtOnce && !by_forget_.empty(); ++i) {
    const auto first = by_forget_.begin();
    if (first->first > now && entries_.size() < tuning::kThrottled) return;
    entries_.erase(first->second);
    by_forget_.erase(first);
  }
}

}  // namespace quire::access
