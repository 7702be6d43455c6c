#include "storage/table_files.h"

#include "storage/files.h"

namespace quire::storage {

using rocksdb::FileOptions;
using rocksdb::FSWritableFileOwnerWrapper;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

namespace {

bool is_table(const std::string& path) { return path.ends_with(".sst"); }
bool is_manifest(const std::string& path) { return name_of(path).starts_with("MANIFEST-"); }

// Takes everything. What comes after its first failure is dropped: the table is lost already.
class TableFile final : public FSWritableFileOwnerWrapper {
 public:
  TableFile(std::unique_ptr<rocksdb::FSWritableFile> file, std::string path, TableFiles& files)
      : FSWritableFileOwnerWrapper(std::move(file)), path_(std::move(path)), files_(files) {}

  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, IODebugContext* debug) override {
    return take([&] { return FSWritableFileOwnerWrapper::Append(data, options, debug); });
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& info, IODebugContext* debug) override {
    return take([&] { return FSWritableFileOwnerWrapper::Append(data, options, info, debug); });
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    return take([&] { return FSWritableFileOwnerWrapper::Truncate(size, options, debug); });
  }
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    return take([&] { return FSWritableFileOwnerWrapper::Close(options, debug); });
  }
  IOStatus Flush(const IOOptions& options, IODebugContext* debug) override {
    return take([&] { return FSWritableFileOwnerWrapper::Flush(options, debug); });
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return take([&] { return FSWritableFileOwnerWrapper::Sync(options, debug); });
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return take([&] { return FSWritableFileOwnerWrapper::Fsync(options, debug); });
  }
  IOStatus RangeSync(std::uint64_t offset, std::uint64_t bytes, const IOOptions& options,
                     IODebugContext* debug) override {
    return take([&] { return FSWritableFileOwnerWrapper::RangeSync(offset, bytes, options, debug); });
  }

 private:
  template <typename Call>
  IOStatus take(const Call& call) {
    if (failed_) return IOStatus::OK();
    const IOStatus status = call();
    if (status.ok()) return IOStatus::OK();
    failed_ = true;
    files_.note_failure(path_, status);
    return IOStatus::OK();
  }

  const std::string path_;
  TableFiles& files_;
  bool failed_ = false;
};

class ManifestFile final : public FSWritableFileOwnerWrapper {
 public:
  ManifestFile(std::unique_ptr<rocksdb::FSWritableFile> file, TableFiles& files)
      : FSWritableFileOwnerWrapper(std::move(file)), files_(files) {}

  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, IODebugContext* debug) override {
    if (IOStatus failure = files_.failure(); !failure.ok()) return failure;
    return FSWritableFileOwnerWrapper::Append(data, options, debug);
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& info, IODebugContext* debug) override {
    if (IOStatus failure = files_.failure(); !failure.ok()) return failure;
    return FSWritableFileOwnerWrapper::Append(data, options, info, debug);
  }

 private:
  TableFiles& files_;
};

}  // namespace

IOStatus TableFiles::NewWritableFile(const std::string& path, const FileOptions& options,
                                     std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) {
  if (!is_table(path) && !is_manifest(path)) return target()->NewWritableFile(path, options, file, debug);
  if (IOStatus before = failure(); !before.ok()) return before;
  std::unique_ptr<rocksdb::FSWritableFile> made;
  if (IOStatus status = target()->NewWritableFile(path, options, &made, debug); !status.ok()) return status;
  if (is_table(path)) {
    *file = std::make_unique<TableFile>(std::move(made), path, *this);
  } else {
    *file = std::make_unique<ManifestFile>(std::move(made), *this);
  }
  return IOStatus::OK();
}

IOStatus TableFiles::NewRandomAccessFile(const std::string& path, const FileOptions& options,
                                         std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                         IODebugContext* debug) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto failed = failures_.find(name_of(path)); failed != failures_.end()) return failed->second;
  }
  return target()->NewRandomAccessFile(path, options, file, debug);
}

IOStatus TableFiles::DeleteFile(const std::string& path, const IOOptions& options, IODebugContext* debug) {
  IOStatus status = target()->DeleteFile(path, options, debug);
  if (!status.ok()) return status;
  const std::lock_guard lock(mutex_);
  failures_.erase(name_of(path));
  return status;
}

void TableFiles::note_failure(const std::string& path, const IOStatus& status) {
  const std::lock_guard lock(mutex_);
  failures_.emplace(name_of(path), status);
}

IOStatus TableFiles::failure() const {
  const std::lock_guard lock(mutex_);
  return failures_.empty() ? IOStatus::OK() : failures_.begin()->second;
}

}  // namespace quire::storage
