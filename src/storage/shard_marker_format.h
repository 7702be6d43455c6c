#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace quire::storage {

// The file QUIRE-SHARD, which makes a directory a shard (docs/formats/shard-files.md). It also says what must
// at least be there: damage at the end of a log or manifest looks like a write that a power cut tore, unless
// something else knows that these bytes had reached the disk.
struct ShardMarker {
  std::uint64_t sequence = 0;         // every write up to this one
  std::uint64_t manifest_number = 0;  // the manifest in use, and its length
  std::uint64_t manifest_bytes = 0;
  std::uint64_t log_number = 0;  // the last write-ahead log, and its length
  std::uint64_t log_bytes = 0;

  friend bool operator==(const ShardMarker&, const ShardMarker&) = default;
};

inline constexpr std::uint32_t kShardFormat = 1;
inline constexpr char kMarkerName[] = "QUIRE-SHARD";
// The marker of a shard whose making has not ended: nothing in its directory was ever handed out.
inline constexpr char kNewMarkerName[] = "QUIRE-SHARD.new";

std::string encode(const ShardMarker& marker);
// corrupt: not a marker, or damaged; invalid: a marker of another version. Messages begin in lower case and
// fit after the name of the file.
Result<ShardMarker> decode_marker(std::string_view bytes);

}  // namespace quire::storage
