// A block holds whole records, each behind its size in four bytes. A record that is larger than a block has
// one of its own. Where the blocks are, and what they must sum to, is only in memory.
#include "query/aggregate/spill.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/hash.h"
#include "query/aggregate/tuning.h"

namespace quire::query {

namespace {
constexpr std::size_t kSizeBytes = 4;
}  // namespace

Result<std::unique_ptr<SpillBlocks>> SpillBlocks::open(Run& run) {
  QUIRE_TRY(SpillFile file, SpillFile::make(run.budget.spill_directory));
  return std::unique_ptr<SpillBlocks>(new SpillBlocks(run, std::move(file)));
}

Result<SpillBlocks::Block> SpillBlocks::append(std::string_view bytes) {
  const std::uint64_t budget = run_.budget.spilled_bytes;
  if (bytes.size() > budget - std::min(run_.spilled, budget)) {
    return Error(ErrorCode::exhausted, "the query needs more than the " + std::to_string(budget) +
                                           " bytes on the disk that the setting queries.disk allows")
        .over(budget);
  }
  const Block block{file_.size(), static_cast<std::uint32_t>(bytes.size()), crc32c(bytes)};
  QUIRE_TRY_STATUS(file_.append(bytes));
  run_.spilled += block.size;
  return block;
}

std::size_t SpillBlocks::block_bytes() const {
  const std::uint64_t share = run_.budget.memory_bytes / kSpillBlockShare;
  return static_cast<std::size_t>(std::clamp<std::uint64_t>(share, kLeastSpillBlockBytes, kSpillBlockBytes));
}

Status SpillBlocks::read(const Block& block, std::string& out) const {
  out.resize(block.size);
  QUIRE_TRY_STATUS(file_.read(block.offset, out.data(), out.size()));
  if (crc32c(out) != block.checksum)
    return Error(ErrorCode::corrupt, "a query's temporary file came back damaged");
  return ok();
}

Status SpillStream::append(std::string_view record) {
  if (!buffer_.empty() && buffer_.size() + kSizeBytes + record.size() > file_->block_bytes()) {
    QUIRE_TRY(const SpillBlocks::Block block, file_->append(buffer_));
    blocks_.push_back(block);
    buffer_.clear();
  }
  put_u32(buffer_, static_cast<std::uint32_t>(record.size()));
  buffer_.append(record);
  ++records_;
  bytes_ += kSizeBytes + record.size();
  return ok();
}

Status SpillStream::finish() {
  if (!buffer_.empty()) {
    QUIRE_TRY(const SpillBlocks::Block block, file_->append(buffer_));
    blocks_.push_back(block);
  }
  buffer_ = std::string();
  return ok();
}

Result<bool> SpillReader::next(std::string_view& record) {
  if (at_ == block_.size()) {
    if (next_block_ == stream_->blocks_.size()) return false;
    at_ = 0;
    if (auto read = stream_->file_->read(stream_->blocks_[next_block_], block_); !read) {
      block_.clear();
      return std::move(read).error();
    }
    ++next_block_;
  }
  const std::size_t size = load_u32(block_.data() + at_);
  record = std::string_view(block_).substr(at_ + kSizeBytes, size);
  at_ += kSizeBytes + size;
  return true;
}

}  // namespace quire::query
