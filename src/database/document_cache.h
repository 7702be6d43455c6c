#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "database/types.h"

namespace quire::database {

// The bytes of a head record, shared by whoever reads them.
struct RecordRef {
  std::shared_ptr<const char[]> data;
  std::size_t size = 0;

  static RecordRef copy(std::string_view bytes);
  std::string_view view() const { return {data.get(), size}; }
  // In the cache: it is known that there is no head.
  bool absent() const { return data != nullptr && size == 0; }
  explicit operator bool() const { return data != nullptr; }
};

// Heads that were read lately, of all open shards, within one bound of bytes. Thread-safe; outlives its
// shards.
//
// A reader never sees an older head after a newer one: a commit calls begin_write() before its batch is
// applied and end_write() after; in between the document's slot is closed, so that reads go to the store and
// nothing is put in, and a record that was read before the commit is not put in after it (its ticket has
// grown old).
class DocumentCache {
 public:
  explicit DocumentCache(std::size_t capacity_bytes);
  ~DocumentCache();
  DocumentCache(const DocumentCache&) = delete;
  DocumentCache& operator=(const DocumentCache&) = delete;

  // A number for each opening of a shard, never given out twice.
  std::uint64_t new_shard() { return ++last_shard_; }

  struct Key {
    std::uint64_t shard;
    CollectionId collection;
    std::string_view id;
    std::uint64_t hash;
  };
  static Key key(std::uint64_t shard, CollectionId collection, std::string_view id);

  // The cached head, or that there is none, or nothing and a ticket with which to put it in.
  using Ticket = std::uint64_t;
  RecordRef find(const Key& key, Ticket& ticket);
  void put(const Key& key, const RecordRef& record, Ticket ticket);
  // Remembers that there is no head: for who is likely to write one next.
  void put_absence(const Key& key, Ticket ticket);
  // Whether nothing was written to the document since find() gave the ticket, nor is now: then what was read
  // from the store in several looks belongs together.
  bool unchanged(const Key& key, Ticket ticket);

  void begin_write(const Key& key);
  // Replaces the head where it is cached. An empty record: the head is gone. Where it was known to be absent
  // it is not cached: nobody has read it yet.
  void end_write(const Key& key, std::string_view record);

  // Drops what a closed shard left.
  void forget_shard(std::uint64_t shard);
  std::size_t used_bytes() const;
  // How often find() had the record, and had not; a look into a closed slot is a miss.
  struct Looks {
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
  };
  Looks looks() const;

 private:
  struct Entry;
  struct Way;
  static constexpr std::size_t kWays = 16;
  static constexpr std::size_t kSlots = 4096;

  Way& way(std::uint64_t hash);
  bool too_large(std::size_t record_bytes) const;
  enum class Full : std::uint8_t { asked_twice, let_in };
  void insert(const Key& key, const RecordRef& record, Ticket ticket, Full full);
  // Counts the writes to the documents that fall in it: those under way, and those done.
  struct Slot {
    std::atomic<std::uint32_t> open{0};
    std::atomic<std::uint32_t> finished{0};
  };
  Slot& slot(std::uint64_t hash) { return slots_[(hash >> 8) % kSlots]; }

  std::atomic<std::uint64_t> last_shard_{0};
  std::atomic<std::uint64_t> closed_looks_{0};
  std::size_t way_capacity_;
  std::unique_ptr<Way[]> ways_;
  std::unique_ptr<Slot[]> slots_;
};

}  // namespace quire::database
