#pragma once

#include <rocksdb/memtablerep.h>

namespace quire::storage {

// Memtables whose entries are in our SkipList. The list that comes with RocksDB compares keys by calls, and
// as Debian builds it checks its whole search again after each insert: an update by id takes a fifth more
// instructions with it.
//
// Keys are in the order of their bytes, as in every family, and one thread at a time writes
// (allow_concurrent_memtable_write is off).
class MemtableFactory final : public rocksdb::MemTableRepFactory {
 public:
  const char* Name() const override { return "QuireMemtable"; }
  using MemTableRepFactory::CreateMemTableRep;
  rocksdb::MemTableRep* CreateMemTableRep(const rocksdb::MemTableRep::KeyComparator& comparator,
                                          rocksdb::Allocator* allocator,
                                          const rocksdb::SliceTransform* transform,
                                          rocksdb::Logger* logger) override;
  bool CanHandleDuplicatedKey() const override { return true; }
};

}  // namespace quire::storage
