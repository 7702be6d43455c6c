#pragma once

#include <rocksdb/file_system.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"

namespace quire::storage {

// A record of RocksDB's log format, in which write-ahead logs and manifests are written: what of it is needed
// to say whether records are missing.
struct LogRecord {
  std::uint64_t offset = 0;   // where it begins in the file
  std::uint64_t end = 0;      // and where the next one may begin
  bool after_damage = false;  // bytes between the record before it and this one are no record
  std::string head;           // its first bytes, at most kLogHeadBytes
  std::string tail;           // its last bytes, at most kLogTailBytes
};
inline constexpr std::size_t kLogHeadBytes = 12;
inline constexpr std::size_t kLogTailBytes = 16;

// Reads a log from its beginning and, where RocksDB would stop, goes on to look for whole records behind the
// damage. Keeps one block of 32 KiB in memory. One thread at a time.
class LogScan {
 public:
  static Result<LogScan> open(rocksdb::FileSystem& files, const std::string& path);

  // The next whole record, or none at the end of the file.
  Result<std::optional<LogRecord>> next();
  // The first byte that belongs to no record, where there is one before the bytes read so far end.
  const std::optional<std::uint64_t>& damage() const { return damage_; }

 private:
  struct Piece {
    std::uint8_t type = 0;
    std::uint64_t offset = 0;
    std::string_view payload;
  };
  LogScan(std::unique_ptr<rocksdb::FSSequentialFile> file, std::string path)
      : file_(std::move(file)), path_(std::move(path)) {}

  Status read_block();
  std::optional<Piece> piece_at(std::size_t at) const;
  Result<std::optional<Piece>> next_piece();
  void skip();
  void note_damage(std::uint64_t offset);
  void add(const Piece& piece);

  std::unique_ptr<rocksdb::FSSequentialFile> file_;
  std::string path_;
  std::string block_;
  std::uint64_t block_offset_ = 0;
  std::size_t at_ = 0;
  bool last_block_ = false;
  bool gap_ = false;      // damage since the last whole record
  bool partial_ = false;  // the first piece of a record is read, its last is not
  LogRecord record_;
  std::optional<std::uint64_t> damage_;
};

}  // namespace quire::storage
