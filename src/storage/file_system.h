#pragma once

#include <rocksdb/file_system.h>

#include <map>
#include <mutex>
#include <string>

#include "storage/open.h"

namespace quire::storage {

// The seam between a shard and where its files live. Every call that changes a file or a directory first asks
// the fence with the epoch of whoever opened the shard; a refusal answers IOFenced and the call is not made.
// Also gives files mode 0600 and directories 0700 on disk, bounds preallocation, and keeps RocksDB from
// writing its OPTIONS files: nothing reads them, and they are the only files without a checksum.
class ShardFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  struct Owner {
    std::shared_ptr<Fence> fence;  // null: everything is admitted
    Epoch epoch = 1;
    bool on_disk = true;  // the base keeps its files in the local file system, which has modes
  };
  ShardFileSystem(const std::shared_ptr<rocksdb::FileSystem>& base, Owner owner);

  static const char* kClassName() { return "QuireShardFileSystem"; }
  const char* Name() const override { return kClassName(); }

  // Asks the fence; ok where the call may be made.
  rocksdb::IOStatus admit(FileOperation operation, const std::string& path);
  void set_mode(const std::string& path, unsigned mode);

  // How many bytes of a log or manifest that was made here (by its name without directory) are synced; 0
  // where none.
  std::uint64_t synced_bytes(const std::string& name) const;
  void note_sync(const std::string& path, std::uint64_t bytes);

  // Whatever is open has a log and a manifest, and a buffer for each.
  rocksdb::FileOptions OptimizeForLogWrite(const rocksdb::FileOptions& options,
                                           const rocksdb::DBOptions& database) const override;
  rocksdb::FileOptions OptimizeForManifestWrite(const rocksdb::FileOptions& options) const override;
  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* file,
                                       rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReuseWritableFile(const std::string& path, const std::string& old_path,
                                      const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* file,
                                      rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewRandomRWFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSRandomRWFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewMemoryMappedFileBuffer(
      const std::string& path, std::unique_ptr<rocksdb::MemoryMappedFileBuffer>* buffer) override;
  rocksdb::IOStatus NewDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* directory,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus Truncate(const std::string& path, std::size_t size, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus CreateDir(const std::string& path, const rocksdb::IOOptions& options,
                              rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus CreateDirIfMissing(const std::string& path, const rocksdb::IOOptions& options,
                                       rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus IsDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                bool* is_directory, rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteDir(const std::string& path, const rocksdb::IOOptions& options,
                              rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus LinkFile(const std::string& from, const std::string& to,
                             const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewLogger(const std::string& path, const rocksdb::IOOptions& options,
                              std::shared_ptr<rocksdb::Logger>* logger,
                              rocksdb::IODebugContext* debug) override;

  // A shard is locked before anything in it is looked at; RocksDB, which asks for the same lock when it opens
  // the directory, is handed the one that is held.
  rocksdb::IOStatus lock(const std::string& path);
  void unlock();
  rocksdb::IOStatus LockFile(const std::string& path, const rocksdb::IOOptions& options,
                             rocksdb::FileLock** lock, rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus UnlockFile(rocksdb::FileLock* lock, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;

 private:
  const Owner owner_;
  rocksdb::FileLock* held_ = nullptr;
  mutable std::mutex mutex_;
  std::map<std::string, std::uint64_t> synced_;
};

}  // namespace quire::storage
