#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <unordered_map>
#include <vector>

#include "access/tuning.h"
#include "base/clock.h"

namespace quire::access {

// Who holds which database, in memory, and the number of each database's last reservation. Accounts and
// databases are the numbers of their ids. Callable from every thread; never blocks for a disk.
//
// Ends are told by the steady clock, so that nobody holds longer because somebody set the calendar.
class Holds {
 public:
  using Number = std::uint64_t;
  using Epoch = std::atomic<std::uint64_t>;

  struct Hold {
    Number holder = 0;
    std::uint64_t epoch = 0;
    SteadyTime ends{};
  };

  Holds(const Clock& clock, std::chrono::milliseconds length) : clock_(clock), length_(length) {}

  // False: nobody holds anything. The quickest of all looks.
  bool any() const { return held_.load(std::memory_order_acquire) != 0; }
  // What stands now; nullopt where nobody holds the database or the time has passed.
  std::optional<Hold> find(Number database) const;
  // The same, and nothing where the account itself is the holder.
  std::optional<Hold> find_other(Number database, std::optional<Number> user) const;
  // The epoch of the last reservation, made on the first call: who has it sees every later one.
  std::shared_ptr<const Epoch> epoch(Number database);

  // A reservation that the store has. In this order: the hold is seen, then the epoch. Whoever asks for the
  // epoch first and then for the hold either sees the hold or has an epoch that is old.
  void take(Number database, const Hold& hold);
  // No hold: the epoch of one that has ended, as the store has it.
  void set_epoch(Number database, std::uint64_t epoch);
  void release(Number database);
  // It has been reserved at some time.
  bool known(Number database) const;
  // The database is gone.
  void forget(Number database);

  // Moves the end where the account holds the database. True where the stored end should be moved too: the
  // caller does that, and then says so by stored().
  bool use(Number database, Number user);
  void stored(Number database, std::uint64_t epoch, SteadyTime ends);
  // The same for a renewal: nullopt where the account does not hold the database, or its time has passed.
  std::optional<Hold> extend(Number database, Number user);
  // It could not be stored.
  void not_stored(Number database);

  // The databases that an account holds, the last one taken first.
  std::vector<Number> held_by(Number user) const;

 private:
  using Ticks = SteadyTime::rep;
  struct Entry {
    std::shared_ptr<Epoch> epoch = std::make_shared<Epoch>(0);
    Number holder = 0;  // 0: nobody
    std::atomic<Ticks> ends{0};
    std::atomic<Ticks> stored_ends{0};
    std::atomic<bool> saving{false};
  };
  struct alignas(64) Shard {
    mutable std::shared_mutex mutex;
    std::unordered_map<Number, Entry> entries;  // guarded by mutex; atomics move under a shared lock
  };

  Shard& shard(Number database) { return shards_[database % shards_.size()]; }
  const Shard& shard(Number database) const { return shards_[database % shards_.size()]; }
  static std::optional<Hold> hold_of(const Entry& entry, SteadyTime now);
  static SteadyTime time_of(Ticks ticks) { return SteadyTime(SteadyTime::duration(ticks)); }
  bool move_end(Entry& entry, SteadyTime now) const;
  void clear_locked(Number database, Entry& entry);
  void drop_from_list(Number user, Number database);

  const Clock& clock_;
  const std::chrono::milliseconds length_;
  std::atomic<std::size_t> held_{0};  // entries with a holder, so that most calls look no further
  std::array<Shard, tuning::kTableShards> shards_;
  mutable std::mutex lists_mutex_;  // taken within a shard's
  std::unordered_map<Number, std::vector<Number>>
      by_holder_;  // guarded by lists_mutex_; in the order of taking
};

}  // namespace quire::access
