#include "storage/shard_marker_format.h"

#include "base/bytes.h"
#include "base/hash.h"

// magic "QUIRE-SHARD\n" (12), format u32, sequence u64, manifest number u64, manifest bytes u64, CRC32C of
// all before it u32. Every later format keeps the magic, the place of its number, and the checksum in the
// last four bytes: so a program tells another version from damage.
namespace quire::storage {

namespace {
constexpr std::string_view kMagic = "QUIRE-SHARD\n";
constexpr std::size_t kChecksumBytes = 4;
}  // namespace

std::string encode(const ShardMarker& marker) {
  std::string out(kMagic);
  put_u32(out, kShardFormat);
  put_u64(out, marker.sequence);
  put_u64(out, marker.manifest_number);
  put_u64(out, marker.manifest_bytes);
  put_u64(out, marker.log_number);
  put_u64(out, marker.log_bytes);
  put_u32(out, crc32c(out));
  return out;
}

Result<ShardMarker> decode_marker(std::string_view bytes) {
  if (bytes.size() < kMagic.size() + 4 + kChecksumBytes || !bytes.starts_with(kMagic)) {
    return Error(ErrorCode::corrupt, "is not a shard's marker");
  }
  const auto body = bytes.substr(0, bytes.size() - kChecksumBytes);
  if (load_u32(bytes.data() + body.size()) != crc32c(body)) {
    return Error(ErrorCode::corrupt, "is damaged: its checksum does not fit");
  }
  ByteReader reader(body.substr(kMagic.size()));
  const std::uint32_t format = reader.u32();
  if (format != kShardFormat) {
    return Error(ErrorCode::invalid, "is of format " + std::to_string(format) +
                                         "; this program reads format " + std::to_string(kShardFormat));
  }
  ShardMarker marker;
  marker.sequence = reader.u64();
  marker.manifest_number = reader.u64();
  marker.manifest_bytes = reader.u64();
  marker.log_number = reader.u64();
  marker.log_bytes = reader.u64();
  if (!reader.done()) return Error(ErrorCode::corrupt, "has the wrong length");
  return marker;
}

}  // namespace quire::storage
