#include "replication/batch_size.h"

#include <algorithm>

namespace quire::replication {

void BatchSize::took(std::chrono::milliseconds time, std::uint64_t bytes) {
  if (time > kLongBatch || bytes > kBatchBytes) {
    rows_ = std::max(rows_ / 2, kLeastBatchRows);
  } else if (time < kQuickBatch && bytes < kBatchBytes / 2) {
    rows_ = std::min(rows_ * 2, kMostBatchRows);
  }
}

void BatchSize::failed() { rows_ = std::max(rows_ / 4, kLeastBatchRows); }

}  // namespace quire::replication
