#pragma once

#include <atomic>
#include <mutex>
#include <optional>

#include "base/result.h"

namespace quire::storage {

// Whether a store still takes writes. The first failure stays for good: a failed fsync is never retried,
// because page caches mark the pages clean. Every method may be called from every thread.
class Health {
 public:
  // Later calls change nothing.
  void fail(const Error& cause) {
    const std::lock_guard lock(mutex_);
    if (!cause_) cause_ = cause;
    failed_.store(true, std::memory_order_release);
  }
  bool failed() const { return failed_.load(std::memory_order_acquire); }
  // ok; exhausted, where the disk was full; else read_only with the cause.
  Status status() const {
    if (!failed()) return ok();
    const std::lock_guard lock(mutex_);
    if (cause_->code() == ErrorCode::exhausted)
      return Error(ErrorCode::exhausted, "no space is left on the disk: writes are refused until there is");
    return Error(ErrorCode::read_only,
                 "the shard takes no more writes until it is opened again: " + cause_->to_string());
  }

 private:
  std::atomic<bool> failed_ = false;
  mutable std::mutex mutex_;
  std::optional<Error> cause_;
};

}  // namespace quire::storage
