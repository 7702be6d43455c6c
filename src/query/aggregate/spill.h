#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "query/budget.h"
#include "query/spill_file.h"

namespace quire::query {

// Blocks in a temporary file, written once and read any number of times; each is checked as it comes back.
// One thread at a time.
//
// What is written counts against Budget::spilled_bytes for good: space is not used again.
class SpillBlocks {
 public:
  struct Block {
    std::uint64_t offset = 0;
    std::uint32_t size = 0;
    std::uint32_t checksum = 0;
  };

  // `run` outlives the blocks. Errors: exhausted, where the budget names no directory; io.
  static Result<std::unique_ptr<SpillBlocks>> open(Run& run);

  // Errors: exhausted (the budget, or the disk is full), io.
  Result<Block> append(std::string_view bytes);
  // How much a stream keeps before it writes a block: little where the query may use little memory.
  std::size_t block_bytes() const;
  // Errors: corrupt, io.
  Status read(const Block& block, std::string& out) const;

 private:
  SpillBlocks(Run& run, SpillFile file) : run_(run), file_(std::move(file)) {}

  Run& run_;
  SpillFile file_;
};

// Records in the order in which they were appended: a sorted run, or a partition. Several streams may be
// written to one file side by side. Appending comes first, then finish(), then any number of readers.
class SpillStream {
 public:
  // `file` outlives the stream.
  explicit SpillStream(SpillBlocks& file) : file_(&file) {}

  // As SpillBlocks::append().
  Status append(std::string_view record);
  // Writes what is still in memory, and gives the memory back.
  Status finish();

  std::uint64_t records() const { return records_; }
  std::uint64_t bytes() const { return bytes_; }
  // Held at present.
  std::size_t memory() const { return buffer_.capacity() + blocks_.capacity() * sizeof(SpillBlocks::Block); }

 private:
  friend class SpillReader;

  SpillBlocks* file_;
  std::vector<SpillBlocks::Block> blocks_;
  std::string buffer_;
  std::uint64_t records_ = 0;
  std::uint64_t bytes_ = 0;
};

// Reads a stream from its beginning. Takes one block of memory, or a record's where that is more.
class SpillReader {
 public:
  // `stream` was finished and outlives the reader.
  explicit SpillReader(const SpillStream& stream) : stream_(&stream) {}

  // False at the end. `record` is valid until the next call. Errors: corrupt, io.
  Result<bool> next(std::string_view& record);

 private:
  const SpillStream* stream_;
  std::size_t next_block_ = 0;
  std::string block_;
  std::size_t at_ = 0;
};

}  // namespace quire::query
