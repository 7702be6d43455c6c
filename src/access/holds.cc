#include "access/holds.h"

#include <algorithm>

namespace quire::access {

std::optional<Holds::Hold> Holds::hold_of(const Entry& entry, SteadyTime now) {
  const SteadyTime ends = time_of(entry.ends.load(std::memory_order_relaxed));
  if (entry.holder == 0 || ends <= now) return std::nullopt;
  return Hold{entry.holder, entry.epoch->load(std::memory_order_relaxed), ends};
}

std::optional<Holds::Hold> Holds::find(Number database) const {
  if (!any()) return std::nullopt;
  const Shard& in = shard(database);
  const std::shared_lock lock(in.mutex);
  const auto found = in.entries.find(database);
  return found == in.entries.end() ? std::nullopt : hold_of(found->second, clock_.steady());
}

std::optional<Holds::Hold> Holds::find_other(Number database, std::optional<Number> user) const {
  auto hold = find(database);
  if (hold && user && hold->holder == *user) return std::nullopt;
  return hold;
}

std::shared_ptr<const Holds::Epoch> Holds::epoch(Number database) {
  Shard& in = shard(database);
  {
    const std::shared_lock lock(in.mutex);
    const auto found = in.entries.find(database);
    if (found != in.entries.end()) return found->second.epoch;
  }
  const std::unique_lock lock(in.mutex);
  return in.entries[database].epoch;
}

void Holds::take(Number database, const Hold& hold) {
  Shard& in = shard(database);
  const std::unique_lock lock(in.mutex);
  Entry& entry = in.entries[database];
  if (entry.holder != hold.holder) {
    clear_locked(database, entry);
    entry.holder = hold.holder;
    held_.fetch_add(1, std::memory_order_release);
  }
  entry.ends = hold.ends.time_since_epoch().count();
  entry.stored_ends = hold.ends.time_since_epoch().count();
  {
    const std::lock_guard lists(lists_mutex_);
    std::vector<Number>& theirs = by_holder_[hold.holder];
    std::erase(theirs, database);
    theirs.push_back(database);
  }
  entry.epoch->store(hold.epoch, std::memory_order_release);
}

void Holds::set_epoch(Number database, std::uint64_t epoch) {
  Shard& in = shard(database);
  const std::unique_lock lock(in.mutex);
  in.entries[database].epoch->store(epoch, std::memory_order_release);
}

void Holds::release(Number database) {
  Shard& in = shard(database);
  const std::unique_lock lock(in.mutex);
  const auto found = in.entries.find(database);
  if (found != in.entries.end()) clear_locked(database, found->second);
}

bool Holds::known(Number database) const {
  const Shard& in = shard(database);
  const std::shared_lock lock(in.mutex);
  const auto found = in.entries.find(database);
  return found != in.entries.end() && found->second.epoch->load(std::memory_order_relaxed) != 0;
}

void Holds::forget(Number database) {
  Shard& in = shard(database);
  const std::unique_lock lock(in.mutex);
  const auto found = in.entries.find(database);
  if (found == in.entries.end()) return;
  clear_locked(database, found->second);
  in.entries.erase(found);
}

void Holds::clear_locked(Number database, Entry& entry) {
  if (entry.holder == 0) return;
  drop_from_list(entry.holder, database);
  entry.holder = 0;
  held_.fetch_sub(1, std::memory_order_release);
}

void Holds::drop_from_list(Number user, Number database) {
  const std::lock_guard lists(lists_mutex_);
  const auto theirs = by_holder_.find(user);
  if (theirs == by_holder_.end()) return;
  std::erase(theirs->second, database);
  if (theirs->second.empty()) by_holder_.erase(theirs);
}

// Somebody may look after the time has passed and find the database free; then the end must not move any
// more. Under a lock that keeps lookers out, who looked before saw an earlier time. Far from the end that
// needs no care.
bool Holds::use(Number database, Number user) {
  if (!any()) return false;
  Shard& in = shard(database);
  {
    const std::shared_lock lock(in.mutex);
    const auto found = in.entries.find(database);
    if (found == in.entries.end()) return false;
    const SteadyTime now = clock_.steady();
    const auto hold = hold_of(found->second, now);
    if (!hold || hold->holder != user) return false;
    if (now + length_ - hold->ends < tuning::kHoldSlideEvery) return false;
    if (hold->ends - now > length_ / 4) return move_end(found->second, now);
  }
  if (!extend(database, user)) return false;
  const std::shared_lock lock(in.mutex);
  const auto found = in.entries.find(database);
  return found != in.entries.end() && found->second.holder == user &&
         move_end(found->second, clock_.steady());
}

// True where the store should follow.
bool Holds::move_end(Entry& entry, SteadyTime now) const {
  entry.ends.store((now + length_).time_since_epoch().count(), std::memory_order_relaxed);
  if (time_of(entry.stored_ends.load(std::memory_order_relaxed)) - now > length_ / 2) return false;
  return !entry.saving.exchange(true);
}

std::optional<Holds::Hold> Holds::extend(Number database, Number user) {
  Shard& in = shard(database);
  const std::unique_lock lock(in.mutex);
  const auto found = in.entries.find(database);
  if (found == in.entries.end()) return std::nullopt;
  const SteadyTime now = clock_.steady();
  auto hold = hold_of(found->second, now);
  if (!hold || hold->holder != user) return std::nullopt;
  hold->ends = now + length_;
  found->second.ends.store(hold->ends.time_since_epoch().count(), std::memory_order_relaxed);
  return hold;
}

void Holds::stored(Number database, std::uint64_t epoch, SteadyTime ends) {
  Shard& in = shard(database);
  const std::shared_lock lock(in.mutex);
  const auto found = in.entries.find(database);
  if (found == in.entries.end()) return;
  if (found->second.epoch->load() == epoch) found->second.stored_ends = ends.time_since_epoch().count();
  found->second.saving = false;
}

void Holds::not_stored(Number database) {
  Shard& in = shard(database);
  const std::shared_lock lock(in.mutex);
  const auto found = in.entries.find(database);
  if (found != in.entries.end()) found->second.saving = false;
}

std::vector<Holds::Number> Holds::held_by(Number user) const {
  std::vector<Number> held;
  {
    const std::lock_guard lists(lists_mutex_);
    const auto theirs = by_holder_.find(user);
    if (theirs == by_holder_.end()) return held;
    held.assign(theirs->second.rbegin(), theirs->second.rend());
  }
  std::erase_if(held, [&](Number database) {
    const auto hold = find(database);
    return !hold || hold->holder != user;
  });
  return held;
}

}  // namespace quire::access
