#include "database/document_cache.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"

// Each of the ways is a chained hash table and a ring in order of arrival. Eviction goes round the ring and
// gives an entry that was found since the last round a second chance (the CLOCK algorithm, Corbato 1968), so
// a hit only sets a bit.
//
// A record that is asked for once is not worth the room of another: where a way is full, only one goes in
// that was asked for before, not long ago. Of those that were turned away a tag of 16 bits is kept, as many
// tags as there are records; without that, reads over more records than fit would spend their time on putting
// in and throwing out.

namespace quire::database {

RecordRef RecordRef::copy(std::string_view bytes) {
  auto data = std::make_shared_for_overwrite<char[]>(bytes.size());
  std::copy(bytes.begin(), bytes.end(), data.get());
  return {std::move(data), bytes.size()};
}

namespace {
// A record with its entry, about, for how many a way holds.
constexpr std::size_t kRecordBytes = 512;
}  // namespace

struct DocumentCache::Entry {
  std::uint64_t hash;
  std::uint64_t shard;
  CollectionId collection;
  bool referenced;
  std::string id;
  RecordRef record;
  Entry* chain;
  Entry* older;
  Entry* newer;

  std::size_t bytes() const {
    return sizeof(Entry) + id.size() + record.size + 48;
  }  // 48: allocator and counts
  bool is(const Key& key) const {
    return hash == key.hash && shard == key.shard && collection == key.collection && id == key.id;
  }
};

struct DocumentCache::Way {
  std::mutex mutex;
  std::vector<Entry*> buckets = std::vector<Entry*>(64);
  std::size_t count = 0;
  std::size_t bytes = 0;
  Entry* oldest = nullptr;
  Entry* newest = nullptr;
  std::vector<std::uint16_t> turned_away;  // empty until the way is full
  Looks looks;

  ~Way() {
    while (oldest != nullptr) remove(oldest);
  }

  Entry*& bucket(std::uint64_t hash) { return buckets[(hash >> 20) % buckets.size()]; }

  Entry* find(const Key& key) {
    Entry* entry = bucket(key.hash);
    while (entry != nullptr && !entry->is(key)) entry = entry->chain;
    return entry;
  }

  void append(Entry* entry) {
    entry->newer = nullptr;
    entry->older = newest;
    (newest != nullptr ? newest->newer : oldest) = entry;
    newest = entry;
  }

  void unlink(Entry* entry) {
    (entry->older != nullptr ? entry->older->newer : oldest) = entry->newer;
    (entry->newer != nullptr ? entry->newer->older : newest) = entry->older;
  }

  void grow() {
    std::vector<Entry*> old(buckets.size() * 2);
    old.swap(buckets);
    for (Entry* entry : old) {
      while (entry != nullptr) {
        Entry* next = entry->chain;
        entry->chain = bucket(entry->hash);
        bucket(entry->hash) = entry;
        entry = next;
      }
    }
  }

  void insert(const Key& key, const RecordRef& record) {
    if (count >= buckets.size()) grow();
    Entry*& head = bucket(key.hash);
    auto* entry = new Entry{key.hash, key.shard, key.collection, false,  std::string(key.id),
                            record,   head,      nullptr,        nullptr};
    head = entry;
    append(entry);
    ++count;
    bytes += entry->bytes();
  }

  void remove(Entry* entry) {
    Entry** link = &bucket(entry->hash);
    while (*link != entry) link = &(*link)->chain;
    *link = entry->chain;
    unlink(entry);
    --count;
    bytes -= entry->bytes();
    delete entry;
  }

  // Whether a record may push others out; notes that it was asked for.
  bool admit(std::uint64_t hash, std::size_t capacity) {
    if (turned_away.empty()) turned_away.resize(capacity / kRecordBytes + 1);
    const auto tag = static_cast<std::uint16_t>(hash >> 48);
    std::uint16_t& slot = turned_away[(hash >> 12) % turned_away.size()];
    return std::exchange(slot, tag) == tag;
  }

  void evict(std::size_t capacity) {
    while (bytes > capacity && oldest != nullptr) {
      Entry* entry = oldest;
      if (entry->referenced && count > 1) {
        entry->referenced = false;
        unlink(entry);
        append(entry);
      } else {
        remove(entry);
      }
    }
  }
};

DocumentCache::DocumentCache(std::size_t capacity_bytes)
    : way_capacity_(capacity_bytes / kWays),
      ways_(std::make_unique<Way[]>(kWays)),
      slots_(std::make_unique<Slot[]>(kSlots)) {}

DocumentCache::~DocumentCache() = default;

// One record must not push out all the others of its way.
bool DocumentCache::too_large(std::size_t record_bytes) const {
  return sizeof(Entry) + record_bytes > way_capacity_ / 4;
}

DocumentCache::Way& DocumentCache::way(std::uint64_t hash) { return ways_[hash % kWays]; }

DocumentCache::Key DocumentCache::key(std::uint64_t shard, CollectionId collection, std::string_view id) {
  const std::uint64_t hash = table_hash(id) ^ table_hash(shard * 0x9E3779B97F4A7C15ULL + collection);
  return {shard, collection, id, hash};
}

RecordRef DocumentCache::find(const Key& key, Ticket& ticket) {
  Slot& guard = slot(key.hash);
  ticket = guard.finished.load(std::memory_order_acquire);
  if (guard.open.load(std::memory_order_acquire) != 0) {
    ticket = ~Ticket{0};  // fits no slot: what is read now is not put in
    closed_looks_.fetch_add(1, std::memory_order_relaxed);
    return {};
  }
  Way& here = way(key.hash);
  const std::lock_guard lock(here.mutex);
  Entry* entry = here.find(key);
  if (entry == nullptr) {
    ++here.looks.misses;
    return {};
  }
  ++here.looks.hits;
  entry->referenced = true;
  return entry->record;
}

void DocumentCache::put(const Key& key, const RecordRef& record, Ticket ticket) {
  if (!too_large(record.size)) insert(key, record, ticket, Full::asked_twice);
}

// It goes as soon as the document is written, so it need not have been asked for before.
void DocumentCache::put_absence(const Key& key, Ticket ticket) {
  static const RecordRef absence = RecordRef::copy({});
  insert(key, absence, ticket, Full::let_in);
}

void DocumentCache::insert(const Key& key, const RecordRef& record, Ticket ticket, Full full) {
  Slot& guard = slot(key.hash);
  Way& here = way(key.hash);
  const std::lock_guard lock(here.mutex);
  // Under the way's lock: a commit that begins after this look finds the entry under the same lock when it
  // ends.
  if (guard.open.load() != 0 || guard.finished.load() != ticket) return;
  if (here.find(key) != nullptr) return;
  const bool pushes = here.bytes + sizeof(Entry) + record.size > way_capacity_;
  if (pushes && full == Full::asked_twice && !here.admit(key.hash, way_capacity_)) return;
  here.insert(key, record);
  here.evict(way_capacity_);
}

bool DocumentCache::unchanged(const Key& key, Ticket ticket) {
  const Slot& guard = slot(key.hash);
  return guard.open.load() == 0 && guard.finished.load() == ticket;
}

void DocumentCache::begin_write(const Key& key) { slot(key.hash).open.fetch_add(1); }

void DocumentCache::end_write(const Key& key, std::string_view record) {
  {
    Way& here = way(key.hash);
    const std::lock_guard lock(here.mutex);
    if (Entry* entry = here.find(key); entry != nullptr) {
      if (record.empty() || too_large(record.size()) || entry->record.absent()) {
        here.remove(entry);
      } else {
        here.bytes -= entry->bytes();
        entry->record = RecordRef::copy(record);
        here.bytes += entry->bytes();
      }
      here.evict(way_capacity_);
    }
  }
  Slot& guard = slot(key.hash);
  guard.finished.fetch_add(1);
  guard.open.fetch_sub(1);
}

void DocumentCache::forget_shard(std::uint64_t shard) {
  for (std::size_t i = 0; i < kWays; ++i) {
    Way& here = ways_[i];
    const std::lock_guard lock(here.mutex);
    for (Entry* entry = here.oldest; entry != nullptr;) {
      Entry* next = entry->newer;
      if (entry->shard == shard) here.remove(entry);
      entry = next;
    }
  }
}

std::size_t DocumentCache::used_bytes() const {
  std::size_t total = 0;
  for (std::size_t i = 0; i < kWays; ++i) {
    const std::lock_guard lock(ways_[i].mutex);
    total += ways_[i].bytes;
  }
  return total;
}

DocumentCache::Looks DocumentCache::looks() const {
  Looks total{.hits = 0, .misses = closed_looks_.load(std::memory_order_relaxed)};
  for (std::size_t i = 0; i < kWays; ++i) {
    const std::lock_guard lock(ways_[i].mutex);
    total.hits += ways_[i].looks.hits;
    total.misses += ways_[i].looks.misses;
  }
  return total;
}

}  // namespace quire::database
