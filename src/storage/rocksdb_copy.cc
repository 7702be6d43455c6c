#include <algorithm>

#include "storage/copy.h"
#include "storage/files.h"
#include "storage/log_check.h"
#include "storage/rocksdb_status.h"
#include "storage/rocksdb_store.h"
#include "storage/tuning.h"

// A copy is made under another name and gets its own at the end, when all of it is on the disk.
namespace quire::storage {

namespace {

bool is_table(const rocksdb::LiveFileStorageInfo& file) {
  return file.file_type == rocksdb::kTableFile || file.file_type == rocksdb::kBlobFile;
}

Status link_file(rocksdb::FileSystem& files, const std::string& from, const std::string& to) {
  return to_status(files.LinkFile(from, to, rocksdb::IOOptions(), nullptr), "link " + from);
}

// Whether `path` is a table as `file` describes it. Its name and its length say much, its checksum the rest.
bool holds_same(rocksdb::FileSystem& files, const std::string& path,
                const rocksdb::LiveFileStorageInfo& file) {
  const auto bytes = file_size(files, path);
  if (!bytes || *bytes != file.size) return false;
  const auto checksum = table_checksum(files, path);
  return checksum && *checksum == file.file_checksum;
}

Status place(rocksdb::FileSystem& files, const rocksdb::LiveFileStorageInfo& file,
             const std::string& directory, const std::string& previous) {
  const std::string from = file.directory + "/" + file.relative_filename;
  const std::string to = directory + "/" + file.relative_filename;
  if (!file.replacement_contents.empty()) return write_file(files, to, file.replacement_contents);
  if (!is_table(file)) return copy_file(files, from, to, file.size);
  if (link_file(files, from, to)) return ok();
  const std::string earlier = previous + "/" + file.relative_filename;
  if (!previous.empty() && holds_same(files, earlier, file) && link_file(files, earlier, to)) return ok();
  return copy_file(files, from, to, file.size);
}

// What the copy of a shard must at least hold.
ShardMarker marker_of(const std::vector<rocksdb::LiveFileStorageInfo>& copied, std::uint64_t sequence) {
  ShardMarker marker;
  marker.sequence = sequence;
  for (const auto& file : copied) {
    if (file.file_type == rocksdb::kDescriptorFile) {
      marker.manifest_number = file.file_number;
      marker.manifest_bytes = file.size;
    }
    const bool last_log = file.file_type == rocksdb::kWalFile && file.file_number > marker.log_number;
    if (last_log && file.size > 0) {
      marker.log_number = file.file_number;
      marker.log_bytes = file.size;
    }
  }
  return marker;
}

}  // namespace

Status RocksStore::checkpoint(const std::string& wanted, const std::string& previous) {
  const std::string directory = absolute_path(wanted);
  if (exists(*parts_.files, directory)) return Error(ErrorCode::exists, directory + " exists");
  const std::string partial = directory + ".partial";
  QUIRE_TRY_STATUS(remove_tree(*parts_.files, partial));
  QUIRE_TRY_STATUS(make_directories(*parts_.files, partial));
  QUIRE_TRY_STATUS(to_status(database().DisableFileDeletions(), "keep the files of " + parts_.directory));
  Status copied = copy_files(partial, previous.empty() ? previous : absolute_path(previous));
  const auto enabled = database().EnableFileDeletions(false);
  if (copied) copied = to_status(enabled, "let files of " + parts_.directory + " go");
  if (copied) copied = rename_file(*parts_.files, partial, directory);
  if (copied) return sync_directory(*parts_.files, parent_of(directory));
  // What cannot be removed is named so that nobody takes it for a copy.
  const Status removed = remove_tree(*parts_.files, partial);
  return removed || !copied ? copied : removed;
}

// A store that takes no writes cannot flush; its log is copied then, as a short one is always.
Status RocksStore::copy_files(const std::string& directory, const std::string& previous) {
  const std::uint64_t sequence = database().GetLatestSequenceNumber();
  rocksdb::LiveFilesStorageInfoOptions options;
  options.include_checksum_info = true;
  options.wal_size_for_flush = parts_.health->failed() ? UINT64_MAX : kLogLeftAtClose;
  std::vector<rocksdb::LiveFileStorageInfo> live;
  QUIRE_TRY_STATUS(
      to_status(database().GetLiveFilesStorageInfo(options, &live), "list the files of " + parts_.directory));
  std::erase_if(live, [](const auto& file) { return file.file_type == rocksdb::kOptionsFile; });
  for (const auto& file : live) QUIRE_TRY_STATUS(place(*parts_.files, file, directory, previous));
  QUIRE_TRY_STATUS(
      write_file(*parts_.files, directory + "/" + kMarkerName, encode(marker_of(live, sequence))));
  return sync_directory(*parts_.files, directory);
}

}  // namespace quire::storage
