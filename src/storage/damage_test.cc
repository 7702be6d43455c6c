#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <random>

#include "storage/open.h"
#include "storage/testing/fault_disk.h"
#include "storage/testing/temporary_directory.h"

// Every byte that is stored is flipped, one at a time: the shard answers what was written, or an error, and
// never anything else; and whoever verifies it hears of every flip that a later open does not heal.
namespace quire::storage {
namespace {

namespace fs = std::filesystem;
using testing::FaultDisk;
using testing::TemporaryDirectory;
using Model = std::map<std::string, std::string>;

Model filled(int from, int to) {
  Model model;
  for (int i = from; i < to; ++i)
    model["key" + std::to_string(i)] = std::string(20 + i % 50, static_cast<char>('a' + i % 26));
  return model;
}

void put_all(Store& store, const Model& model) {
  for (const auto& [key, value] : model) {
    const auto batch = store.make_batch();
    batch->put(Family::documents, key, value);
    batch->put(Family::blobs, key, std::string(5000, value[0]));
    ASSERT_TRUE(store.write(*batch, Sync::disk));
  }
}

// Reads everything; false where something answers an error. Fails the test on wrong bytes.
bool reads_back(Store& store, const Model& model, const std::string& what) {
  ReadBuffer buffer;
  for (const auto& [key, value] : model) {
    for (const Family family : {Family::documents, Family::blobs}) {
      const auto found = store.get(family, key, buffer);
      if (!found) {
        EXPECT_EQ(found.error().code(), ErrorCode::corrupt) << what << ": " << found.error().to_string();
        return false;
      }
      EXPECT_TRUE(*found) << what << ": " << key << " is gone";
      if (!*found) return false;
      EXPECT_EQ(buffer.view(), family == Family::documents ? value : std::string(5000, value[0])) << what;
    }
  }
  std::size_t seen = 0;
  const auto iterator = store.iterate(Family::documents);
  for (iterator->seek_to_first(); iterator->valid(); iterator->next()) ++seen;
  if (!iterator->status()) return false;
  EXPECT_EQ(seen, model.size()) << what;
  return true;
}

void flip(const std::string& path, std::uint64_t offset, unsigned bit) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekg(static_cast<std::streamoff>(offset));
  const int byte = file.get();
  file.seekp(static_cast<std::streamoff>(offset));
  file.put(static_cast<char>(byte ^ (1 << bit)));
}

void copy_shard(const std::string& from, const std::string& to) {
  fs::remove_all(to);
  fs::copy(from, to, fs::copy_options::recursive);
}

// Some offsets of a file: all of a short one; of a long one both ends and a sample.
std::vector<std::uint64_t> offsets_of(std::uint64_t size, std::mt19937& random) {
  constexpr std::uint64_t kEnds = 40;
  std::vector<std::uint64_t> offsets;
  for (std::uint64_t i = 0; i < size; ++i) {
    const bool at_an_end = i < kEnds / 4 || i + kEnds > size;
    const bool sampled = random() % (1 + size / 16) == 0;
    if (at_an_end || sampled) offsets.push_back(i);
  }
  return offsets;
}

class DamageTest : public ::testing::Test {
 protected:
  DamageTest() { options_.budget = make_memory_budget(8 << 20); }

  // What is found of a flip, in a copy of the shard.
  void check_flip(const std::string& name, std::uint64_t offset, const Model& model) {
    const std::string what = name + " at " + std::to_string(offset);
    const std::string copy = directory_ / "copy";
    copy_shard(directory_ / "shard", copy);
    flip(copy + "/" + name, offset, static_cast<unsigned>(random_() % 8));
    const auto store = disk_.open(copy, options_);
    if (!store) {
      EXPECT_TRUE(store.error().code() == ErrorCode::corrupt || name == "QUIRE-SHARD")
          << what << ": " << store.error().to_string();
      EXPECT_EQ(store.error().message().find('\n'), std::string::npos);
      return;
    }
    const bool sound = reads_back(**store, model, what);
    // RocksDB writes a manifest of its own and IDENTITY at each open, and reads a log into memory.
    if (name == "IDENTITY" || name.starts_with("MANIFEST") || name.ends_with(".log")) {
      EXPECT_TRUE(sound) << what;
      return;
    }
    int findings = 0;
    const Status verified = (*store)->verify([&](const std::string& finding) {
      ++findings;
      EXPECT_NE(finding.find(name), std::string::npos) << finding;
    });
    EXPECT_TRUE(verified) << what << ": " << verified.error().to_string();
    EXPECT_GT(findings, 0) << what;
    EXPECT_EQ((*store)->health().error().code(), ErrorCode::read_only) << what;
  }

  void check_every_file(const Model& model) {
    for (const auto& entry : fs::directory_iterator(directory_ / "shard")) {
      const std::string name = entry.path().filename();
      for (const std::uint64_t offset : offsets_of(entry.file_size(), random_))
        check_flip(name, offset, model);
    }
  }

  TemporaryDirectory directory_;
  FaultDisk disk_;  // without faults: it spares the fsyncs of some thousand opens
  OpenOptions options_;
  std::mt19937 random_{7};
};

TEST_F(DamageTest, no_flipped_byte_of_a_closed_shard_goes_unnoticed) {
  Model model = filled(0, 60);
  {
    const auto store = std::move(*open(directory_ / "shard", options_));
    put_all(*store, model);
    ASSERT_TRUE(store->flush());
    ASSERT_TRUE(store->compact(Family::documents, "", ""));
    // A log is left for the next open.
    const Model more = filled(60, 70);
    put_all(*store, more);
    model.insert(more.begin(), more.end());
  }
  check_every_file(model);
}

// Of a shard that was not closed the very last write cannot be told from a torn one; every one before it can.
TEST_F(DamageTest, no_flipped_byte_before_the_last_write_of_a_killed_shard_goes_unnoticed) {
  const Model model = filled(0, 40);
  std::uint64_t known = 0;
  std::string log;
  {
    FaultDisk disk;
    const auto store = std::move(*disk.open(directory_ / "shard", options_));
    put_all(*store, model);
    for (const auto& entry : fs::directory_iterator(directory_ / "shard")) {
      if (entry.path().extension() != ".log") continue;
      log = entry.path().filename();
      known = entry.file_size();
    }
    const auto batch = store->make_batch();
    batch->put(Family::documents, "last", "x");
    ASSERT_TRUE(store->write(*batch, Sync::disk));
    disk.cut_power();
  }
  for (const std::uint64_t offset : offsets_of(known, random_)) {
    const std::string copy = directory_ / "copy";
    copy_shard(directory_ / "shard", copy);
    flip(copy + "/" + log, offset, static_cast<unsigned>(random_() % 8));
    const auto store = disk_.open(copy, options_);
    if (!store) {
      EXPECT_EQ(store.error().code(), ErrorCode::corrupt) << store.error().to_string();
      EXPECT_NE(store.error().message().find(log), std::string::npos) << store.error().message();
      continue;
    }
    reads_back(**store, model, log + " at " + std::to_string(offset));
  }
}

// A torn log is kept until its records are in tables. Whoever lists the logs reads the first record of each.
TEST_F(DamageTest, a_shard_whose_torn_log_is_kept_is_verified_and_copied) {
  const Model model = filled(0, 5);
  std::string log;
  {
    FaultDisk disk;
    put_all(*std::move(*disk.open(directory_ / "shard", options_)), model);
    const auto store = std::move(*disk.open(directory_ / "shard", options_));
    const auto batch = store->make_batch();
    batch->put(Family::documents, "unsynced", std::string(3000, 'u'));
    ASSERT_TRUE(store->write(*batch, Sync::none));
    for (const auto& entry : fs::directory_iterator(directory_ / "shard"))
      if (entry.path().extension() == ".log") log = std::max(log, entry.path().filename().string());
    disk.cut_power();
  }
  const std::string whole = directory_ / "shard/" + log;
  for (std::uint64_t size = 1; size < fs::file_size(whole); size += 200) {
    const std::string copy = directory_ / "copy";
    copy_shard(directory_ / "shard", copy);
    fs::resize_file(copy + "/" + log, size);
    fs::resize_file(copy + "/" + log,
                    fs::file_size(whole));  // the length reached the disk, its pages did not
    const auto store = disk_.open(copy, options_);
    ASSERT_TRUE(store) << size << ": " << store.error().to_string();
    const Status verified =
        (*store)->verify([&](const auto& finding) { ADD_FAILURE() << size << ": " << finding; });
    EXPECT_TRUE(verified) << size << ": " << verified.error().to_string();
    fs::remove_all(directory_ / "checkpoint");
    const Status copied = (*store)->checkpoint(directory_ / "checkpoint", {});
    EXPECT_TRUE(copied) << size << ": " << copied.error().to_string();
    reads_back(**store, model, "torn at " + std::to_string(size));
  }
}

TEST_F(DamageTest, a_shard_without_one_of_its_files_says_so) {
  const Model model = filled(0, 50);
  {
    const auto store = std::move(*open(directory_ / "shard", options_));
    put_all(*store, model);
    ASSERT_TRUE(store->flush());
    put_all(*store, filled(0, 3));
  }
  for (const auto& entry : fs::directory_iterator(directory_ / "shard")) {
    const std::string name = entry.path().filename();
    const std::string copy = directory_ / "copy";
    copy_shard(directory_ / "shard", copy);
    fs::remove(copy + "/" + name);
    const auto store = disk_.open(copy, options_);
    if (name == "LOCK" || name == "IDENTITY") {
      EXPECT_TRUE(store) << name;
      continue;
    }
    const auto expected = name == "QUIRE-SHARD" ? ErrorCode::invalid : ErrorCode::corrupt;
    if (store) {
      EXPECT_FALSE(reads_back(**store, model, "without " + name)) << name;
      continue;
    }
    EXPECT_EQ(store.error().code(), expected) << name << ": " << store.error().to_string();
    EXPECT_NE(store.error().message().find(copy), std::string::npos) << store.error().message();
  }
}

TEST_F(DamageTest, a_log_cut_anywhere_by_a_clean_close_is_damage) {
  const Model model = filled(0, 30);
  put_all(*std::move(*open(directory_ / "shard", options_)), model);
  for (const auto& entry : fs::directory_iterator(directory_ / "shard")) {
    const std::string name = entry.path().filename();
    if (!name.ends_with(".log") && !name.starts_with("MANIFEST")) continue;
    for (std::uint64_t size = 0; size < entry.file_size(); size += 1 + entry.file_size() / 100) {
      const std::string copy = directory_ / "copy";
      copy_shard(directory_ / "shard", copy);
      fs::resize_file(copy + "/" + name, size);
      const auto store = disk_.open(copy, options_);
      ASSERT_FALSE(store) << name << " cut to " << size;
      EXPECT_EQ(store.error().code(), ErrorCode::corrupt) << store.error().to_string();
    }
  }
}

}  // namespace
}  // namespace quire::storage
