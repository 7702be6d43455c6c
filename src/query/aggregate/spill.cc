// A block holds whole records, each behind its size in four bytes. A record that is larger than a block has
// one of its own. Where the blocks are, and what they must sum to, is only in memory.
#include "query/aggregate/spill.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/bytes.h"
#include "base/hash.h"
#include "query/aggregate/tuning.h"

namespace quire::query {

namespace {
constexpr std::size_t kSizeBytes = 4;
constexpr int kNameAttempts = 100;

Error failure(const char* what, int error) {
  const std::string reason = std::generic_category().message(error);
  if (error == ENOSPC || error == EDQUOT)
    return {ErrorCode::exhausted, "no space is left for what a query spills to disk"};
  return {ErrorCode::io, std::string("a query's temporary file: ") + what + ": " + reason};
}

// For file systems that make no file without a name.
int open_and_unlink(const std::string& directory) {
  for (int i = 0; i < kNameAttempts; ++i) {
    const std::string path =
        directory + "/spill-" + std::to_string(::getpid()) + "-" + std::to_string(i) + ".tmp";
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (descriptor < 0 && errno == EEXIST) continue;
    if (descriptor >= 0) ::unlink(path.c_str());
    return descriptor;
  }
  return -1;
}

int open_nameless(const std::string& directory) {
  const int descriptor = ::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor >= 0 || (errno != EOPNOTSUPP && errno != EISDIR)) return descriptor;
  return open_and_unlink(directory);
}
}  // namespace

Result<std::unique_ptr<SpillBlocks>> SpillBlocks::open(Run& run) {
  if (run.budget.spill_directory.empty()) {
    return Error(ErrorCode::exhausted,
                 "the query needs more memory than it may take, and it may not use the disk; an index that "
                 "serves its sort, or a narrower filter, would help")
        .over(run.budget.memory_bytes);
  }
  const int descriptor = open_nameless(run.budget.spill_directory);
  if (descriptor < 0) return failure("open", errno);
  return std::unique_ptr<SpillBlocks>(new SpillBlocks(run, descriptor));
}

SpillBlocks::~SpillBlocks() { ::close(descriptor_); }

Result<SpillBlocks::Block> SpillBlocks::append(std::string_view bytes) {
  if (bytes.size() > run_.budget.spilled_bytes - std::min(run_.spilled, run_.budget.spilled_bytes)) {
    return Error(ErrorCode::exhausted,
                 "the query spills more to disk than it may; a narrower filter would help")
        .over(run_.budget.spilled_bytes);
  }
  const Block block{size_, static_cast<std::uint32_t>(bytes.size()), crc32c(bytes)};
  while (!bytes.empty()) {
    const ::ssize_t written = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<::off_t>(size_));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return failure("write", written == 0 ? ENOSPC : errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
    size_ += static_cast<std::uint64_t>(written);
  }
  run_.spilled += block.size;
  return block;
}

std::size_t SpillBlocks::block_bytes() const {
  const std::uint64_t share = run_.budget.memory_bytes / kSpillBlockShare;
  return static_cast<std::size_t>(std::clamp<std::uint64_t>(share, kLeastSpillBlockBytes, kSpillBlockBytes));
}

Status SpillBlocks::read(const Block& block, std::string& out) const {
  out.resize(block.size);
  std::size_t done = 0;
  while (done < block.size) {
    const ::ssize_t count =
        ::pread(descriptor_, out.data() + done, block.size - done, static_cast<::off_t>(block.offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failure("read", errno);
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  if (done < block.size || crc32c(out) != block.checksum)
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
