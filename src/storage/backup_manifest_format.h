#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace quire::storage {

inline constexpr std::uint32_t kBackupFormat = 1;
inline constexpr char kBackupManifestName[] = "QUIRE-BACKUP";

struct BackedUpFile {
  std::string name;  // without directory
  std::uint64_t bytes = 0;
  std::array<char, 32> digest{};  // BLAKE2b of 32 bytes

  friend bool operator==(const BackedUpFile&, const BackedUpFile&) = default;
};

// The file QUIRE-BACKUP: what a backup consists of.
std::string encode(const std::vector<BackedUpFile>& files);
// corrupt: not such a file, or damaged; invalid: of another version. Messages fit after the name of the file.
Result<std::vector<BackedUpFile>> decode_backup_manifest(std::string_view bytes);

}  // namespace quire::storage
