#include "storage/file_system.h"

#include <sys/stat.h>

#include <algorithm>

#include "storage/files.h"
#include "storage/tuning.h"

namespace quire::storage {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

namespace {

constexpr unsigned kFileMode = 0600;
constexpr unsigned kDirectoryMode = 0700;

class ShardFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  ShardFile(std::unique_ptr<rocksdb::FSWritableFile> file, std::string path, ShardFileSystem& files)
      : FSWritableFileOwnerWrapper(std::move(file)), path_(std::move(path)), files_(files) {}

  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, IODebugContext* debug) override {
    if (IOStatus refused = files_.admit(FileOperation::append, path_); !refused.ok()) return refused;
    return count(FSWritableFileOwnerWrapper::Append(data, options, debug), data);
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& info, IODebugContext* debug) override {
    if (IOStatus refused = files_.admit(FileOperation::append, path_); !refused.ok()) return refused;
    return count(FSWritableFileOwnerWrapper::Append(data, options, info, debug), data);
  }
  IOStatus PositionedAppend(const rocksdb::Slice&, std::uint64_t, const IOOptions&,
                            IODebugContext*) override {
    return IOStatus::NotSupported("files of a shard are appended to at their end");
  }
  IOStatus PositionedAppend(const rocksdb::Slice& data, std::uint64_t offset, const IOOptions& options,
                            const rocksdb::DataVerificationInfo&, IODebugContext* debug) override {
    return PositionedAppend(data, offset, options, debug);
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    if (IOStatus refused = files_.admit(FileOperation::truncate, path_); !refused.ok()) return refused;
    return FSWritableFileOwnerWrapper::Truncate(size, options, debug);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    if (IOStatus refused = files_.admit(FileOperation::sync, path_); !refused.ok()) return refused;
    return note(FSWritableFileOwnerWrapper::Sync(options, debug));
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    if (IOStatus refused = files_.admit(FileOperation::sync, path_); !refused.ok()) return refused;
    return note(FSWritableFileOwnerWrapper::Fsync(options, debug));
  }
  IOStatus RangeSync(std::uint64_t offset, std::uint64_t bytes, const IOOptions& options,
                     IODebugContext* debug) override {
    if (IOStatus refused = files_.admit(FileOperation::sync, path_); !refused.ok()) return refused;
    return FSWritableFileOwnerWrapper::RangeSync(offset, bytes, options, debug);
  }
  IOStatus Allocate(std::uint64_t offset, std::uint64_t bytes, const IOOptions& options,
                    IODebugContext* debug) override {
    if (IOStatus refused = files_.admit(FileOperation::append, path_); !refused.ok()) return refused;
    return FSWritableFileOwnerWrapper::Allocate(offset, bytes, options, debug);
  }
  void SetPreallocationBlockSize(std::size_t size) override {
    FSWritableFileOwnerWrapper::SetPreallocationBlockSize(std::min<std::size_t>(size, kPreallocate));
  }

 private:
  IOStatus count(IOStatus status, const rocksdb::Slice& data) {
    if (status.ok()) bytes_ += data.size();
    return status;
  }
  IOStatus note(IOStatus status) {
    if (status.ok()) files_.note_sync(path_, bytes_);
    return status;
  }

  const std::string path_;
  ShardFileSystem& files_;
  std::uint64_t bytes_ = 0;  // appended here
};

class ShardDirectory final : public rocksdb::FSDirectoryWrapper {
 public:
  ShardDirectory(std::unique_ptr<rocksdb::FSDirectory> directory, std::string path, ShardFileSystem& files)
      : FSDirectoryWrapper(std::move(directory)), path_(std::move(path)), files_(files) {}

  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    if (IOStatus refused = files_.admit(FileOperation::sync, path_); !refused.ok()) return refused;
    return FSDirectoryWrapper::Fsync(options, debug);
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions& reason) override {
    if (IOStatus refused = files_.admit(FileOperation::sync, path_); !refused.ok()) return refused;
    return FSDirectoryWrapper::FsyncWithDirOptions(options, debug, reason);
  }

 private:
  const std::string path_;
  ShardFileSystem& files_;
};

bool is_options_file(const std::string& path) { return name_of(path).starts_with("OPTIONS-"); }

bool is_log_or_manifest(const std::string& name) {
  return name.ends_with(".log") || name.starts_with("MANIFEST-");
}

// Passed on where RocksDB asks for a log of its doings: errors reach us by statuses and listeners.
class NoLogger final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

}  // namespace

ShardFileSystem::ShardFileSystem(const std::shared_ptr<rocksdb::FileSystem>& base, Owner owner)
    : FileSystemWrapper(base), owner_(std::move(owner)) {}

IOStatus ShardFileSystem::admit(FileOperation operation, const std::string& path) {
  if (!owner_.fence) return IOStatus::OK();
  const Status answer = owner_.fence->admit(owner_.epoch, operation, path);
  if (answer) return IOStatus::OK();
  return IOStatus::IOFenced("epoch " + std::to_string(owner_.epoch) + " may not change " + path,
                            answer.error().to_string());
}

std::uint64_t ShardFileSystem::synced_bytes(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = synced_.find(name);
  return found == synced_.end() ? 0 : found->second;
}

void ShardFileSystem::note_sync(const std::string& path, std::uint64_t bytes) {
  const std::string name = name_of(path);
  if (!is_log_or_manifest(name)) return;
  const std::lock_guard lock(mutex_);
  synced_[name] = bytes;
}

void ShardFileSystem::set_mode(const std::string& path, unsigned mode) {
  // A file whose mode cannot be set lies in a directory that nobody else can enter.
  if (owner_.on_disk && ::chmod(path.c_str(), mode) != 0) return;
}

FileOptions ShardFileSystem::OptimizeForLogWrite(const FileOptions& options,
                                                 const rocksdb::DBOptions& database) const {
  FileOptions log = target()->OptimizeForLogWrite(options, database);
  log.writable_file_max_buffer_size = kLogBuffer;
  return log;
}

FileOptions ShardFileSystem::OptimizeForManifestWrite(const FileOptions& options) const {
  FileOptions manifest = target()->OptimizeForManifestWrite(options);
  manifest.writable_file_max_buffer_size = kManifestBuffer;
  return manifest;
}

IOStatus ShardFileSystem::NewWritableFile(const std::string& path, const FileOptions& options,
                                          std::unique_ptr<rocksdb::FSWritableFile>* file,
                                          IODebugContext* debug) {
  if (is_options_file(path)) return IOStatus::NotSupported("options are not kept in files");
  if (IOStatus refused = admit(FileOperation::create, path); !refused.ok()) return refused;
  std::unique_ptr<rocksdb::FSWritableFile> made;
  if (IOStatus status = target()->NewWritableFile(path, options, &made, debug); !status.ok()) return status;
  set_mode(path, kFileMode);
  *file = std::make_unique<ShardFile>(std::move(made), path, *this);
  return IOStatus::OK();
}

IOStatus ShardFileSystem::ReopenWritableFile(const std::string& path, const FileOptions& options,
                                             std::unique_ptr<rocksdb::FSWritableFile>* file,
                                             IODebugContext* debug) {
  if (IOStatus refused = admit(FileOperation::create, path); !refused.ok()) return refused;
  std::unique_ptr<rocksdb::FSWritableFile> made;
  if (IOStatus status = target()->ReopenWritableFile(path, options, &made, debug); !status.ok())
    return status;
  set_mode(path, kFileMode);
  *file = std::make_unique<ShardFile>(std::move(made), path, *this);
  return IOStatus::OK();
}

IOStatus ShardFileSystem::ReuseWritableFile(const std::string& path, const std::string& old_path,
                                            const FileOptions& options,
                                            std::unique_ptr<rocksdb::FSWritableFile>* file,
                                            IODebugContext* debug) {
  if (IOStatus refused = admit(FileOperation::rename, path); !refused.ok()) return refused;
  std::unique_ptr<rocksdb::FSWritableFile> made;
  if (IOStatus status = target()->ReuseWritableFile(path, old_path, options, &made, debug); !status.ok()) {
    return status;
  }
  *file = std::make_unique<ShardFile>(std::move(made), path, *this);
  return IOStatus::OK();
}

// RocksDB changes files in place only to ingest files from outside and in caches that are not used here; what
// cannot be fenced call by call is not offered.
IOStatus ShardFileSystem::NewRandomRWFile(const std::string&, const FileOptions&,
                                          std::unique_ptr<rocksdb::FSRandomRWFile>*, IODebugContext*) {
  return IOStatus::NotSupported("files of a shard are only appended to");
}

IOStatus ShardFileSystem::NewMemoryMappedFileBuffer(const std::string&,
                                                    std::unique_ptr<rocksdb::MemoryMappedFileBuffer>*) {
  return IOStatus::NotSupported("files of a shard are only appended to");
}

IOStatus ShardFileSystem::NewDirectory(const std::string& path, const IOOptions& options,
                                       std::unique_ptr<rocksdb::FSDirectory>* directory,
                                       IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSDirectory> opened;
  if (IOStatus status = target()->NewDirectory(path, options, &opened, debug); !status.ok()) return status;
  *directory = std::make_unique<ShardDirectory>(std::move(opened), path, *this);
  return IOStatus::OK();
}

IOStatus ShardFileSystem::DeleteFile(const std::string& path, const IOOptions& options,
                                     IODebugContext* debug) {
  if (IOStatus refused = admit(FileOperation::remove, path); !refused.ok()) return refused;
  if (IOStatus status = target()->DeleteFile(path, options, debug); !status.ok()) return status;
  const std::lock_guard lock(mutex_);
  synced_.erase(name_of(path));
  return IOStatus::OK();
}

IOStatus ShardFileSystem::Truncate(const std::string& path, std::size_t size, const IOOptions& options,
                                   IODebugContext* debug) {
  if (IOStatus refused = admit(FileOperation::truncate, path); !refused.ok()) return refused;
  return target()->Truncate(path, size, options, debug);
}

IOStatus ShardFileSystem::CreateDir(const std::string& path, const IOOptions& options,
                                    IODebugContext* debug) {
  if (IOStatus refused = admit(FileOperation::make_directory, path); !refused.ok()) return refused;
  if (IOStatus status = target()->CreateDir(path, options, debug); !status.ok()) return status;
  set_mode(path, kDirectoryMode);
  return IOStatus::OK();
}

// Not asked of the fence where the directory exists: the call changes nothing then.
IOStatus ShardFileSystem::CreateDirIfMissing(const std::string& path, const IOOptions& options,
                                             IODebugContext* debug) {
  const auto exists = [&] {
    bool is_directory = false;
    return IsDirectory(path, options, &is_directory, debug).ok() && is_directory;
  };
  if (exists()) return IOStatus::OK();
  IOStatus made = CreateDir(path, options, debug);
  // Two databases that are opened first, at once, make the folder that both stand in.
  return made.ok() || !exists() ? made : IOStatus::OK();
}

// The file system in memory does not say what is a directory, but lists no file.
IOStatus ShardFileSystem::IsDirectory(const std::string& path, const IOOptions& options, bool* is_directory,
                                      IODebugContext* debug) {
  IOStatus status = target()->IsDirectory(path, options, is_directory, debug);
  if (!status.IsNotSupported()) return status;
  std::vector<std::string> names;
  *is_directory = target()->GetChildren(path, options, &names, debug).ok();
  return IOStatus::OK();
}

IOStatus ShardFileSystem::DeleteDir(const std::string& path, const IOOptions& options,
                                    IODebugContext* debug) {
  if (IOStatus refused = admit(FileOperation::remove, path); !refused.ok()) return refused;
  return target()->DeleteDir(path, options, debug);
}

IOStatus ShardFileSystem::RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                                     IODebugContext* debug) {
  if (IOStatus refused = admit(FileOperation::rename, to); !refused.ok()) return refused;
  return target()->RenameFile(from, to, options, debug);
}

IOStatus ShardFileSystem::LinkFile(const std::string& from, const std::string& to, const IOOptions& options,
                                   IODebugContext* debug) {
  if (IOStatus refused = admit(FileOperation::link, to); !refused.ok()) return refused;
  return target()->LinkFile(from, to, options, debug);
}

IOStatus ShardFileSystem::NewLogger(const std::string&, const IOOptions&,
                                    std::shared_ptr<rocksdb::Logger>* logger, IODebugContext*) {
  *logger = std::make_shared<NoLogger>();
  return IOStatus::OK();
}

IOStatus ShardFileSystem::lock(const std::string& path) {
  if (IOStatus refused = admit(FileOperation::create, path); !refused.ok()) return refused;
  IOStatus status = target()->LockFile(path, IOOptions(), &held_, nullptr);
  if (status.ok()) set_mode(path, kFileMode);
  return status;
}

void ShardFileSystem::unlock() {
  if (held_ == nullptr) return;
  const IOStatus status = target()->UnlockFile(held_, IOOptions(), nullptr);
  status.PermitUncheckedError();
  held_ = nullptr;
}

IOStatus ShardFileSystem::LockFile(const std::string&, const IOOptions&, rocksdb::FileLock** lock,
                                   IODebugContext*) {
  if (held_ == nullptr) return IOStatus::InvalidArgument("the shard is locked before RocksDB opens it");
  *lock = held_;
  return IOStatus::OK();
}

// The lock ends with the store, after everything else of it.
IOStatus ShardFileSystem::UnlockFile(rocksdb::FileLock*, const IOOptions&, IODebugContext*) {
  return IOStatus::OK();
}

}  // namespace quire::storage
