#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <set>

#include "storage/open.h"
#include "storage/testing/temporary_directory.h"

namespace quire::storage {
namespace {

// Admits one epoch, which can be moved on as if another node had taken the shard over.
class EpochFence final : public Fence {
 public:
  Status admit(Epoch epoch, FileOperation operation, const std::string& path) override {
    const std::lock_guard lock(mutex_);
    seen_.insert(operation);
    QUIRE_CHECK(!path.empty(), "a call names its path");
    if (epoch == current_) return ok();
    return Error(ErrorCode::forbidden, "the shard belongs to epoch " + std::to_string(current_));
  }
  void move_to(Epoch epoch) {
    const std::lock_guard lock(mutex_);
    current_ = epoch;
  }
  std::set<FileOperation> seen() const {
    const std::lock_guard lock(mutex_);
    return seen_;
  }

 private:
  mutable std::mutex mutex_;
  Epoch current_ = 1;
  std::set<FileOperation> seen_;
};

class FenceTest : public ::testing::TestWithParam<Medium> {
 protected:
  FenceTest() {
    options_.medium = GetParam();
    options_.budget = make_memory_budget(16 << 20);
    options_.fence = fence_;
  }
  Status put(Store& store, const std::string& key, Sync sync) {
    const auto batch = store.make_batch();
    batch->put(Family::documents, key, "value");
    return store.write(*batch, sync);
  }
  // Every file of the directory with its bytes.
  std::map<std::string, std::string> files() const {
    std::map<std::string, std::string> contents;
    if (GetParam() == Medium::memory) return contents;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory_.path())) {
      if (entry.is_directory()) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      contents[entry.path()] = std::string(std::istreambuf_iterator<char>(file), {});
    }
    return contents;
  }

  testing::TemporaryDirectory directory_;
  std::shared_ptr<EpochFence> fence_ = std::make_shared<EpochFence>();
  OpenOptions options_;
};

TEST_P(FenceTest, whoever_lost_the_shard_changes_nothing_and_may_read) {
  auto store = std::move(*open(directory_ / "shard", options_));
  ASSERT_TRUE(put(*store, "before", Sync::disk));
  const auto before = files();
  fence_->move_to(2);
  for (const Sync sync : {Sync::disk, Sync::none}) EXPECT_FALSE(put(*store, "after", sync));
  EXPECT_FALSE(store->sync());
  EXPECT_FALSE(store->flush());
  EXPECT_FALSE(store->compact(Family::documents, "", ""));
  EXPECT_FALSE(store->checkpoint(directory_ / "copy"));
  const Status health = store->health();
  ASSERT_FALSE(health);
  EXPECT_EQ(health.error().code(), ErrorCode::read_only);
  EXPECT_NE(health.error().message().find("belongs to epoch 2"), std::string::npos)
      << health.error().message();
  ReadBuffer buffer;
  EXPECT_TRUE(*store->get(Family::documents, "before", buffer));
  EXPECT_FALSE(*store->get(Family::documents, "after", buffer));
  EXPECT_EQ(files(), before);
  store.reset();
  EXPECT_EQ(files(), before);

  OpenOptions owner = options_;
  owner.epoch = 2;
  store = std::move(*open(directory_ / "shard", owner));
  EXPECT_TRUE(*store->get(Family::documents, "before", buffer));
  EXPECT_TRUE(put(*store, "after", Sync::disk));
}

TEST_P(FenceTest, background_work_of_a_lost_shard_changes_nothing) {
  auto store = std::move(*open(directory_ / "shard", options_));
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(put(*store, std::to_string(i), Sync::none));
  ASSERT_TRUE(store->sync());
  const auto before = files();
  fence_->move_to(2);
  EXPECT_FALSE(store->flush());
  EXPECT_FALSE(store->health());
  store.reset();
  EXPECT_EQ(files(), before);
}

TEST_P(FenceTest, opening_with_a_lost_epoch_fails_and_leaves_the_files_alone) {
  { ASSERT_TRUE(put(*std::move(*open(directory_ / "shard", options_)), "a", Sync::disk)); }
  const auto before = files();
  fence_->move_to(2);
  const auto store = open(directory_ / "shard", options_);
  ASSERT_FALSE(store);
  EXPECT_NE(store.error().message().find("belongs to epoch 2"), std::string::npos) << store.error().message();
  EXPECT_FALSE(open(directory_ / "new", options_));
  EXPECT_EQ(files(), before);
}

TEST_P(FenceTest, every_kind_of_change_is_asked_for) {
  const auto store = std::move(*open(directory_ / "shard", options_));
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(put(*store, std::to_string(i), Sync::disk));
    ASSERT_TRUE(store->flush());
  }
  ASSERT_TRUE(store->compact(Family::documents, "", ""));
  ASSERT_TRUE(store->checkpoint(directory_ / "copy"));
  std::set<FileOperation> expected{FileOperation::create,        FileOperation::append, FileOperation::sync,
                                   FileOperation::rename,        FileOperation::link,   FileOperation::remove,
                                   FileOperation::make_directory};
  for (const FileOperation operation : expected) {
    EXPECT_TRUE(fence_->seen().contains(operation)) << static_cast<int>(operation);
  }
}

INSTANTIATE_TEST_SUITE_P(Media, FenceTest, ::testing::Values(Medium::disk, Medium::memory),
                         [](const auto& medium) { return medium.param == Medium::disk ? "disk" : "memory"; });

}  // namespace
}  // namespace quire::storage
