#include "storage/log_scan.h"

#include <algorithm>

#include "base/hash.h"
#include "storage/rocksdb_status.h"

// A file is a run of blocks of 32 KiB. A block is a run of pieces: CRC32C of type and payload, masked (u32),
// length of the payload (u16), type (u8), payload; all little-endian. A record is one piece (full) or several
// (first, middle, last). Fewer than seven bytes at the end of a block are zeros. Space that was reserved and
// never written is zeros too.
namespace quire::storage {

namespace {

constexpr std::size_t kBlock = 32768;
constexpr std::size_t kHeader = 7;
enum PieceType : std::uint8_t { kZero = 0, kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

std::uint32_t little_u32(const char* at) {
  std::uint32_t value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

std::uint16_t little_u16(const char* at) {
  std::uint16_t value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

// A checksum over bytes that hold checksums is rotated and moved, so that it is not its own.
std::uint32_t unmask(std::uint32_t masked) {
  const std::uint32_t rotated = masked - 0xA282EAD8U;
  return (rotated >> 17) | (rotated << 15);
}

void keep_last(std::string& tail, std::string_view bytes) {
  tail.append(bytes.substr(bytes.size() - std::min(bytes.size(), kLogTailBytes)));
  if (tail.size() > kLogTailBytes) tail.erase(0, tail.size() - kLogTailBytes);
}

}  // namespace

Result<LogScan> LogScan::open(rocksdb::FileSystem& files, const std::string& path) {
  std::unique_ptr<rocksdb::FSSequentialFile> file;
  const auto status = files.NewSequentialFile(path, rocksdb::FileOptions(), &file, nullptr);
  if (!status.ok()) return to_error(status, "open " + path);
  return LogScan(std::move(file), path);
}

Status LogScan::read_block() {
  block_offset_ += block_.size();
  block_.resize(kBlock);
  at_ = 0;
  std::size_t filled = 0;
  while (filled < kBlock) {
    rocksdb::Slice read;
    char* space = block_.data() + filled;
    const auto status = file_->Read(kBlock - filled, rocksdb::IOOptions(), &read, space, nullptr);
    if (!status.ok()) return to_error(status, "read " + path_);
    if (read.empty()) break;
    if (read.data() != space) std::memmove(space, read.data(), read.size());
    filled += read.size();
  }
  last_block_ = filled < kBlock;
  block_.resize(filled);
  return ok();
}

// The piece that begins at a place of the block, where a whole one with a checksum that fits does.
std::optional<LogScan::Piece> LogScan::piece_at(std::size_t at) const {
  if (block_.size() - at < kHeader) return std::nullopt;
  const char* header = block_.data() + at;
  const std::size_t length = little_u16(header + 4);
  const auto type = static_cast<std::uint8_t>(header[6]);
  if (type < kFull || type > kLast || block_.size() - at - kHeader < length) return std::nullopt;
  const std::string_view covered(header + 6, length + 1);
  if (crc32c(covered) != unmask(little_u32(header))) return std::nullopt;
  return Piece{type, block_offset_ + at, covered.substr(1)};
}

// Skips what is no piece byte by byte: after damage nothing says where the next one begins.
Result<std::optional<LogScan::Piece>> LogScan::next_piece() {
  for (;;) {
    if (at_ >= block_.size()) {
      if (last_block_) return std::optional<Piece>();
      QUIRE_TRY_STATUS(read_block());
      continue;
    }
    if (auto piece = piece_at(at_)) {
      at_ += kHeader + piece->payload.size();
      return std::optional<Piece>(*piece);
    }
    skip();
  }
}

// Steps over a byte that begins no piece. In zeros the next piece begins at most six bytes before the first
// byte that is none, since its type is none.
void LogScan::skip() {
  const std::size_t bytes = std::min(block_.find_first_not_of('\0', at_), block_.size());
  const bool zeros = bytes == block_.size();
  const bool unused = zeros && (last_block_ || block_.size() - at_ < kHeader);
  if (!unused) note_damage(block_offset_ + at_);
  if (zeros) {
    at_ = block_.size();
  } else {
    at_ = std::max(at_ + 1, bytes - std::min(bytes, kHeader - 1));
  }
}

void LogScan::note_damage(std::uint64_t offset) {
  gap_ = true;
  if (!damage_) damage_ = offset;
}

void LogScan::add(const Piece& piece) {
  if (record_.head.size() < kLogHeadBytes) {
    record_.head.append(piece.payload.substr(0, kLogHeadBytes - record_.head.size()));
  }
  keep_last(record_.tail, piece.payload);
  record_.end = piece.offset + kHeader + piece.payload.size();
}

Result<std::optional<LogRecord>> LogScan::next() {
  for (;;) {
    QUIRE_TRY(const auto piece, next_piece());
    if (!piece) {
      if (partial_) note_damage(record_.offset);
      partial_ = false;
      return std::optional<LogRecord>();
    }
    const bool begins = piece->type == kFull || piece->type == kFirst;
    // Damage inside a record, or a record whose beginning or end is missing.
    if (partial_ && (begins || gap_)) {
      note_damage(record_.offset);
      partial_ = false;
    }
    if (begins) {
      record_ = LogRecord{piece->offset, 0, gap_, {}, {}};
      partial_ = true;
      gap_ = false;
    } else if (!partial_) {
      note_damage(piece->offset);
      continue;
    }
    add(*piece);
    if (piece->type == kFirst || piece->type == kMiddle) continue;
    partial_ = false;
    return std::optional<LogRecord>(std::move(record_));
  }
}

}  // namespace quire::storage
