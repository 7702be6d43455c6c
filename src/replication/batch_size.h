#pragma once

#include <chrono>
#include <cstdint>

#include "replication/tuning.h"

namespace quire::replication {

// How many changes the next batch asks for: more where batches are quick and small, fewer where one took long
// or held much. A value.
class BatchSize {
 public:
  std::uint32_t rows() const { return rows_; }
  // What became of a batch that was full.
  void took(std::chrono::milliseconds time, std::uint64_t bytes);
  // A call timed out or its answer was too large.
  void failed();

 private:
  std::uint32_t rows_ = kFirstBatchRows;
};

}  // namespace quire::replication
