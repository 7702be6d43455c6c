#include "storage/memory_budget.h"

#include <algorithm>

#include "storage/tuning.h"

namespace quire::storage {

RocksBudget::RocksBudget(std::uint64_t bytes) : capacity_(bytes) {
  rocksdb::LRUCacheOptions cache;
  cache.capacity = bytes / 100 * kCachePercent;
  cache.num_shard_bits = bytes >= kManyShardsFrom ? kCacheShardBits : kSmallCacheShardBits;
  cache.strict_capacity_limit = false;
  cache.high_pri_pool_ratio = kIndexShareOfCache;
  cache_ = rocksdb::NewLRUCache(cache);
  const std::uint64_t buffers =
      std::max<std::uint64_t>(bytes / 100 * kWriteBufferPercent, kLeastWriteBuffers);
  write_buffers_ = std::make_shared<rocksdb::WriteBufferManager>(buffers, cache_);
}

std::uint64_t RocksBudget::used() const { return cache_->GetUsage(); }

std::shared_ptr<rocksdb::FileSystem> RocksBudget::memory_files() {
  const std::lock_guard lock(mutex_);
  if (!memory_) memory_.reset(rocksdb::NewMemEnv(rocksdb::Env::Default()));
  return memory_->GetFileSystem();
}

std::shared_ptr<MemoryBudget> make_memory_budget(std::uint64_t bytes) {
  return std::make_shared<RocksBudget>(bytes);
}

}  // namespace quire::storage
