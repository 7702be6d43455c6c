#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "storage/log_scan.h"
#include "storage/shard_marker_format.h"

namespace quire::storage {

// RocksDB takes the first damage of a write-ahead log for its end, and the last damaged record of a manifest
// for one that was never written whole. After a power cut it is right; after a flipped bit it would drop
// acknowledged writes without a word. These checks tell the two apart, before RocksDB is let near the files.

// What every write of a store ends with: everything up to this sequence number was on the disk when it was
// written. Stands in the log alone, as a remark that recovery skips.
std::string encode_vouch(std::uint64_t durable_sequence);

// Makes the logs durable as they are (a process that was killed, or whose fsync failed, leaves bytes that
// only the page cache holds, and the next log would be synced without them), then checks that no record is
// missing that a later one, or the marker, vouches for. corrupt: names the log and the place. What is torn and
// nobody vouches for is cut off, as recovery would leave it out: whoever lists the logs of an open store reads
// the first record of each.
Status check_logs(rocksdb::FileSystem& files, const std::string& directory, const ShardMarker& marker);
// The second half of check_logs(), which changes nothing.
Status check_chain(rocksdb::FileSystem& files, const std::string& directory, const ShardMarker& marker);
// Checks that the manifest in use is whole as far as the marker knows it.
Status check_manifest(rocksdb::FileSystem& files, const std::string& directory, const ShardMarker& marker);

// A log while it is laid down anew; a crash leaves it behind, for the next open to write over.
inline constexpr char kLogCopyName[] = "log.next";

// The number of the manifest that CURRENT names.
Result<std::uint64_t> current_manifest(rocksdb::FileSystem& files, const std::string& directory);
std::string manifest_path(const std::string& directory, std::uint64_t number);
// The number of "000012.log" or "MANIFEST-000012"; 0 for any other name.
std::uint64_t log_number(std::string_view name);
std::uint64_t manifest_number(std::string_view name);

}  // namespace quire::storage
