#include "storage/backup.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "storage/backup_manifest_format.h"
#include "storage/testing/fault_disk.h"
#include "storage/testing/temporary_directory.h"

namespace quire::storage {
namespace {

namespace fs = std::filesystem;
using testing::FaultDisk;
using Model = std::map<std::string, std::string>;

class BackupTest : public ::testing::Test {
 protected:
  BackupTest() {
    options_.budget = make_memory_budget(8 << 20);
    store_ = std::move(*disk_.open(directory_ / "shard", options_));
  }
  void fill(int from, int to) {
    for (int i = from; i < to; ++i) {
      const std::string key = "key" + std::to_string(i);
      model_[key] = std::string(300, static_cast<char>('a' + i % 26));
      const auto batch = store_->make_batch();
      batch->put(Family::documents, key, model_[key]);
      batch->put(Family::blobs, key, std::string(6000, 'b'));
      ASSERT_TRUE(store_->write(*batch, Sync::disk));
    }
  }
  Model contents(const std::string& shard) {
    Model found;
    const auto store = disk_.open(shard, options_);
    EXPECT_TRUE(store) << (store ? "" : store.error().to_string());
    if (!store) return found;
    const auto iterator = (*store)->iterate(Family::documents);
    for (iterator->seek_to_first(); iterator->valid(); iterator->next()) {
      found.emplace(iterator->key(), iterator->value());
    }
    EXPECT_TRUE((*store)->verify([](const std::string& finding) { ADD_FAILURE() << finding; }));
    return found;
  }
  // The files of a backup's shard.
  std::vector<fs::path> files(const std::string& backup) {
    std::vector<fs::path> paths;
    for (const auto& entry : fs::directory_iterator(backup + "/shard")) paths.push_back(entry.path());
    return paths;
  }

  testing::TemporaryDirectory directory_;
  FaultDisk disk_;
  OpenOptions options_;
  std::unique_ptr<Store> store_;
  Model model_;
};

TEST_F(BackupTest, comes_back_as_it_was) {
  fill(0, 200);
  ASSERT_TRUE(store_->flush());
  fill(200, 220);
  const Status made = backup(*store_, directory_ / "backup");
  ASSERT_TRUE(made) << made.error().to_string();
  const Model before = model_;
  fill(0, 300);
  ASSERT_TRUE(
      verify_backup(directory_ / "backup", [](const std::string& finding) { ADD_FAILURE() << finding; }));
  const Status restored = restore(directory_ / "backup", directory_ / "restored");
  ASSERT_TRUE(restored) << restored.error().to_string();
  EXPECT_EQ(contents(directory_ / "restored"), before);
  // Using what was restored does not touch the backup.
  EXPECT_TRUE(
      verify_backup(directory_ / "backup", [](const std::string& finding) { ADD_FAILURE() << finding; }));
  EXPECT_EQ(restore(directory_ / "backup", directory_ / "restored").error().code(), ErrorCode::exists);
  EXPECT_EQ(backup(*store_, directory_ / "backup").error().code(), ErrorCode::exists);
}

TEST_F(BackupTest, a_store_that_takes_no_writes_is_backed_up) {
  fill(0, 50);
  disk_.fail_from_sync(1);
  const auto batch = store_->make_batch();
  batch->put(Family::documents, "x", "y");
  ASSERT_FALSE(store_->write(*batch, Sync::disk));
  disk_.repair();
  ASSERT_FALSE(store_->health());
  ASSERT_TRUE(backup(*store_, directory_ / "backup"));
  ASSERT_TRUE(restore(directory_ / "backup", directory_ / "restored"));
  const Model found = contents(directory_ / "restored");
  for (const auto& [key, value] : model_) EXPECT_EQ(found.at(key), value);
}

TEST_F(BackupTest, unchanged_tables_are_linked_and_outlive_the_backup_they_come_from) {
  if (!fs::is_directory("/dev/shm")) GTEST_SKIP() << "needs a second file system";
  const testing::TemporaryDirectory elsewhere("/dev/shm");
  fill(0, 200);
  ASSERT_TRUE(store_->flush());
  ASSERT_TRUE(backup(*store_, elsewhere / "first"));
  fill(200, 210);
  ASSERT_TRUE(store_->flush());
  ASSERT_TRUE(backup(*store_, elsewhere / "second", {elsewhere / "first"}));
  std::size_t shared = 0;
  for (const auto& path : files(elsewhere / "second")) {
    const auto earlier = fs::path(elsewhere / "first/shard") / path.filename();
    shared += path.extension() == ".sst" && fs::exists(earlier) && fs::equivalent(path, earlier);
  }
  EXPECT_GT(shared, 0u);
  fs::remove_all(elsewhere / "first");
  ASSERT_TRUE(restore(elsewhere / "second", directory_ / "restored"));
  EXPECT_EQ(contents(directory_ / "restored"), model_);
}

TEST_F(BackupTest, no_damaged_file_is_restored) {
  fill(0, 40);
  ASSERT_TRUE(store_->flush());
  ASSERT_TRUE(backup(*store_, directory_ / "backup"));
  auto paths = files(directory_ / "backup");
  paths.push_back(directory_ / "backup/QUIRE-BACKUP");
  for (const auto& path : paths) {
    const auto good = [&] {
      std::ifstream file(path, std::ios::binary);
      return std::string(std::istreambuf_iterator<char>(file), {});
    }();
    for (std::size_t at = 0; at < good.size(); at += 1 + good.size() / 7) {
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ 0x10);
      fs::remove(path);  // a hard link of the shard's own table
      std::ofstream(path, std::ios::binary) << bad;
      const Status restored = restore(directory_ / "backup", directory_ / "restored");
      ASSERT_FALSE(restored) << path << " at " << at;
      EXPECT_EQ(restored.error().code(), ErrorCode::corrupt);
      EXPECT_NE(restored.error().message().find(path.string()), std::string::npos)
          << restored.error().message();
      EXPECT_FALSE(fs::exists(directory_ / "restored"));
      EXPECT_FALSE(fs::exists(directory_ / "restored.partial"));
    }
    std::ofstream(path, std::ios::binary | std::ios::trunc) << good;
  }
  EXPECT_TRUE(restore(directory_ / "backup", directory_ / "restored"));
}

TEST_F(BackupTest, no_incomplete_backup_is_restored) {
  fill(0, 40);
  ASSERT_TRUE(store_->flush());
  ASSERT_TRUE(backup(*store_, directory_ / "backup"));
  for (const auto& path : files(directory_ / "backup")) {
    fs::rename(path, directory_ / "aside");
    const Status restored = restore(directory_ / "backup", directory_ / "restored");
    ASSERT_FALSE(restored) << path;
    EXPECT_EQ(restored.error().message(), path.string() + " is missing");
    int findings = 0;
    EXPECT_TRUE(verify_backup(directory_ / "backup", [&](const std::string&) { ++findings; }));
    EXPECT_EQ(findings, 1);
    fs::rename(directory_ / "aside", path);
  }
  fs::remove(directory_ / "backup/QUIRE-BACKUP");
  EXPECT_EQ(restore(directory_ / "backup", directory_ / "restored").error().code(), ErrorCode::not_found);
  EXPECT_EQ(restore(directory_ / "nowhere", directory_ / "restored").error().code(), ErrorCode::not_found);
}

// Each mutating call of a backup and of a restore fails once, with a power cut after it: what is left under
// the final name is whole, or there is nothing under it.
TEST_F(BackupTest, no_half_is_ever_taken_for_a_whole) {
  fill(0, 20);
  ASSERT_TRUE(store_->flush());
  ASSERT_TRUE(backup(*store_, directory_ / "good"));
  const Model before = model_;
  for (std::uint64_t n = 1;; ++n) {
    const std::string target = directory_ / ("restored" + std::to_string(n));
    FaultDisk disk;
    disk.fail_from_call(n);
    const bool said_ok = disk.restore(directory_ / "good", target).has_value();
    const bool reached_the_end = disk.mutating_calls() < n;
    disk.cut_power();
    ASSERT_TRUE(disk.drop_unsynced(static_cast<FaultDisk::Loss>(n % 3), n));
    ASSERT_TRUE(!said_ok || fs::exists(target)) << "call " << n;
    if (fs::exists(target)) {
      EXPECT_EQ(contents(target), before) << "call " << n;
    }
    if (reached_the_end) break;
  }
}

TEST(BackupManifestFormatTest, is_the_bytes_of_the_format_page) {
  BackedUpFile file{"CURRENT", 16, {}};
  file.digest.fill(0x55);
  std::string expected = "QUIRE-BACKUP\n";
  expected += std::string("\0\0\0\1", 4);
  expected +=
      "\x01\x07"
      "CURRENT"
      "\x10";
  expected += std::string(32, 0x55);
  const std::string encoded = encode(std::vector{file});
  EXPECT_EQ(encoded.substr(0, encoded.size() - 4), expected);
  EXPECT_EQ(decode_backup_manifest(encoded).value(), std::vector{file});
}

TEST(BackupManifestFormatTest, a_name_leads_nowhere_else) {
  for (const char* name : {"", ".", "..", "../CURRENT", "/etc/passwd", "a/b"}) {
    EXPECT_FALSE(decode_backup_manifest(encode(std::vector{BackedUpFile{name, 1, {}}}))) << name;
  }
}

TEST(BackupManifestFormatTest, no_damaged_manifest_is_read) {
  const std::string good = encode(std::vector{BackedUpFile{"a", 1, {}}, BackedUpFile{"b", 300, {}}});
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(decode_backup_manifest(good.substr(0, size)));
  for (std::size_t i = 0; i < good.size() * 8; ++i) {
    std::string bad = good;
    bad[i / 8] = static_cast<char>(bad[i / 8] ^ (1 << i % 8));
    EXPECT_FALSE(decode_backup_manifest(bad)) << i;
  }
}

}  // namespace
}  // namespace quire::storage
