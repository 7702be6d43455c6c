#include "storage/memtable.h"

#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "storage/skip_list.h"

namespace quire::storage {

namespace {

using rocksdb::Slice;

MemtableKey key_of(const Slice& internal_key) {
  return MemtableKey::of_internal({internal_key.data(), internal_key.size()});
}

class Cursor : public rocksdb::MemTableRep::Iterator {
 public:
  explicit Cursor(const SkipList* list) : list_(list) {}

  bool Valid() const override { return at_ != nullptr; }
  const char* key() const override { return at_->entry(); }
  void Next() override { at_ = list_->after(at_); }
  void Prev() override { at_ = list_->last_below(MemtableKey::of_entry(key())); }
  void Seek(const Slice& internal_key, const char*) override {
    at_ = list_->at_or_after(key_of(internal_key));
  }
  void SeekForPrev(const Slice& internal_key, const char* memtable_key) override {
    Seek(internal_key, memtable_key);
    if (at_ == nullptr) return SeekToLast();
    if (compare(key_of(internal_key), MemtableKey::of_entry(key())) < 0) Prev();
  }
  void SeekToFirst() override { at_ = list_->first(); }
  void SeekToLast() override { at_ = list_->last(); }

 private:
  const SkipList* list_;
  const SkipList::Node* at_ = nullptr;
};

// The memory of cursors that nobody deletes: RocksDB calls their destructor alone, and would have them in an
// arena of its own, which its public headers do not declare. Thread-safe.
class CursorPool {
 public:
  rocksdb::MemTableRep::Iterator* lease(const SkipList* list);
  void give_back(void* slot) {
    const std::lock_guard lock(mutex_);
    free_.push_back(slot);
  }

 private:
  void* take();

  std::mutex mutex_;
  std::vector<void*> free_;
  struct alignas(Cursor) Slot {
    std::byte bytes[64];
  };
  std::deque<Slot> slots_;
};

// Gives its memory back when all else of the cursor is gone: the base that is destroyed last.
class Lease {
 public:
  Lease(CursorPool& pool, void* slot) : pool_(pool), slot_(slot) {}
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease() { pool_.give_back(slot_); }

 private:
  CursorPool& pool_;
  void* slot_;
};

class LeasedCursor final : private Lease, public Cursor {
 public:
  LeasedCursor(CursorPool& pool, void* slot, const SkipList* list) : Lease(pool, slot), Cursor(list) {}
};

rocksdb::MemTableRep::Iterator* CursorPool::lease(const SkipList* list) {
  static_assert(sizeof(LeasedCursor) <= sizeof(Slot) && alignof(LeasedCursor) <= alignof(Slot));
  void* const slot = take();
  return new (slot) LeasedCursor(*this, slot, list);
}

void* CursorPool::take() {
  const std::lock_guard lock(mutex_);
  if (free_.empty()) {
    free_.reserve(slots_.size() + 1);  // giving back must not fail
    return &slots_.emplace_back();
  }
  void* const slot = free_.back();
  free_.pop_back();
  return slot;
}

class Memtable final : public rocksdb::MemTableRep {
 public:
  explicit Memtable(rocksdb::Allocator* allocator)
      : MemTableRep(allocator), list_([this](std::size_t bytes) {
          char* memory = nullptr;
          Allocate(bytes, &memory);
          return memory;
        }) {}

  void Insert(rocksdb::KeyHandle entry) override { InsertKey(entry); }
  bool InsertKey(rocksdb::KeyHandle entry) override {
    return list_.insert(static_cast<const char*>(entry), last_insert_);
  }
  void InsertWithHint(rocksdb::KeyHandle entry, void** hint) override { InsertKeyWithHint(entry, hint); }
  bool InsertKeyWithHint(rocksdb::KeyHandle entry, void** hint) override {
    if (*hint == nullptr) *hint = &fingers_.emplace_back();
    return list_.insert(static_cast<const char*>(entry), *static_cast<SkipList::Finger*>(*hint));
  }

  bool Contains(const char* entry) const override {
    const MemtableKey key = MemtableKey::of_entry(entry);
    const SkipList::Node* const found = list_.at_or_after(key);
    return found != nullptr && compare(key, MemtableKey::of_entry(found->entry())) == 0;
  }
  std::uint64_t ApproximateNumEntries(const Slice& begin, const Slice& end) override {
    const std::uint64_t from = list_.rank(key_of(begin));
    const std::uint64_t to = list_.rank(key_of(end));
    return to > from ? to - from : 0;
  }
  // Beside what came from the allocator.
  std::size_t ApproximateMemoryUsage() override { return 0; }

  Iterator* GetIterator(rocksdb::Arena* arena) override {
    return arena == nullptr ? new Cursor(&list_) : cursors_.lease(&list_);
  }
  // MemTableRep::Get() asks for one and lets it lie; it has done with one before it asks for the next.
  Iterator* GetDynamicPrefixIterator(rocksdb::Arena* arena) override {
    if (arena != nullptr) return GetIterator(arena);
    thread_local std::optional<Cursor> cursor;
    return &cursor.emplace(&list_);
  }

 private:
  SkipList list_;
  SkipList::Finger last_insert_;
  std::deque<SkipList::Finger> fingers_;  // of hints
  CursorPool cursors_;
};

}  // namespace

rocksdb::MemTableRep* MemtableFactory::CreateMemTableRep(const rocksdb::MemTableRep::KeyComparator&,
                                                         rocksdb::Allocator* allocator,
                                                         const rocksdb::SliceTransform*, rocksdb::Logger*) {
  return new Memtable(allocator);
}

}  // namespace quire::storage
