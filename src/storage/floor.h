#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "storage/file_system.h"
#include "storage/shard_marker_format.h"

namespace quire::storage {

// Keeps the marker of an open shard: what must be there at the next open only grows. Every method may be
// called from every thread.
class Floor {
 public:
  Floor(std::shared_ptr<ShardFileSystem> files, std::string directory, const ShardMarker& known)
      : files_(std::move(files)), directory_(std::move(directory)), marker_(known) {}

  // Every write up to `sequence` is on the disk. Replaces the marker, durably.
  Status raise(std::uint64_t sequence);
  // The same of a shard that is closed: its last log is whole as it is.
  Status raise_at_close(std::uint64_t sequence);

 private:
  Status raise(ShardMarker marker);

  const std::shared_ptr<ShardFileSystem> files_;
  const std::string directory_;
  std::mutex mutex_;
  ShardMarker marker_;
};

}  // namespace quire::storage
