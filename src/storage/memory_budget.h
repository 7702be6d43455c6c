#pragma once

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/write_buffer_manager.h>

#include <atomic>
#include <mutex>
#include <vector>

#include "storage/open.h"

namespace quire::storage {

// A store whose memtables and open tables count into a budget. Called under the budget's lock, by other
// stores' writers, and by those that open or close one.
class BudgetMember {
 public:
  virtual ~BudgetMember() = default;
  // Of memtables that still take writes and are worth a table.
  virtual std::uint64_t flushable_bytes() const = 0;
  // Begins to write them to tables; does not wait.
  virtual void begin_flush() = 0;
  // From now on at most so many tables are open at a time.
  virtual void keep_open(int files) = 0;
};

// The one kind of MemoryBudget. Blocks, write buffers and everything that RocksDB can charge share one cache,
// so that a memtable that grows pushes blocks out. Also keeps the files of stores that live in memory.
class RocksBudget final : public MemoryBudget {
 public:
  RocksBudget(std::uint64_t bytes, std::uint64_t files);

  std::uint64_t capacity() const override { return capacity_; }
  std::uint64_t used() const override;

  const std::shared_ptr<rocksdb::Cache>& cache() const { return cache_; }
  const std::shared_ptr<rocksdb::WriteBufferManager>& write_buffers() const { return write_buffers_; }
  // The tables that one more store may keep open.
  int files_of_newcomer();
  void join(BudgetMember& member);
  void leave(const BudgetMember& member);
  // Called by a store that has written. Where the share of the memtables comes to its end, RocksDB flushes
  // whoever writes next, however little that one has: a few stores that nobody writes to any more would leave
  // it with tables of a few hundred kilobytes. Before that, this flushes the store that has the most.
  void make_room(const BudgetMember& writer);
  // Where stores of Medium::memory keep their files; made at the first use.
  std::shared_ptr<rocksdb::FileSystem> memory_files();

 private:
  int files_each(std::size_t members) const;
  void share_files(std::size_t members_before);

  const std::uint64_t capacity_;
  const std::uint64_t files_;
  std::shared_ptr<rocksdb::Cache> cache_;
  std::shared_ptr<rocksdb::WriteBufferManager> write_buffers_;
  std::mutex mutex_;
  std::unique_ptr<rocksdb::Env> memory_;

  std::mutex members_mutex_;
  std::vector<BudgetMember*> members_;
  const std::uint64_t crowded_from_;
  std::atomic<std::uint64_t> next_look_;  // at so many bytes, where there was nobody to flush
};

}  // namespace quire::storage
