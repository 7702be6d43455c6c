#pragma once

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/write_buffer_manager.h>

#include <mutex>

#include "storage/open.h"

namespace quire::storage {

// The one kind of MemoryBudget. Blocks, write buffers and everything that RocksDB can charge share one cache,
// so that a memtable that grows pushes blocks out. Also keeps the files of stores that live in memory.
class RocksBudget final : public MemoryBudget {
 public:
  explicit RocksBudget(std::uint64_t bytes);

  std::uint64_t capacity() const override { return capacity_; }
  std::uint64_t used() const override;

  const std::shared_ptr<rocksdb::Cache>& cache() const { return cache_; }
  const std::shared_ptr<rocksdb::WriteBufferManager>& write_buffers() const { return write_buffers_; }
  // Where stores of Medium::memory keep their files; made at the first use.
  std::shared_ptr<rocksdb::FileSystem> memory_files();

 private:
  const std::uint64_t capacity_;
  std::shared_ptr<rocksdb::Cache> cache_;
  std::shared_ptr<rocksdb::WriteBufferManager> write_buffers_;
  std::mutex mutex_;
  std::unique_ptr<rocksdb::Env> memory_;
};

}  // namespace quire::storage
