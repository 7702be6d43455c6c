#include "storage/memory_budget.h"

#include <algorithm>
#include <bit>

#include "storage/tuning.h"

namespace quire::storage {

namespace {

std::uint64_t write_buffer_bytes(std::uint64_t budget) {
  return std::max<std::uint64_t>(budget / 100 * kWriteBufferPercent, kLeastWriteBuffers);
}

}  // namespace

RocksBudget::RocksBudget(std::uint64_t bytes, std::uint64_t files)
    : capacity_(bytes),
      files_(files),
      crowded_from_(write_buffer_bytes(bytes) / 100 * kCrowdedPercent),
      next_look_(crowded_from_) {
  rocksdb::LRUCacheOptions cache;
  cache.capacity = bytes / 100 * kCachePercent;
  cache.num_shard_bits = bytes >= kManyShardsFrom ? kCacheShardBits : kSmallCacheShardBits;
  cache.strict_capacity_limit = false;
  cache.high_pri_pool_ratio = kIndexShareOfCache;
  cache_ = rocksdb::NewLRUCache(cache);
  write_buffers_ = std::make_shared<rocksdb::WriteBufferManager>(write_buffer_bytes(bytes), cache_);
}

std::uint64_t RocksBudget::used() const { return cache_->GetUsage(); }

// By powers of two, so that all are told anew only when there are twice as many, or half.
int RocksBudget::files_each(std::size_t members) const {
  const std::uint64_t share = files_ / std::bit_ceil(std::max<std::size_t>(members, 1));
  return static_cast<int>(std::clamp<std::uint64_t>(share, kLeastOpenFiles, kMostOpenFiles));
}

void RocksBudget::share_files(std::size_t members_before) {
  const int each = files_each(members_.size());
  if (each == files_each(members_before)) return;
  for (BudgetMember* const member : members_) member->keep_open(each);
}

int RocksBudget::files_of_newcomer() {
  const std::lock_guard lock(members_mutex_);
  return files_each(members_.size() + 1);
}

void RocksBudget::join(BudgetMember& member) {
  const std::lock_guard lock(members_mutex_);
  members_.push_back(&member);
  share_files(members_.size() - 1);
  member.keep_open(files_each(members_.size()));  // others may have come since it was opened
}

void RocksBudget::leave(const BudgetMember& member) {
  const std::lock_guard lock(members_mutex_);
  std::erase(members_, &member);
  share_files(members_.size() + 1);
}

void RocksBudget::make_room(const BudgetMember& writer) {
  const std::uint64_t used = write_buffers_->mutable_memtable_memory_usage();
  const std::uint64_t next = next_look_.load(std::memory_order_relaxed);
  if (used < crowded_from_ && next != crowded_from_)
    next_look_.store(crowded_from_, std::memory_order_relaxed);
  if (used < next) return;
  const std::unique_lock lock(members_mutex_, std::try_to_lock);
  if (!lock) return;  // another writer looks
  BudgetMember* largest = nullptr;
  std::uint64_t most = 0;
  for (BudgetMember* const member : members_) {
    const std::uint64_t bytes = member->flushable_bytes();
    if (bytes <= most) continue;
    largest = member;
    most = bytes;
  }
  next_look_.store(used + crowded_from_ / kLooks, std::memory_order_relaxed);
  if (largest != nullptr && largest != &writer) largest->begin_flush();
}

std::shared_ptr<rocksdb::FileSystem> RocksBudget::memory_files() {
  const std::lock_guard lock(mutex_);
  if (!memory_) memory_.reset(rocksdb::NewMemEnv(rocksdb::Env::Default()));
  return memory_->GetFileSystem();
}

std::shared_ptr<MemoryBudget> make_memory_budget(std::uint64_t bytes, std::uint64_t files) {
  return std::make_shared<RocksBudget>(bytes, files);
}

}  // namespace quire::storage
