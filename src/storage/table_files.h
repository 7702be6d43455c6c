#pragma once

#include <rocksdb/file_system.h>

#include <map>
#include <mutex>
#include <string>

namespace quire::storage {

// A shard's files as RocksDB sees them. A table that could not be written is told of when RocksDB opens it,
// and not while it is written.
//
// RocksDB ends the process where the disk fails under a table that no key is in (7.8.3, ExtractUserKey() in
// UpdateCompactionJobStats()), and compaction makes one for ranges that were erased. It opens each table of a
// flush or compaction before it builds on it, and takes an error there well. As long as a table lies there
// that could not be written, no other is begun and the manifest takes nothing, so that none can come into
// use.
//
// Every method may be called from every thread.
class TableFiles final : public rocksdb::FileSystemWrapper {
 public:
  explicit TableFiles(const std::shared_ptr<rocksdb::FileSystem>& files) : FileSystemWrapper(files) {}

  static const char* kClassName() { return "QuireTableFiles"; }
  const char* Name() const override { return kClassName(); }

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewRandomAccessFile(const std::string& path, const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                        rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;

  void note_failure(const std::string& path, const rocksdb::IOStatus& status);
  // Why a table that is still there could not be written; ok where there is none.
  rocksdb::IOStatus failure() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, rocksdb::IOStatus> failures_;  // by the file's name in its directory
};

}  // namespace quire::storage
