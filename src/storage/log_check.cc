#include "storage/log_check.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "storage/copy.h"
#include "storage/files.h"
#include "storage/rocksdb_status.h"

// The head of a write-ahead log's record is that of RocksDB's batch: the sequence number of its first change
// (u64) and the count of its changes (u32), little-endian. Its tail is the vouch: type and length of a remark
// (0x03, 10), then our ten bytes.
namespace quire::storage {

namespace {

constexpr std::string_view kVouchMagic = "QV";
constexpr std::string_view kRemark = "\x03\x0A";
constexpr std::size_t kRemarkBytes = 12;

struct Written {
  std::uint64_t first = 0;   // sequence number
  std::uint64_t behind = 0;  // of the next record
  std::uint64_t vouch = 0;
};

std::uint64_t little(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i > 0; --i)
    value = value << 8 | static_cast<unsigned char>(bytes[i - 1]);
  return value;
}

std::uint64_t vouch_of(std::string_view tail) {
  if (tail.size() < kRemarkBytes) return 0;
  tail.remove_prefix(tail.size() - kRemarkBytes);
  if (!tail.starts_with(kRemark) || tail.substr(2, 2) != kVouchMagic) return 0;
  return load_u64(tail.data() + 4);
}

// A record too short for a batch carries nothing that could be missing.
std::optional<Written> parse(const LogRecord& record) {
  if (record.head.size() < kLogHeadBytes) return std::nullopt;
  const std::uint64_t first = little(std::string_view(record.head).substr(0, 8));
  const std::uint64_t count = little(std::string_view(record.head).substr(8));
  return Written{first, first + count, vouch_of(record.tail)};
}

struct TornLog {
  std::string path;
  std::uint64_t whole_bytes = 0;  // of the records before the first damage
};

// Follows the sequence numbers through the logs, oldest first.
class Chain {
 public:
  explicit Chain(const ShardMarker& marker) : floor_(marker.sequence) {}

  Status follow(rocksdb::FileSystem& files, const std::string& path) {
    QUIRE_TRY(auto scan, LogScan::open(files, path));
    std::uint64_t whole_bytes = 0;
    for (;;) {
      QUIRE_TRY(const auto record, scan.next());
      note_damage(path, scan.damage());
      if (record && !scan.damage()) whole_bytes = record->end;
      if (!record) break;
      if (const auto written = parse(*record)) QUIRE_TRY_STATUS(add(*written));
    }
    if (scan.damage()) torn_.push_back({path, whole_bytes});
    return ok();
  }

  // What the marker vouches for has no record behind it.
  Status end() const {
    if (!damaged() || !next_ || *next_ > floor_) return ok();
    return missing(*next_, floor_);
  }
  bool found_nothing() const { return !next_; }
  // Where no call failed: what is behind the whole bytes of these was never acknowledged.
  const std::vector<TornLog>& torn() const { return torn_; }

 private:
  bool damaged() const { return !damaged_path_.empty(); }

  void note_damage(const std::string& path, const std::optional<std::uint64_t>& at) {
    if (!at || path == damaged_path_) return;
    damaged_path_ = path;
    damaged_at_ = *at;
  }

  Status add(const Written& written) {
    // Before the first record that can be read, at least the one just before it is lost.
    if (!next_) next_ = damaged() ? written.first - 1 : written.first;
    const std::uint64_t vouch = std::max(written.vouch, floor_);
    if (damaged() && written.first > *next_) {
      if (vouch >= *next_) return missing(*next_, std::min(vouch, written.first - 1));
      return ok();
    }
    next_ = std::max(*next_, written.behind);
    return ok();
  }

  Status missing(std::uint64_t first, std::uint64_t last) const {
    return Error(ErrorCode::corrupt, damaged_path_ + " is damaged at byte " + std::to_string(damaged_at_) +
                                         ": the writes " + std::to_string(first) + " to " +
                                         std::to_string(last) + " had been on the disk and cannot be read");
  }

  const std::uint64_t floor_;
  std::optional<std::uint64_t> next_;  // the sequence number that the next record should have
  std::string damaged_path_;
  std::uint64_t damaged_at_ = 0;
  std::vector<TornLog> torn_;
};

Result<std::vector<std::uint64_t>> log_numbers(rocksdb::FileSystem& files, const std::string& directory) {
  QUIRE_TRY(const auto names, list_directory(files, directory));
  std::vector<std::uint64_t> numbers;
  for (const auto& name : names) {
    if (const std::uint64_t number = log_number(name); number != 0) numbers.push_back(number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

std::string padded(std::uint64_t number) {
  const std::string digits = std::to_string(number);
  return digits.size() < 6 ? std::string(6 - digits.size(), '0') + digits : digits;
}

std::string log_path(const std::string& directory, std::uint64_t number) {
  return directory + "/" + padded(number) + ".log";
}

std::uint64_t number_in(std::string_view digits) {
  std::uint64_t number = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool whole = failed == std::errc() && end == digits.data() + digits.size();
  return whole ? number : 0;
}

// Puts the first `bytes` of a log in its place, in one step; durable when the directory is synced.
Status lay_down(rocksdb::FileSystem& files, const std::string& directory, const std::string& path,
                std::uint64_t bytes) {
  const std::string copy = directory + "/" + kLogCopyName;
  QUIRE_TRY_STATUS(copy_file(files, path, copy, bytes));
  return rename_file(files, copy, path);
}

// Lays a log down anew, unless the marker knows that all of it is on the disk. To sync it as it is would not
// do: what a failed fsync should have written is marked clean in the page cache, and no later fsync writes
// it.
Status secure_log(rocksdb::FileSystem& files, const std::string& directory, std::uint64_t number,
                  const ShardMarker& marker) {
  const std::string path = log_path(directory, number);
  QUIRE_TRY(const std::uint64_t bytes, file_size(files, path));
  if (number < marker.log_number || (number == marker.log_number && bytes == marker.log_bytes)) return ok();
  return lay_down(files, directory, path, bytes);
}

Result<Chain> follow_logs(rocksdb::FileSystem& files, const std::string& directory,
                          const ShardMarker& marker) {
  QUIRE_TRY(const auto numbers, log_numbers(files, directory));
  Chain chain(marker);
  bool held_records = false;
  for (const std::uint64_t number : numbers) {
    QUIRE_TRY_STATUS(chain.follow(files, log_path(directory, number)));
    held_records = held_records || (number == marker.log_number && marker.log_bytes > 0);
  }
  QUIRE_TRY_STATUS(chain.end());
  if (!held_records || !chain.found_nothing()) return chain;
  return Error(ErrorCode::corrupt, log_path(directory, marker.log_number) + " held records and has none");
}

}  // namespace

std::string encode_vouch(std::uint64_t durable_sequence) {
  std::string out(kVouchMagic);
  put_u64(out, durable_sequence);
  return out;
}

Status check_logs(rocksdb::FileSystem& files, const std::string& directory, const ShardMarker& marker) {
  QUIRE_TRY(const auto numbers, log_numbers(files, directory));
  for (const std::uint64_t number : numbers) QUIRE_TRY_STATUS(secure_log(files, directory, number, marker));
  QUIRE_TRY_STATUS(numbers.empty() ? ok() : sync_directory(files, directory));
  QUIRE_TRY(const Chain chain, follow_logs(files, directory, marker));
  for (const TornLog& torn : chain.torn())
    QUIRE_TRY_STATUS(lay_down(files, directory, torn.path, torn.whole_bytes));
  return chain.torn().empty() ? ok() : sync_directory(files, directory);
}

Status check_chain(rocksdb::FileSystem& files, const std::string& directory, const ShardMarker& marker) {
  QUIRE_TRY_STATUS(follow_logs(files, directory, marker));
  return ok();
}

Result<std::uint64_t> current_manifest(rocksdb::FileSystem& files, const std::string& directory) {
  const std::string path = directory + "/CURRENT";
  QUIRE_TRY(const auto text, read_file(files, path));
  const bool line = text.ends_with('\n');
  const std::uint64_t number = line ? manifest_number(std::string_view(text).substr(0, text.size() - 1)) : 0;
  if (number == 0) return Error(ErrorCode::corrupt, path + " is damaged: it names no manifest");
  if (exists(files, directory + "/" + text.substr(0, text.size() - 1))) return number;
  return Error(ErrorCode::corrupt,
               path + " is damaged, or " + text.substr(0, text.size() - 1) + " is missing");
}

Status check_manifest(rocksdb::FileSystem& files, const std::string& directory, const ShardMarker& marker) {
  QUIRE_TRY(const std::uint64_t number, current_manifest(files, directory));
  if (number < marker.manifest_number) {
    return Error(ErrorCode::corrupt, directory + "/CURRENT names an older manifest than was in use");
  }
  const std::string path = manifest_path(directory, number);
  QUIRE_TRY(auto scan, LogScan::open(files, path));
  std::uint64_t whole = 0;
  for (;;) {
    QUIRE_TRY(const auto record, scan.next());
    if (number == marker.manifest_number && scan.damage() && *scan.damage() < marker.manifest_bytes) {
      return Error(ErrorCode::corrupt, path + " is damaged at byte " + std::to_string(*scan.damage()));
    }
    if (!record) break;
    whole = record->end;
  }
  if (number != marker.manifest_number || whole >= marker.manifest_bytes) return ok();
  return Error(ErrorCode::corrupt, path + " ends at byte " + std::to_string(whole) + " and had reached " +
                                       std::to_string(marker.manifest_bytes));
}

std::string manifest_path(const std::string& directory, std::uint64_t number) {
  return directory + "/MANIFEST-" + padded(number);
}

std::uint64_t log_number(std::string_view name) {
  return name.ends_with(".log") ? number_in(name.substr(0, name.size() - 4)) : 0;
}

std::uint64_t manifest_number(std::string_view name) {
  return name.starts_with("MANIFEST-") ? number_in(name.substr(9)) : 0;
}

}  // namespace quire::storage
