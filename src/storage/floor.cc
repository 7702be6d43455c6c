#include "storage/floor.h"

#include <algorithm>

#include "storage/files.h"
#include "storage/log_check.h"

namespace quire::storage {

Status Floor::raise(std::uint64_t sequence) {
  const std::lock_guard lock(mutex_);
  ShardMarker marker = marker_;
  marker.sequence = std::max(marker.sequence, sequence);
  return raise(marker);
}

Status Floor::raise_at_close(std::uint64_t sequence) {
  const std::lock_guard lock(mutex_);
  ShardMarker marker = marker_;
  marker.sequence = std::max(marker.sequence, sequence);
  QUIRE_TRY(const auto names, list_directory(*files_, directory_));
  for (const auto& name : names) {
    const std::uint64_t bytes = files_->synced_bytes(name);
    if (bytes == 0 || log_number(name) <= marker.log_number) continue;
    marker.log_number = log_number(name);
    marker.log_bytes = bytes;
  }
  return raise(marker);
}

// The manifest is as long as it was synced: what another thread is appending may be lost yet.
Status Floor::raise(ShardMarker marker) {
  QUIRE_TRY(const std::uint64_t manifest, current_manifest(*files_, directory_));
  marker.manifest_number = manifest;
  marker.manifest_bytes = files_->synced_bytes(name_of(manifest_path(directory_, manifest)));
  if (marker == marker_) return ok();
  QUIRE_TRY_STATUS(replace_file(*files_, directory_, kMarkerName, encode(marker)));
  marker_ = marker;
  return ok();
}

}  // namespace quire::storage
