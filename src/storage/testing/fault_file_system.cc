#include "storage/testing/fault_file_system.h"

#include <filesystem>

#include "storage/files.h"

namespace quire::storage::testing {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using Call = FaultDisk::Impl::Call;
using Kind = DirectoryChange::Kind;

namespace {

// RocksDB joins paths with one slash too many here and there.
std::string clean(const std::string& path) {
  std::string text = std::filesystem::path(path).lexically_normal().string();
  while (text.size() > 1 && text.ends_with('/')) text.pop_back();
  return text;
}

class FaultFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultFile(std::unique_ptr<rocksdb::FSWritableFile> file, std::string path, std::uint64_t size,
            std::shared_ptr<FaultDisk::Impl> disk)
      : FSWritableFileOwnerWrapper(std::move(file)),
        path_(std::move(path)),
        disk_(std::move(disk)),
        state_(disk_->state(path_)),
        size_(size) {}

  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, IODebugContext* debug) override {
    std::uint64_t room = 0;
    IOStatus refused = disk_->admit(Call::append, path_, data.size(), &room);
    if (!refused.ok() && room == 0) return refused;
    const rocksdb::Slice fits(data.data(), refused.ok() ? data.size() : room);
    const IOStatus status = FSWritableFileOwnerWrapper::Append(fits, options, debug);
    if (status.ok()) size_ += fits.size();
    return status.ok() ? refused : status;
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus PositionedAppend(const rocksdb::Slice&, std::uint64_t, const IOOptions&,
                            IODebugContext*) override {
    return IOStatus::NotSupported("files are appended to at their end");
  }
  IOStatus PositionedAppend(const rocksdb::Slice& data, std::uint64_t offset, const IOOptions& options,
                            const rocksdb::DataVerificationInfo&, IODebugContext* debug) override {
    return PositionedAppend(data, offset, options, debug);
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    if (IOStatus refused = disk_->admit(Call::other, path_); !refused.ok()) return refused;
    IOStatus status = FSWritableFileOwnerWrapper::Truncate(size, options, debug);
    if (status.ok()) size_ = size;
    return status;
  }
  IOStatus Sync(const IOOptions&, IODebugContext*) override {
    if (IOStatus refused = disk_->admit(Call::sync, path_); !refused.ok()) {
      disk_->note_failed_sync(*state_);
      return refused;
    }
    disk_->note_sync(*state_, size_);
    return IOStatus::OK();
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override { return Sync(options, debug); }
  // Starts writing back, which promises nothing.
  IOStatus RangeSync(std::uint64_t, std::uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }
  IOStatus Allocate(std::uint64_t, std::uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }

 private:
  const std::string path_;
  const std::shared_ptr<FaultDisk::Impl> disk_;
  const std::shared_ptr<FileState> state_;
  std::uint64_t size_;
};

class FaultDirectory final : public rocksdb::FSDirectory {
 public:
  FaultDirectory(std::string path, std::shared_ptr<FaultDisk::Impl> disk)
      : path_(std::move(path)), disk_(std::move(disk)) {}

  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    if (IOStatus refused = disk_->admit(Call::sync, path_); !refused.ok()) return refused;
    disk_->note_directory_sync(path_);
    return IOStatus::OK();
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }

 private:
  const std::string path_;
  const std::shared_ptr<FaultDisk::Impl> disk_;
};

}  // namespace

FaultFileSystem::FaultFileSystem(std::shared_ptr<FaultDisk::Impl> disk)
    : FileSystemWrapper(rocksdb::FileSystem::Default()), disk_(std::move(disk)) {}

IOStatus FaultFileSystem::NewWritableFile(const std::string& name, const FileOptions& options,
                                          std::unique_ptr<rocksdb::FSWritableFile>* file,
                                          IODebugContext* debug) {
  const std::string path = clean(name);
  if (IOStatus refused = disk_->admit(Call::create, path); !refused.ok()) return refused;
  auto change = disk_->change_of(Kind::create, path);
  // A file of its own in the place of the old one, so that the old one's other names keep their bytes.
  std::filesystem::remove(path);
  std::unique_ptr<rocksdb::FSWritableFile> made;
  if (IOStatus status = target()->NewWritableFile(path, options, &made, debug); !status.ok()) return status;
  disk_->note_change(std::move(change));
  disk_->rename({}, path);
  *file = std::make_unique<FaultFile>(std::move(made), path, 0, disk_);
  return IOStatus::OK();
}

IOStatus FaultFileSystem::ReopenWritableFile(const std::string& name, const FileOptions& options,
                                             std::unique_ptr<rocksdb::FSWritableFile>* file,
                                             IODebugContext* debug) {
  const std::string path = clean(name);
  if (!std::filesystem::exists(path)) return NewWritableFile(name, options, file, debug);
  if (IOStatus refused = disk_->admit(Call::create, path); !refused.ok()) return refused;
  const std::uint64_t size = std::filesystem::file_size(path);
  std::unique_ptr<rocksdb::FSWritableFile> made;
  if (IOStatus status = target()->ReopenWritableFile(path, options, &made, debug); !status.ok())
    return status;
  *file = std::make_unique<FaultFile>(std::move(made), path, size, disk_);
  return IOStatus::OK();
}

IOStatus FaultFileSystem::ReuseWritableFile(const std::string&, const std::string&, const FileOptions&,
                                            std::unique_ptr<rocksdb::FSWritableFile>*, IODebugContext*) {
  return IOStatus::NotSupported("logs are not reused");
}

IOStatus FaultFileSystem::NewDirectory(const std::string& name, const IOOptions&,
                                       std::unique_ptr<rocksdb::FSDirectory>* directory, IODebugContext*) {
  const std::string path = clean(name);
  if (!std::filesystem::is_directory(path)) return IOStatus::PathNotFound("no such directory", path);
  *directory = std::make_unique<FaultDirectory>(path, disk_);
  return IOStatus::OK();
}

IOStatus FaultFileSystem::DeleteFile(const std::string& name, const IOOptions& options,
                                     IODebugContext* debug) {
  const std::string path = clean(name);
  if (IOStatus refused = disk_->admit(Call::other, path); !refused.ok()) return refused;
  auto change = disk_->change_of(Kind::remove, path);
  if (IOStatus status = target()->DeleteFile(path, options, debug); !status.ok()) return status;
  disk_->give_back(change.old_content ? change.old_content->size() : 0);
  disk_->note_change(std::move(change));
  disk_->rename({}, path);
  return IOStatus::OK();
}

IOStatus FaultFileSystem::Truncate(const std::string& name, std::size_t size, const IOOptions& options,
                                   IODebugContext* debug) {
  if (IOStatus refused = disk_->admit(Call::other, name); !refused.ok()) return refused;
  return target()->Truncate(name, size, options, debug);
}

IOStatus FaultFileSystem::CreateDir(const std::string& name, const IOOptions& options,
                                    IODebugContext* debug) {
  const std::string path = clean(name);
  if (IOStatus refused = disk_->admit(Call::create, path); !refused.ok()) return refused;
  if (IOStatus status = target()->CreateDir(path, options, debug); !status.ok()) return status;
  disk_->note_change({Kind::make_directory, path, {}, {}, {}});
  return IOStatus::OK();
}

IOStatus FaultFileSystem::CreateDirIfMissing(const std::string& name, const IOOptions& options,
                                             IODebugContext* debug) {
  if (std::filesystem::is_directory(name)) return IOStatus::OK();
  return CreateDir(name, options, debug);
}

IOStatus FaultFileSystem::DeleteDir(const std::string& name, const IOOptions& options,
                                    IODebugContext* debug) {
  const std::string path = clean(name);
  if (IOStatus refused = disk_->admit(Call::other, path); !refused.ok()) return refused;
  if (IOStatus status = target()->DeleteDir(path, options, debug); !status.ok()) return status;
  disk_->note_change({Kind::remove_directory, path, {}, {}, {}});
  return IOStatus::OK();
}

IOStatus FaultFileSystem::RenameFile(const std::string& from_name, const std::string& to_name,
                                     const IOOptions& options, IODebugContext* debug) {
  const std::string from = clean(from_name);
  const std::string to = clean(to_name);
  if (IOStatus refused = disk_->admit(Call::other, to); !refused.ok()) return refused;
  auto change = disk_->change_of(Kind::rename, to);
  change.old_path = from;
  if (IOStatus status = target()->RenameFile(from, to, options, debug); !status.ok()) return status;
  disk_->rename(from, to);
  disk_->note_change(std::move(change));
  return IOStatus::OK();
}

IOStatus FaultFileSystem::LinkFile(const std::string& from_name, const std::string& to_name,
                                   const IOOptions& options, IODebugContext* debug) {
  const std::string from = clean(from_name);
  const std::string to = clean(to_name);
  if (IOStatus refused = disk_->admit(Call::create, to); !refused.ok()) return refused;
  if (IOStatus status = target()->LinkFile(from, to, options, debug); !status.ok()) return status;
  disk_->note_change({Kind::link, to, {}, {}, {}});
  disk_->share_state(from, to);
  return IOStatus::OK();
}

IOStatus FaultFileSystem::LockFile(const std::string& name, const IOOptions& options,
                                   rocksdb::FileLock** lock, IODebugContext* debug) {
  const std::string path = clean(name);
  const bool makes_file = !std::filesystem::exists(path);
  if (makes_file) {
    if (IOStatus refused = disk_->admit(Call::create, path); !refused.ok()) return refused;
  }
  if (IOStatus status = target()->LockFile(path, options, lock, debug); !status.ok()) return status;
  if (makes_file) disk_->note_change({Kind::create, path, {}, {}, {}});
  return IOStatus::OK();
}

}  // namespace quire::storage::testing
