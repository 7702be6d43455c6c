#include "storage/table_files.h"

#include <gtest/gtest.h>

#include "storage/testing/fault_disk.h"
#include "storage/testing/temporary_directory.h"

namespace quire::storage::testing {
namespace {

Status put(Store& store, const std::string& key) {
  const auto batch = store.make_batch();
  batch->put(Family::documents, key, "v");
  return store.write(*batch, Sync::disk);
}

// A table of keys, and one that says they are erased: compaction leaves nothing of both.
Status erase_all(Store& store) {
  for (int i = 0; i < 100; ++i) QUIRE_TRY_STATUS(put(store, "erased" + std::to_string(i)));
  QUIRE_TRY_STATUS(store.flush());
  const auto batch = store.make_batch();
  batch->erase_range(Family::documents, "erased", "erasee");
  QUIRE_TRY_STATUS(store.write(*batch, Sync::disk));
  return store.flush();
}

// If this fails, the process is gone: RocksDB aborts it where an empty table of a compaction fails.
TEST(TableFilesTest, a_disk_that_fails_under_a_compaction_of_erased_ranges_fails_the_store_alone) {
  int failed = 0;
  for (std::uint64_t n = 1; n < 40; ++n) {
    const TemporaryDirectory directory;
    FaultDisk disk;
    auto store = *disk.open(directory / "shard", {});
    ASSERT_TRUE(put(*store, "kept"));
    ASSERT_TRUE(store->flush());
    ASSERT_TRUE(store->compact(Family::documents, "", ""));
    ASSERT_TRUE(erase_all(*store));
    disk.fail_from_call(n, n % 2 == 0 ? FaultDisk::Failure::no_space : FaultDisk::Failure::io_error);
    const Status compacted = store->compact(Family::documents, "erased", "erasee");
    const Status health = store->health();
    if (!health) {
      ++failed;
      EXPECT_FALSE(compacted);
      const std::string_view cause = n % 2 == 0 ? "no space" : "asked for";
      EXPECT_NE(health.error().message().find(cause), std::string::npos) << health.error().to_string();
    }
    store.reset();
    disk.repair();
    auto again = disk.open(directory / "shard", {});
    ASSERT_TRUE(again) << "call " << n << ": " << again.error().to_string();
    ReadBuffer buffer;
    EXPECT_TRUE(*(*again)->get(Family::documents, "kept", buffer));
    EXPECT_FALSE(*(*again)->get(Family::documents, "erased7", buffer));
    EXPECT_TRUE((*again)->compact(Family::documents, "", ""));
    EXPECT_TRUE(put(**again, "more"));
  }
  EXPECT_GT(failed, 5);
}

class FailingFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  using FSWritableFileOwnerWrapper::Append;
  using FSWritableFileOwnerWrapper::FSWritableFileOwnerWrapper;
  rocksdb::IOStatus Append(const rocksdb::Slice&, const rocksdb::IOOptions&,
                           rocksdb::IODebugContext*) override {
    return rocksdb::IOStatus::NoSpace("full");
  }
};

// Tables cannot be appended to.
class FullDisk final : public rocksdb::FileSystemWrapper {
 public:
  using FileSystemWrapper::FileSystemWrapper;
  const char* Name() const override { return "FullDisk"; }
  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override {
    std::unique_ptr<rocksdb::FSWritableFile> made;
    auto status = target()->NewWritableFile(path, options, &made, debug);
    if (!status.ok() || !path.ends_with(".sst")) {
      *file = std::move(made);
    } else {
      *file = std::make_unique<FailingFile>(std::move(made));
    }
    return status;
  }
};

TEST(TableFilesTest, a_table_that_could_not_be_written_is_never_opened_and_nothing_is_built_beside_it) {
  const TemporaryDirectory directory;
  TableFiles files(std::make_shared<FullDisk>(rocksdb::FileSystem::Default()));
  const std::string table = directory / "000012.sst";
  std::unique_ptr<rocksdb::FSWritableFile> manifest;
  ASSERT_TRUE(files.NewWritableFile(directory / "MANIFEST-000001", {}, &manifest, nullptr).ok());
  ASSERT_TRUE(manifest->Append("before", {}, nullptr).ok());

  std::unique_ptr<rocksdb::FSWritableFile> file;
  ASSERT_TRUE(files.NewWritableFile(table, {}, &file, nullptr).ok());
  EXPECT_TRUE(file->Append("bytes", {}, nullptr).ok());
  EXPECT_TRUE(file->Sync({}, nullptr).ok());
  EXPECT_TRUE(file->Close({}, nullptr).ok());

  std::unique_ptr<rocksdb::FSRandomAccessFile> opened;
  EXPECT_TRUE(files.NewRandomAccessFile(table, {}, &opened, nullptr).IsNoSpace());
  EXPECT_TRUE(files.NewWritableFile(directory / "000013.sst", {}, &file, nullptr).IsNoSpace());
  EXPECT_TRUE(manifest->Append("built on it", {}, nullptr).IsNoSpace());
  std::unique_ptr<rocksdb::FSWritableFile> log;
  EXPECT_TRUE(files.NewWritableFile(directory / "000014.log", {}, &log, nullptr).ok());

  ASSERT_TRUE(files.DeleteFile(table, {}, nullptr).ok());
  EXPECT_TRUE(manifest->Append("after", {}, nullptr).ok());
  EXPECT_TRUE(files.NewWritableFile(directory / "000013.sst", {}, &file, nullptr).ok());
  EXPECT_TRUE(manifest->Close({}, nullptr).ok());
}

}  // namespace
}  // namespace quire::storage::testing
