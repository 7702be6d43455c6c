#pragma once

#include <rocksdb/file_system.h>

#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "storage/testing/fault_disk.h"

namespace quire::storage::testing {

// How far a file is on the disk. Shared by its names (hard links) and by whoever writes it.
struct FileState {
  std::uint64_t synced_bytes = 0;
  bool sync_failed = false;  // pages of a failed fsync are marked clean: later syncs do not write them
};

// A change of a directory that no fsync of it covers yet.
struct DirectoryChange {
  enum class Kind : std::uint8_t { create, rename, link, remove, make_directory, remove_directory };
  Kind kind;
  std::string path;                        // what appeared or went; of a rename: the new name
  std::string old_path;                    // of a rename
  std::optional<std::string> old_content;  // what the path held before, where it held something
  std::shared_ptr<FileState> old_state;
};

// What a FaultDisk knows of its files and of the faults to come. Thread-safe.
class FaultDisk::Impl {
 public:
  enum class Call : std::uint8_t { create, append, sync, other };

  // Counts a call; not ok where it must fail. Of an append: `room` is how many of its bytes still fit.
  rocksdb::IOStatus admit(Call call, const std::string& path, std::uint64_t bytes = 0,
                          std::uint64_t* room = nullptr);
  bool power_is_cut() const;

  std::shared_ptr<FileState> state(const std::string& path);
  void note_sync(FileState& state, std::uint64_t bytes);
  void note_failed_sync(FileState& state);
  void note_change(DirectoryChange change);
  void note_directory_sync(const std::string& directory);
  // The change that `path` goes away or is replaced, with what it holds now.
  DirectoryChange change_of(DirectoryChange::Kind kind, const std::string& path);
  // A file or directory has a new name, or (an empty `from`) one that is new.
  void rename(const std::string& from, const std::string& to);
  void share_state(const std::string& from, const std::string& to);
  void give_back(std::uint64_t bytes);

  std::uint64_t calls() const;
  std::uint64_t syncs() const;
  void fail_call(std::uint64_t n, Failure failure, bool only_once);
  void fail_from_sync(std::uint64_t n);
  void limit_space(std::uint64_t bytes);
  void cut_power();
  void freeze();
  void repair();
  Status drop_unsynced(Loss loss, std::uint64_t seed);

 private:
  void revert(const DirectoryChange& change);
  void move_names(const std::string& from, const std::string& to);

  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<FileState>> files_;
  std::vector<DirectoryChange> changes_;
  std::uint64_t calls_ = 0;
  std::uint64_t syncs_ = 0;
  struct Fault {
    std::uint64_t at;
    Failure failure;
    bool only_once;
  };
  std::optional<Fault> fault_;
  std::optional<std::uint64_t> fail_from_sync_;
  std::optional<std::uint64_t> space_;
  bool power_is_cut_ = false;
  bool frozen_ = false;
};

// The local file system seen through a FaultDisk. Nothing is really synced: the disk's own power stays on.
class FaultFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  explicit FaultFileSystem(std::shared_ptr<FaultDisk::Impl> disk);
  static const char* kClassName() { return "QuireFaultFileSystem"; }
  const char* Name() const override { return kClassName(); }

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* file,
                                       rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReuseWritableFile(const std::string& name, const std::string& old_name,
                                      const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* file,
                                      rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* directory,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus Truncate(const std::string& name, std::size_t size, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus CreateDir(const std::string& name, const rocksdb::IOOptions& options,
                              rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus CreateDirIfMissing(const std::string& name, const rocksdb::IOOptions& options,
                                       rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteDir(const std::string& name, const rocksdb::IOOptions& options,
                              rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus LinkFile(const std::string& from, const std::string& to,
                             const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus LockFile(const std::string& name, const rocksdb::IOOptions& options,
                             rocksdb::FileLock** lock, rocksdb::IODebugContext* debug) override;

 private:
  const std::shared_ptr<FaultDisk::Impl> disk_;
};

}  // namespace quire::storage::testing
