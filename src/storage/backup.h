#pragma once

#include <functional>
#include <string>

#include "storage/open.h"

namespace quire::storage {

// A backup is a directory: a copy of a shard in shard/, and the file QUIRE-BACKUP, which names each of its
// files with length and BLAKE2b digest (docs/formats/shard-files.md). It is made under the name directory +
// ".partial" and gets its own when all of it is on the disk. Errors of all calls: io; corrupt, with the path
// of the file at fault; exists, where the directory to be made is there already.

struct BackupOptions {
  // An earlier backup of the same store on the disk of the new one: tables that did not change are linked
  // from it, not copied, so that a backup a day costs what changed in a day. Each stays whole when others are
  // removed.
  std::string previous;
};

// Copies the store as it is now, while others read and write it.
Status backup(Store& store, const std::string& directory, const BackupOptions& options = {});

// Makes a shard in `target`, which must not exist, from a backup on the local disk. Everything is compared
// with QUIRE-BACKUP on the way; damage or a missing file leaves no target.
Status restore(const std::string& backup, const std::string& target);

// Reads every file of a backup; calls `damaged` with a line a finding, which names the file. not_found or
// corrupt where there is no backup to read.
Status verify_backup(const std::string& backup, const std::function<void(const std::string&)>& damaged);

}  // namespace quire::storage
