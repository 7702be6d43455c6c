#include "storage/copy.h"
#include "storage/files.h"
#include "storage/log_check.h"
#include "storage/rocksdb_status.h"
#include "storage/rocksdb_store.h"

// Tables and blob files are compared with the checksum of the whole file that the manifest holds, so that a
// byte that no block covers is found too. Logs and manifests are read record by record, as far as they were
// synced: behind that a write may be under way.
namespace quire::storage {

Status RocksStore::verify(const std::function<void(const std::string&)>& damaged) {
  const Damaged report = [&](const std::string& finding) {
    parts_.health->fail(Error(ErrorCode::corrupt, finding));
    damaged(finding);
  };
  QUIRE_TRY_STATUS(verify_small_files(report));
  QUIRE_TRY_STATUS(verify_logs(report));
  return verify_tables(report);
}

Status RocksStore::verify_small_files(const Damaged& damaged) {
  auto& files = *parts_.files;
  const std::string marker_path = parts_.directory + "/" + kMarkerName;
  QUIRE_TRY(const auto marker, read_file(files, marker_path));
  if (const auto decoded = decode_marker(marker); !decoded)
    damaged(marker_path + " " + decoded.error().message());

  const auto manifest = current_manifest(files, parts_.directory);
  if (!manifest) damaged(manifest.error().message());

  const std::string identity_path = parts_.directory + "/IDENTITY";
  std::string identity;
  QUIRE_TRY_STATUS(
      to_status(database().GetDbIdentity(identity), "ask for the identity of " + parts_.directory));
  const auto stored = read_file(files, identity_path);
  if (!stored) return stored.error().code() == ErrorCode::not_found ? ok() : Status(stored.error());
  if (*stored != identity) damaged(identity_path + " is damaged");
  return ok();
}

Status RocksStore::verify_logs(const Damaged& damaged) {
  ShardMarker known;
  known.sequence = durable_.load();
  QUIRE_TRY(const auto names, list_directory(*parts_.files, parts_.directory));
  for (const auto& name : names) {
    const std::uint64_t synced = parts_.files->synced_bytes(name);
    if (synced == 0) continue;
    const std::string path = parts_.directory + "/" + name;
    auto scan = LogScan::open(*parts_.files, path);
    if (!scan) continue;  // removed meanwhile, as logs are after a flush
    std::uint64_t whole = 0;
    for (bool more = true; more && whole < synced;) {
      QUIRE_TRY(const auto record, scan->next());
      more = record.has_value() && !scan->damage();
      if (more) whole = record->end;
    }
    if (whole < synced) damaged(path + " is damaged behind byte " + std::to_string(whole));
  }
  const Status chained = check_chain(*parts_.files, parts_.directory, known);
  if (!chained && chained.error().code() == ErrorCode::corrupt) damaged(chained.error().message());
  return ok();
}

Status RocksStore::verify_tables(const Damaged& damaged) {
  rocksdb::LiveFilesStorageInfoOptions options;
  options.include_checksum_info = true;
  options.wal_size_for_flush = UINT64_MAX;
  std::vector<rocksdb::LiveFileStorageInfo> live;
  QUIRE_TRY_STATUS(
      to_status(database().GetLiveFilesStorageInfo(options, &live), "list the files of " + parts_.directory));
  for (const auto& file : live) {
    const bool table = file.file_type == rocksdb::kTableFile || file.file_type == rocksdb::kBlobFile;
    if (!table || closing_) continue;
    const std::string path = file.directory + "/" + file.relative_filename;
    const auto checksum = table_checksum(*parts_.files, path);
    if (checksum && *checksum == file.file_checksum) continue;
    // A compaction may have replaced it since it was listed.
    if (!checksum && checksum.error().code() == ErrorCode::not_found) continue;
    damaged(path + (checksum ? " is damaged: its checksum does not fit" : ": " + checksum.error().message()));
  }
  return ok();
}

}  // namespace quire::storage
