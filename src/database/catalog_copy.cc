#include <filesystem>

#include "base/clock.h"
#include "database/local_catalog.h"
#include "storage/backup.h"

// A backup has the folders of a data directory, each store as a backup of its own. Its catalog is written
// for it: it holds the databases that were copied, each marked as restored, so that its next opening begins a
// new incarnation. A restore is then nothing but the stores put back.
//
// Both are made under another name and get their own when all is on the disk.

namespace quire::database {

namespace {

constexpr const char* kPartial = ".partial";

Status must_not_exist(const std::string& path) {
  std::error_code failed;
  if (std::filesystem::exists(std::filesystem::symlink_status(path, failed))) {
    return Error(ErrorCode::exists, path + " exists already");
  }
  return ok();
}

// `fill` makes the content of a directory that gets the name `wanted` at the end.
Status make_whole(const std::string& wanted, const std::function<Status(const DataDirectory&)>& fill) {
  QUIRE_TRY_STATUS(must_not_exist(wanted));
  const DataDirectory partial(wanted + kPartial);
  QUIRE_TRY_STATUS(remove_directory(partial.path()));
  QUIRE_TRY_STATUS(make_directory(partial.path()));
  QUIRE_TRY_STATUS(make_directory(partial.databases()));
  Status filled = fill(partial);
  if (filled) filled = sync_directory(partial.databases());
  if (filled) filled = sync_directory(partial.path());
  if (filled) filled = rename_directory(partial.path(), wanted);
  if (!filled) (void)remove_directory(partial.path());  // the cause is what its caller should hear
  return filled;
}

Result<std::unique_ptr<CatalogStore>> open_catalog(const std::string& directory, bool create) {
  storage::OpenOptions opening;
  opening.create = create;
  QUIRE_TRY(auto store, storage::open(directory, opening));
  return std::make_unique<CatalogStore>(std::move(store));
}

// The catalog of a backup, made beside it and copied as a store.
Status back_up_catalog(const DataDirectory& copy, WallMs now, const std::string& node,
                       const std::vector<DatabaseRecord>& records) {
  const std::string made = copy.path() + "/catalog.new";
  {
    QUIRE_TRY(const auto catalog, open_catalog(made, true));
    QUIRE_TRY_STATUS(catalog->begin({now}, {node}, records));
    QUIRE_TRY_STATUS(storage::backup(catalog->store(), copy.catalog()));
  }
  return storage::destroy(made);
}

Error no_backup(const std::string& directory, const Error& cause) {
  const bool absent = cause.code() == ErrorCode::not_found || cause.code() == ErrorCode::invalid;
  if (!absent) return cause;
  return Error(cause.code(), directory + " is not a backup: " + cause.message());
}

Status restore_into(const DataDirectory& backup, const DataDirectory& data) {
  if (Status catalog = storage::restore(backup.catalog(), data.catalog()); !catalog) {
    return no_backup(backup.path(), catalog.error());
  }
  QUIRE_TRY(const auto catalog, open_catalog(data.catalog(), false));
  QUIRE_TRY(const auto loaded, catalog->load());
  if (!loaded) return Error(ErrorCode::corrupt, backup.catalog() + " holds an empty catalog");
  for (const DatabaseRecord& record : loaded->databases) {
    if (record.state != DatabaseState::live) continue;
    const std::string& id = record.info.id;
    Status restored = storage::restore(backup.database(id), data.database(id));
    if (restored) continue;
    if (restored.error().code() != ErrorCode::not_found) return restored;
    return Error(ErrorCode::corrupt, "the database '" + record.info.name +
                                         "' is missing from the backup: " + backup.database(id));
  }
  return ok();
}

}  // namespace

Status Catalog::restore(const std::string& backup_directory, const std::string& data_directory) {
  const DataDirectory backup(backup_directory);
  if (!std::filesystem::is_directory(backup_directory)) {
    return Error(ErrorCode::not_found, "there is no backup " + backup_directory);
  }
  return make_whole(data_directory, [&](const DataDirectory& data) { return restore_into(backup, data); });
}

std::vector<DatabaseRecord> LocalCatalog::records() const {
  const std::shared_lock lock(mutex_);
  std::vector<DatabaseRecord> all;
  all.reserve(by_name_.size());
  for (const auto& [name, id] : by_name_) all.push_back(by_id_.at(id).record);
  return all;
}

// --- backup

Status LocalCatalog::backup(const std::string& directory) {
  if (options_.medium != storage::Medium::disk) {
    return Error(ErrorCode::not_implemented, "databases in memory have no backup");
  }
  return make_whole(directory, [&](const DataDirectory& copy) { return back_up_into(copy); });
}

Status LocalCatalog::back_up_into(const DataDirectory& copy) {
  std::vector<DatabaseRecord> copied;
  for (DatabaseRecord& record : records()) {
    QUIRE_TRY(const bool live, back_up_database(record, copy));
    if (!live && !database_of(record.info.id)) continue;  // removed meanwhile
    record.state = live ? DatabaseState::live : DatabaseState::planned;
    record.restored = live;
    copied.push_back(std::move(record));
  }
  return back_up_catalog(copy, clock_.wall_ms(), node_, copied);
}

// False where there is nothing to copy: it was never used, or was removed meanwhile.
Result<bool> LocalCatalog::back_up_database(const DatabaseRecord& record, const DataDirectory& copy) {
  const std::string& id = record.info.id;
  const auto database = database_of(id);
  if (!database) return false;
  const auto now = record_of(id);
  if (!now || now->state == DatabaseState::planned) return false;
  const bool was_open = database->is_open();
  auto shard = database->hold();
  if (!shard && shard.error().code() == ErrorCode::not_found) return false;
  if (!shard) return shard.error();
  const Status copied = storage::backup((*shard)->store(), copy.database(id));
  database->release();
  if (!was_open) database->close_if_idle(SteadyTime::max());
  QUIRE_TRY_STATUS(copied);
  return true;
}

// --- verify

Status LocalCatalog::verify(const std::function<void(const std::string&)>& damaged) {
  QUIRE_TRY_STATUS(store_->store().verify(damaged));
  for (const DatabaseRecord& record : records()) QUIRE_TRY_STATUS(verify_database(record, damaged));
  if (options_.medium != storage::Medium::disk) return ok();
  QUIRE_TRY(const auto folders, directory_.database_folders());
  for (const std::string& folder : folders) {
    if (database_of(folder)) continue;
    damaged(directory_.database(folder) + " belongs to no database that the catalog knows");
  }
  return ok();
}

Status LocalCatalog::verify_database(const DatabaseRecord& record,
                                     const std::function<void(const std::string&)>& damaged) {
  const auto database = database_of(record.info.id);
  if (!database) return ok();
  const auto now = record_of(record.info.id);
  if (!now || now->state == DatabaseState::planned) return ok();
  const bool was_open = database->is_open();
  auto shard = database->hold();
  if (!shard) {
    if (database_of(record.info.id)) {
      damaged("the database '" + record.info.name + "' cannot be opened: " + shard.error().message());
    }
    return ok();
  }
  Status verified = (*shard)->store().verify(damaged);
  database->release();
  if (!was_open) database->close_if_idle(SteadyTime::max());
  return verified;
}

}  // namespace quire::database
