#include "storage/backup.h"

#include <algorithm>

#include "base/hash.h"
#include "storage/backup_manifest_format.h"
#include "storage/backup_on.h"
#include "storage/copy.h"
#include "storage/files.h"
#include "storage/rocksdb_store.h"

namespace quire::storage {

namespace {

using Files = rocksdb::FileSystem;

class Digest {
 public:
  void add(std::string_view piece) {
    hash_.update(piece);
    bytes_ += piece.size();
  }
  BackedUpFile finish(const std::string& name) {
    BackedUpFile file{name, bytes_, {}};
    hash_.finish(file.digest.data());
    return file;
  }

 private:
  Blake2b hash_{32};
  std::uint64_t bytes_ = 0;
};

Result<BackedUpFile> digest_of(Files& files, const std::string& directory, const std::string& name) {
  Digest digest;
  QUIRE_TRY_STATUS(read_pieces(files, directory + "/" + name, UINT64_MAX, [&](std::string_view piece) {
    digest.add(piece);
    return ok();
  }));
  return digest.finish(name);
}

Result<std::vector<BackedUpFile>> read_manifest(Files& files, const std::string& backup) {
  const std::string path = backup + "/" + kBackupManifestName;
  if (!exists(files, path)) {
    const bool partial = backup.ends_with(".partial");
    return Error(ErrorCode::not_found,
                 backup + (partial ? " is a backup that was not finished" : " is no backup") +
                     ": it holds no " + kBackupManifestName);
  }
  QUIRE_TRY(const auto bytes, read_file(files, path));
  auto listed = decode_backup_manifest(bytes);
  if (listed) return listed;
  return Error(listed.error().code(), path + " " + listed.error().message());
}

// Of a file that a manifest lists and that was read: what is wrong with it.
Status compare(const BackedUpFile& listed, const Result<BackedUpFile>& read, const std::string& path) {
  if (!read && read.error().code() == ErrorCode::not_found)
    return Error(ErrorCode::corrupt, path + " is missing");
  if (!read) return read.error();
  if (*read == listed) return ok();
  return Error(ErrorCode::corrupt, path + " is damaged: it is not what was backed up");
}

Result<BackedUpFile> copy_listed(Files& files, const std::string& from, const std::string& to,
                                 const std::string& name) {
  Digest digest;
  QUIRE_TRY_STATUS(copy_file(files, from + "/" + name, to + "/" + name, UINT64_MAX,
                             [&](std::string_view piece) { digest.add(piece); }));
  return digest.finish(name);
}

Status fill_target(Files& files, const std::string& backup, const std::string& target) {
  QUIRE_TRY(const auto listed, read_manifest(files, backup));
  const std::string from = backup + "/shard";
  for (const auto& file : listed) {
    if (!exists(files, from + "/" + file.name)) {
      return Error(ErrorCode::corrupt, from + "/" + file.name + " is missing");
    }
  }
  QUIRE_TRY_STATUS(make_directories(files, target));
  for (const auto& file : listed) {
    QUIRE_TRY_STATUS(compare(file, copy_listed(files, from, target, file.name), from + "/" + file.name));
  }
  return sync_directory(files, target);
}

Status fill_backup(Files& files, Store& store, const std::string& directory, const std::string& previous) {
  const std::string shard = directory + "/shard";
  QUIRE_TRY_STATUS(make_directories(files, directory));
  QUIRE_TRY_STATUS(store.checkpoint(shard, previous.empty() ? previous : previous + "/shard"));
  QUIRE_TRY(const auto names, list_directory(files, shard));
  std::vector<BackedUpFile> listed;
  for (const auto& name : names) {
    QUIRE_TRY(auto file, digest_of(files, shard, name));
    listed.push_back(std::move(file));
  }
  QUIRE_TRY_STATUS(write_file(files, directory + "/" + kBackupManifestName, encode(listed)));
  return sync_directory(files, directory);
}

// Lets `fill` make a directory under another name, which gets its own when it is whole.
Status make_whole(Files& files, const std::string& directory,
                  const std::function<Status(const std::string&)>& fill) {
  if (exists(files, directory)) return Error(ErrorCode::exists, directory + " exists");
  const std::string partial = directory + ".partial";
  QUIRE_TRY_STATUS(remove_tree(files, partial));
  Status made = fill(partial);
  if (made) made = rename_file(files, partial, directory);
  if (made) return sync_directory(files, parent_of(directory));
  const Status removed = remove_tree(files, partial);
  return removed || !made ? made : removed;
}

}  // namespace

Status restore_on(const std::shared_ptr<Files>& base, const std::string& backup, const std::string& target) {
  ShardFileSystem files(base, {});
  return make_whole(files, absolute_path(target), [&](const std::string& partial) {
    return fill_target(files, absolute_path(backup), partial);
  });
}

Status backup(Store& store, const std::string& directory, const BackupOptions& options) {
  ShardFileSystem local(rocksdb::FileSystem::Default(), {});
  auto* const rocks = dynamic_cast<RocksStore*>(&store);
  Files& files = rocks == nullptr ? static_cast<Files&>(local) : rocks->files();
  const std::string previous = options.previous.empty() ? std::string() : absolute_path(options.previous);
  return make_whole(files, absolute_path(directory),
                    [&](const std::string& partial) { return fill_backup(files, store, partial, previous); });
}

Status restore(const std::string& backup, const std::string& target) {
  return restore_on(rocksdb::FileSystem::Default(), backup, target);
}

Status verify_backup(const std::string& backup, const std::function<void(const std::string&)>& damaged) {
  Files& files = *rocksdb::FileSystem::Default();
  const std::string directory = absolute_path(backup);
  QUIRE_TRY(const auto listed, read_manifest(files, directory));
  const std::string shard = directory + "/shard";
  for (const auto& file : listed) {
    const Status compared = compare(file, digest_of(files, shard, file.name), shard + "/" + file.name);
    if (!compared) damaged(compared.error().message());
  }
  return ok();
}

}  // namespace quire::storage
