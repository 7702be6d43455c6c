#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace quire::storage {

// The fixed column families of a shard: sets of keys in byte order, with one write-ahead log for all.
enum class Family : std::uint8_t { documents, history, index, blobs, search, meta, tombstones };
inline constexpr std::size_t kFamilies = 7;
std::string_view name(Family family);

// How far a write must have come before write() returns.
enum class Sync : std::uint8_t {
  none,  // handed to the operating system: survives this process, not the machine
  disk,  // the log is fsynced, with every earlier write of the store
};

// Changes that become visible and durable together, in the order they were added. Made by the store that
// will apply it. One thread at a time; clear() keeps the memory.
class Batch {
 public:
  virtual ~Batch() = default;
  virtual void put(Family family, std::string_view key, std::string_view value) = 0;
  // The value in two pieces, so that a caller need not join them.
  virtual void put(Family family, std::string_view key, std::string_view head, std::string_view tail) = 0;
  virtual void erase(Family family, std::string_view key) = 0;
  // Every key in [begin, end).
  virtual void erase_range(Family family, std::string_view begin, std::string_view end) = 0;
  virtual void clear() = 0;
  virtual std::size_t bytes() const = 0;
  virtual bool empty() const = 0;
};

// Where get() puts what it finds: a view that stays valid until the buffer is used again or destroyed,
// pinned in the store's cache where that saves a copy. Reuse one for many reads. One thread at a time.
// Must not outlive the store.
class ReadBuffer {
 public:
  ReadBuffer();
  ~ReadBuffer();
  ReadBuffer(ReadBuffer&&) noexcept;
  ReadBuffer& operator=(ReadBuffer&&) noexcept;
  std::string_view view() const;

  struct Impl;
  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

// A fixed state of the store. Keeps old versions alive: hold it for the length of a call, not of a
// connection. Destroyed before its store.
class Snapshot {
 public:
  virtual ~Snapshot() = default;
};

// Walks the keys of one family in byte order, over the state at its making or of its snapshot. Views are
// valid until the next move. One thread at a time; destroyed before its store. When valid() turns false, ask
// status().
class Iterator {
 public:
  virtual ~Iterator() = default;
  virtual void seek(std::string_view key) = 0;           // to the first key >= key
  virtual void seek_for_prev(std::string_view key) = 0;  // to the last key <= key
  virtual void seek_to_first() = 0;
  virtual void seek_to_last() = 0;
  virtual void next() = 0;
  virtual void prev() = 0;
  virtual bool valid() const = 0;
  virtual std::string_view key() const = 0;
  virtual std::string_view value() const = 0;
  virtual Status status() const = 0;
};

struct IterateOptions {
  const Snapshot* snapshot = nullptr;
  std::string upper_bound;  // exclusive; empty: none
  bool fill_cache = true;   // false for long scans, which would push everything else out
  bool read_ahead = false;  // true for long scans in order
};

struct Stats {
  std::uint64_t disk_bytes = 0;  // all files of the store
  std::uint64_t live_bytes_estimate = 0;
  std::uint64_t memory_bytes = 0;  // memtables, and readers outside the cache
  std::uint64_t log_bytes = 0;     // write-ahead log not yet flushed
};

// One shard's ordered keys and values. Two kinds implement it: RocksDB (on disk, in memory, later on RADOS)
// and a plain ordered map for the simulator; the same conformance tests hold for both.
//
// Every method may be called from every thread at the same time. After a failed write or fsync the store
// takes no more writes (each answers read_only with the cause) until it is closed and opened again: a failed
// fsync is never retried. Reads go on. A checksum that does not fit answers corrupt, never wrong bytes.
class Store {
 public:
  virtual ~Store() = default;

  virtual std::unique_ptr<Batch> make_batch() = 0;
  // All of the batch or nothing. Writes are applied in the order in which the calls are admitted, and after a
  // crash the store is a prefix of that order.
  virtual Status write(Batch& batch, Sync sync) = 0;

  // False where the key does not exist.
  virtual Result<bool> get(Family family, std::string_view key, ReadBuffer& out,
                           const Snapshot* snapshot = nullptr) = 0;
  // get() as far as memory goes; never waits for the disk. An empty value may be unknown, wherever it stands.
  enum class Found : std::uint8_t { yes, no, unknown };
  virtual Result<Found> get_cached(Family family, std::string_view key, ReadBuffer& out) {
    QUIRE_TRY(const bool found, get(family, key, out));
    return found ? Found::yes : Found::no;
  }
  // Shows what stands at each of the keys, or nullopt, by its place among them, in any order; the view is
  // valid during the call. For many keys cheaper than get() of each.
  using Show = std::function<void(std::size_t place, std::optional<std::string_view> value)>;
  virtual Status get_many(Family family, std::span<const std::string> keys, const Show& show) {
    ReadBuffer buffer;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      QUIRE_TRY(const bool found, get(family, keys[i], buffer));
      show(i, found ? std::optional(buffer.view()) : std::nullopt);
    }
    return ok();
  }
  // How much of the tables may stand in memory, shared with all stores of the same budget.
  virtual std::uint64_t cache_bytes() const = 0;
  virtual std::unique_ptr<Snapshot> snapshot() = 0;
  virtual std::unique_ptr<Iterator> iterate(Family family, const IterateOptions& options = {}) = 0;

  // About how many keys there are in [begin, end); deleted and overwritten ones may count.
  virtual std::uint64_t estimate_keys(Family family, std::string_view begin, std::string_view end) = 0;

  // Makes every earlier write durable, without writing anything.
  virtual Status sync() = 0;
  // Moves what is in memory to table files, so that the next open has no log to replay.
  virtual Status flush() = 0;
  // Rewrites a range ([begin, end); empty end: to the last key) so that deleted and overwritten bytes leave
  // the disk. Long; meant for a background thread. Ends early, without error, when the store is being closed.
  virtual Status compact(Family family, std::string_view begin, std::string_view end) = 0;

  // A consistent copy in a directory that must not exist: a shard of its own, which shares table files by
  // hard links where it can. `previous`, where it is not empty, is an earlier copy of the same store, whose
  // unchanged tables are linked where the store's own cannot be, being on another disk. A crash leaves
  // nothing, or directory + ".partial".
  virtual Status checkpoint(const std::string& directory, const std::string& previous = {}) = 0;
  // Reads every byte of every file and checks its checksum; calls `damaged` with a line a finding, which
  // names the file. Ok where all could be read; damage that was found ends writing.
  virtual Status verify(const std::function<void(const std::string&)>& damaged) = 0;

  virtual Stats stats() = 0;
  // The cause why writes are refused, or ok.
  virtual Status health() const = 0;
};

}  // namespace quire::storage
