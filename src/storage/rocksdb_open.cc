#include "storage/rocksdb_open.h"

#include <rocksdb/listener.h>
#include <sys/resource.h>

#include "storage/environment.h"
#include "storage/files.h"
#include "storage/log_check.h"
#include "storage/rocksdb_options.h"
#include "storage/rocksdb_status.h"
#include "storage/rocksdb_store.h"
#include "storage/shard_marker_format.h"
#include "storage/tuning.h"

// A shard comes into being in one step: its directory is filled under the marker QUIRE-SHARD.new, and the
// rename of that file to QUIRE-SHARD ends the making. What a crash leaves before is nobody's and is made
// anew; a directory that has files and neither marker is somebody else's and is not touched.
namespace quire::storage {

namespace {

enum class Found : std::uint8_t { nothing, unfinished, shard };

// Errors of background work end writing; RocksDB's own recovery is off. What a flush has made durable is
// noted in the marker, since the log that held it is removed.
class StoreListener final : public rocksdb::EventListener {
 public:
  StoreListener(std::shared_ptr<Health> health, std::shared_ptr<Floor> floor)
      : health_(std::move(health)), floor_(std::move(floor)) {}
  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) override {
    health_->fail(to_error(*status, "background work"));
  }
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status, bool* recover) override {
    *recover = false;
  }
  // On the thread that compacts. Requests come first; where they leave it too little, RocksDB slows writers
  // down, and it gets what these do not use.
  void OnCompactionBegin(rocksdb::DB*, const rocksdb::CompactionJobInfo&) override {
    setpriority(PRIO_PROCESS, 0, kCompactionNiceness);
  }
  void OnFlushCompleted(rocksdb::DB*, const rocksdb::FlushJobInfo& flushed) override {
    const Status raised = floor_->raise(flushed.largest_seqno);
    if (!raised) health_->fail(raised.error());
  }

 private:
  const std::shared_ptr<Health> health_;
  const std::shared_ptr<Floor> floor_;
};

bool is_shard_file(std::string_view name) {
  if (name == "CURRENT" || name == "IDENTITY" || name == "LOCK" || name == kNewMarkerName) return true;
  return name.starts_with("MANIFEST-") || name.ends_with(".log") || name.ends_with(".sst") ||
         name.ends_with(".blob") || name.ends_with(".dbtmp");
}

Result<Found> inspect(rocksdb::FileSystem& files, const std::string& directory) {
  QUIRE_TRY(const auto names, list_directory(files, directory));
  bool marked = false;
  bool unfinished = false;
  std::string foreign;
  for (const auto& name : names) {
    marked = marked || name == kMarkerName;
    unfinished = unfinished || name == kNewMarkerName;
    if (foreign.empty() && !is_shard_file(name)) foreign = name;
  }
  if (marked) return Found::shard;
  if (foreign.empty() && (unfinished || names.empty() || (names.size() == 1 && names[0] == "LOCK"))) {
    return unfinished ? Found::unfinished : Found::nothing;
  }
  return Error(ErrorCode::invalid, directory + " is not a shard and not empty: it holds " +
                                       (foreign.empty() ? names.front() : foreign) + " and no " +
                                       kMarkerName);
}

Result<ShardMarker> read_marker(rocksdb::FileSystem& files, const std::string& directory) {
  QUIRE_TRY(const auto bytes, read_file(files, directory + "/" + kMarkerName));
  auto marker = decode_marker(bytes);
  if (marker) return marker;
  return Error(marker.error().code(), directory + "/" + kMarkerName + " " + marker.error().message());
}

Status lock_shard(ShardFileSystem& files, const std::string& directory) {
  const auto status = files.lock(directory + "/LOCK");
  if (status.ok()) return ok();
  const std::string text = status.ToString();
  bool taken = false;
  for (const char* words : {"While lock file", "lock hold", "lock is already held"}) {
    taken = taken || text.find(words) != std::string::npos;
  }
  if (!taken) return to_error(status, "lock " + directory);
  return Error(ErrorCode::locked, directory + " is open in another process or by another handle of this one");
}

Status begin_making(ShardFileSystem& files, const std::string& directory) {
  QUIRE_TRY(const auto names, list_directory(files, directory));
  for (const auto& name : names) {
    if (name != "LOCK") QUIRE_TRY_STATUS(remove_file(files, directory + "/" + name));
  }
  QUIRE_TRY_STATUS(write_file(files, directory + "/" + kNewMarkerName, encode(ShardMarker{})));
  return sync_directory(files, directory);
}

Status end_making(ShardFileSystem& files, const std::string& directory) {
  QUIRE_TRY_STATUS(rename_file(files, directory + "/" + kNewMarkerName, directory + "/" + kMarkerName));
  return sync_directory(files, directory);
}

// RocksDB says "not found" of a file that a manifest names: that is damage, and the shard is there.
Error open_failed(const rocksdb::Status& status, const std::string& directory) {
  Error error = to_error(status, "open " + directory);
  const bool damage = error.code() == ErrorCode::not_found || error.code() == ErrorCode::invalid;
  return damage ? Error(ErrorCode::corrupt, error.message()) : error;
}

Status open_database(RocksParts& parts, bool make) {
  auto options = database_options(*parts.budget, parts.env.get(), parts.budget->files_of_newcomer());
  options.create_if_missing = make;
  options.create_missing_column_families = make;
  options.listeners = {std::make_shared<StoreListener>(parts.health, parts.floor)};
  const auto logger = parts.files->NewLogger(parts.directory, {}, &options.info_log, nullptr);
  logger.PermitUncheckedError();
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (std::size_t i = 0; i < kFamilies; ++i) {
    const auto family = static_cast<Family>(i);
    families.emplace_back(column_family_name(family), family_options(family, *parts.budget));
  }
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* database = nullptr;
  const auto status = rocksdb::DB::Open(options, parts.directory, families, &handles, &database);
  if (!status.ok()) return open_failed(status, parts.directory);
  parts.database.reset(database);
  std::copy(handles.begin(), handles.end(), parts.families.begin());
  return ok();
}

Status open_existing(RocksParts& parts) {
  QUIRE_TRY(const ShardMarker marker, read_marker(*parts.files, parts.directory));
  if (!exists(*parts.files, parts.directory + "/CURRENT")) {
    return Error(ErrorCode::corrupt, parts.directory + " is half a shard: it holds no CURRENT");
  }
  QUIRE_TRY_STATUS(check_manifest(*parts.files, parts.directory, marker));
  QUIRE_TRY_STATUS(check_logs(*parts.files, parts.directory, marker));
  parts.floor = std::make_shared<Floor>(parts.files, parts.directory, marker);
  QUIRE_TRY_STATUS(open_database(parts, false));
  const std::uint64_t reached = parts.database->GetLatestSequenceNumber();
  if (reached >= marker.sequence) return ok();
  return Error(ErrorCode::corrupt, parts.directory + " lost its end: its files reach write " +
                                       std::to_string(reached) + " and had reached " +
                                       std::to_string(marker.sequence));
}

Status open_new(RocksParts& parts) {
  QUIRE_TRY_STATUS(begin_making(*parts.files, parts.directory));
  parts.floor = std::make_shared<Floor>(parts.files, parts.directory, ShardMarker{});
  QUIRE_TRY_STATUS(open_database(parts, true));
  return end_making(*parts.files, parts.directory);
}

// What happens under the lock.
Status open_locked(RocksParts& parts, const OpenOptions& options) {
  QUIRE_TRY(const Found found, inspect(*parts.files, parts.directory));
  if (found == Found::shard) return open_existing(parts);
  if (!options.create) return Error(ErrorCode::not_found, "no shard in " + parts.directory);
  return open_new(parts);
}

// Before the directory is locked, which leaves a file in it: whether there is anything of ours to lock.
Status prepare_directory(ShardFileSystem& files, const std::string& directory, bool create) {
  if (is_directory(files, directory)) {
    QUIRE_TRY(const Found found, inspect(files, directory));
    if (found == Found::shard) QUIRE_TRY_STATUS(read_marker(files, directory));
    return found == Found::nothing && !create ? Error(ErrorCode::not_found, "no shard in " + directory)
                                              : ok();
  }
  if (exists(files, directory)) return Error(ErrorCode::invalid, directory + " is not a directory");
  if (!create) return Error(ErrorCode::not_found, "there is no directory " + directory);
  return make_directories(files, directory);
}

}  // namespace

Result<std::unique_ptr<Store>> open_on(const ShardBase& base, const std::string& directory,
                                       const OpenOptions& options) {
  RocksParts parts;
  parts.directory = absolute_path(directory);
  auto budget = options.budget ? options.budget : make_memory_budget(kOwnBudget);
  parts.budget = std::static_pointer_cast<RocksBudget>(std::move(budget));
  parts.files = std::make_shared<ShardFileSystem>(
      base.files, ShardFileSystem::Owner{options.fence, options.epoch, base.on_disk});
  parts.env = make_environment(parts.files);
  QUIRE_TRY_STATUS(prepare_directory(*parts.files, parts.directory, options.create));
  QUIRE_TRY_STATUS(lock_shard(*parts.files, parts.directory));
  const auto files = parts.files;
  if (Status opened = open_locked(parts, options); !opened) {
    const auto closed = parts.close_database();
    closed.PermitUncheckedError();
    files->unlock();
    return opened.error();
  }
  return std::unique_ptr<Store>(std::make_unique<RocksStore>(std::move(parts)));
}

Result<std::unique_ptr<Store>> open(const std::string& directory, const OpenOptions& options) {
  if (options.medium == Medium::disk)
    return open_on({rocksdb::FileSystem::Default(), true}, directory, options);
  OpenOptions in_memory = options;
  if (!in_memory.budget) in_memory.budget = make_memory_budget(kOwnBudget);
  const auto budget = std::static_pointer_cast<RocksBudget>(in_memory.budget);
  return open_on({budget->memory_files(), false}, directory, in_memory);
}

Status destroy(const std::string& directory) {
  const auto base = rocksdb::FileSystem::Default();
  const std::string path = absolute_path(directory);
  if (!is_directory(*base, path)) return ok();
  ShardFileSystem files(base, {});
  QUIRE_TRY_STATUS(prepare_directory(files, path, false));
  QUIRE_TRY_STATUS(lock_shard(files, path));
  const Status removed = remove_tree(files, path);
  files.unlock();
  QUIRE_TRY_STATUS(removed);
  return sync_directory(files, parent_of(path).empty() ? "/" : parent_of(path));
}

}  // namespace quire::storage
