#include "storage/testing/fault_disk.h"

#include <gtest/gtest.h>

#include "storage/testing/temporary_directory.h"

namespace quire::storage::testing {
namespace {

using Loss = FaultDisk::Loss;

Status put(Store& store, const std::string& key, const std::string& value, Sync sync) {
  const auto batch = store.make_batch();
  batch->put(Family::documents, key, value);
  batch->put(Family::history, key, value);
  return store.write(*batch, sync);
}

std::optional<std::string> value_of(Store& store, const std::string& key) {
  ReadBuffer buffer;
  const auto found = store.get(Family::documents, key, buffer);
  EXPECT_TRUE(found) << (found ? "" : found.error().to_string());
  if (!found || !*found) return std::nullopt;
  return std::string(buffer.view());
}

class FaultDiskTest : public ::testing::Test {
 protected:
  std::unique_ptr<Store> open() {
    auto store = disk_.open(directory_ / "shard", {});
    EXPECT_TRUE(store) << (store ? "" : store.error().to_string());
    return store ? std::move(*store) : nullptr;
  }
  void power_cycle(std::unique_ptr<Store>& store, Loss loss, std::uint64_t seed = 0) {
    disk_.cut_power();
    store.reset();
    ASSERT_TRUE(disk_.drop_unsynced(loss, seed));
  }

  TemporaryDirectory directory_;
  FaultDisk disk_;
};

TEST_F(FaultDiskTest, forgets_a_write_that_nobody_synced_and_keeps_one_that_was) {
  auto store = open();
  ASSERT_TRUE(put(*store, "synced", "1", Sync::disk));
  ASSERT_TRUE(put(*store, "unsynced", "2", Sync::none));
  power_cycle(store, Loss::all);
  store = open();
  ASSERT_NE(store, nullptr);
  EXPECT_EQ(value_of(*store, "synced"), "1");
  EXPECT_EQ(value_of(*store, "unsynced"), std::nullopt);
}

TEST_F(FaultDiskTest, a_sync_covers_every_earlier_write) {
  auto store = open();
  ASSERT_TRUE(put(*store, "a", "1", Sync::none));
  ASSERT_TRUE(store->sync());
  power_cycle(store, Loss::all);
  store = open();
  ASSERT_NE(store, nullptr);
  EXPECT_EQ(value_of(*store, "a"), "1");
}

TEST_F(FaultDiskTest, what_flush_and_compact_moved_survives) {
  auto store = open();
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(put(*store, std::to_string(i), "x", Sync::none));
  ASSERT_TRUE(store->flush());
  ASSERT_TRUE(store->compact(Family::documents, "", ""));
  power_cycle(store, Loss::all);
  store = open();
  ASSERT_NE(store, nullptr);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(value_of(*store, std::to_string(i)), "x");
}

// Writes are numbered; after each cut the store holds exactly the first n of them, and all that were synced.
TEST_F(FaultDiskTest, every_loss_leaves_a_prefix_with_all_that_was_synced) {
  int next = 0;
  auto store = open();
  for (std::uint64_t round = 0; round < 30; ++round) {
    int synced = next;
    for (int i = 0; i < 40; ++i) {
      const bool sync = (i * 7 + round) % 5 == 0;
      ASSERT_TRUE(put(*store, std::to_string(next), std::string(200 + 300 * (i % 7), 'v'),
                      sync ? Sync::disk : Sync::none));
      ++next;
      if (sync) synced = next;
      if (i == 20 && round % 3 == 0) {
        ASSERT_TRUE(store->flush());
      }
    }
    power_cycle(store, static_cast<Loss>(round % 3), round);
    store = open();
    ASSERT_NE(store, nullptr) << "round " << round;
    int held = 0;
    while (value_of(*store, std::to_string(held))) ++held;
    ASSERT_GE(held, synced) << "round " << round;
    for (int i = held; i < next; ++i)
      ASSERT_FALSE(value_of(*store, std::to_string(i))) << "a hole at " << held;
    next = held;
  }
}

// A killed process leaves writes that only the page cache holds. Whoever opens the shard next serves them, so
// a power cut after its first durable write may not take them back from under it.
TEST_F(FaultDiskTest, what_a_killed_process_left_is_durable_before_anything_is_built_on_it) {
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    auto store = open();
    const std::string left = "left" + std::to_string(seed);
    ASSERT_TRUE(put(*store, left, std::string(100'000, 'x'), Sync::none));
    disk_.cut_power();
    store.reset();
    disk_.repair();
    store = open();
    ASSERT_TRUE(value_of(*store, left));
    const std::string built = "built" + std::to_string(seed);
    ASSERT_TRUE(put(*store, built, "on it", Sync::disk));
    power_cycle(store, static_cast<Loss>(seed % 3), seed);
    store = open();
    ASSERT_NE(store, nullptr);
    EXPECT_TRUE(value_of(*store, left)) << seed;
    EXPECT_TRUE(value_of(*store, built)) << seed;
  }
}

TEST_F(FaultDiskTest, a_failed_sync_ends_writing_and_reads_go_on) {
  auto store = open();
  ASSERT_TRUE(put(*store, "a", "1", Sync::disk));
  disk_.fail_from_sync(1);
  const Status failed = put(*store, "b", "2", Sync::disk);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), ErrorCode::io);
  disk_.repair();
  for (const Sync sync : {Sync::disk, Sync::none}) {
    const Status refused = put(*store, "c", "3", sync);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::read_only);
    EXPECT_NE(refused.error().message().find("a fault that was asked for"), std::string::npos);
  }
  EXPECT_FALSE(store->health());
  EXPECT_EQ(value_of(*store, "a"), "1");
  power_cycle(store, Loss::all);
  store = open();
  ASSERT_NE(store, nullptr);
  EXPECT_EQ(value_of(*store, "a"), "1");
  EXPECT_EQ(value_of(*store, "c"), std::nullopt);
  EXPECT_TRUE(put(*store, "c", "3", Sync::disk));
}

TEST_F(FaultDiskTest, a_full_disk_ends_writing_and_loses_nothing_acknowledged) {
  auto store = open();
  disk_.limit_space(100'000);
  int written = 0;
  while (put(*store, std::to_string(written), std::string(1000, 'x'), Sync::disk)) ++written;
  EXPECT_GT(written, 40);
  EXPECT_FALSE(store->health());
  EXPECT_EQ(value_of(*store, "0"), std::string(1000, 'x'));
  store.reset();
  disk_.repair();
  store = open();
  ASSERT_NE(store, nullptr);
  for (int i = 0; i < written; ++i) EXPECT_TRUE(value_of(*store, std::to_string(i))) << i;
  EXPECT_TRUE(put(*store, "more", "room", Sync::disk));
}

// Each mutating call of making, writing, flushing and closing a shard fails once, then the power goes. What
// comes back opens, and holds every write that was acknowledged.
TEST_F(FaultDiskTest, no_single_failed_call_loses_an_acknowledged_write) {
  for (std::uint64_t n = 1;; ++n) {
    FaultDisk disk;
    const std::string directory = directory_ / ("n" + std::to_string(n));
    disk.fail_call(n);
    std::vector<std::string> acknowledged;
    if (auto store = disk.open(directory, {})) {
      for (int i = 0; i < 4; ++i) {
        const std::string key = std::to_string(i);
        if (put(**store, key, "v", i % 2 == 0 ? Sync::disk : Sync::none) && i % 2 == 0)
          acknowledged.push_back(key);
        if (i == 1 && (*store)->flush()) acknowledged.push_back(key);
      }
      if (n % 2 == 0) disk.cut_power();
    }
    const std::uint64_t calls = disk.mutating_calls();
    ASSERT_TRUE(disk.drop_unsynced(static_cast<Loss>(n % 3), n));
    const auto store = disk.open(directory, {});
    ASSERT_TRUE(store) << "call " << n << ": " << store.error().to_string();
    for (const auto& key : acknowledged)
      EXPECT_EQ(value_of(**store, key), "v") << "call " << n << ", key " << key;
    EXPECT_TRUE(put(**store, "again", "1", Sync::disk)) << "call " << n;
    if (calls < n) break;
  }
}

}  // namespace
}  // namespace quire::storage::testing
