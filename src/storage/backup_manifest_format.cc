#include "storage/backup_manifest_format.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/hash.h"

// magic "QUIRE-BACKUP\n" (13), format u32, count of files varint; a file: name (varint length, bytes), length
// varint, digest (32); CRC32C of all before it u32. Later formats keep magic, place of the format and
// checksum.
namespace quire::storage {

namespace {
constexpr std::string_view kMagic = "QUIRE-BACKUP\n";
constexpr std::size_t kChecksumBytes = 4;

// A name leads to a file beside the others and nowhere else.
bool is_plain_name(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos &&
         name.find('\0') == std::string_view::npos;
}
}  // namespace

std::string encode(const std::vector<BackedUpFile>& files) {
  std::string out(kMagic);
  put_u32(out, kBackupFormat);
  put_varint(out, files.size());
  for (const auto& file : files) {
    put_string(out, file.name);
    put_varint(out, file.bytes);
    out.append(file.digest.data(), file.digest.size());
  }
  put_u32(out, crc32c(out));
  return out;
}

Result<std::vector<BackedUpFile>> decode_backup_manifest(std::string_view bytes) {
  if (bytes.size() < kMagic.size() + 4 + kChecksumBytes || !bytes.starts_with(kMagic)) {
    return Error(ErrorCode::corrupt, "is not the manifest of a backup");
  }
  const auto body = bytes.substr(0, bytes.size() - kChecksumBytes);
  if (load_u32(bytes.data() + body.size()) != crc32c(body)) {
    return Error(ErrorCode::corrupt, "is damaged: its checksum does not fit");
  }
  ByteReader reader(body.substr(kMagic.size()));
  if (const std::uint32_t format = reader.u32(); format != kBackupFormat) {
    return Error(ErrorCode::invalid, "is of format " + std::to_string(format) +
                                         "; this program reads format " + std::to_string(kBackupFormat));
  }
  std::vector<BackedUpFile> files;
  for (std::uint64_t left = reader.varint(); left > 0 && reader.ok(); --left) {
    BackedUpFile file;
    file.name = reader.string();
    file.bytes = reader.varint();
    const auto digest = reader.bytes(file.digest.size());
    if (!reader.ok() || !is_plain_name(file.name))
      return Error(ErrorCode::corrupt, "lists no sound file names");
    std::copy(digest.begin(), digest.end(), file.digest.begin());
    files.push_back(std::move(file));
  }
  if (!reader.done()) return Error(ErrorCode::corrupt, "has the wrong length");
  return files;
}

}  // namespace quire::storage
