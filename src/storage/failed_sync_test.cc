#include <gtest/gtest.h>

#include "storage/testing/fault_disk.h"
#include "storage/testing/temporary_directory.h"

namespace quire::storage::testing {
namespace {

Status put(Store& store, const std::string& key, Sync sync) {
  const auto batch = store.make_batch();
  batch->put(Family::documents, key, "v");
  return store.write(*batch, sync);
}

bool holds(Store& store, const std::string& key) {
  ReadBuffer buffer;
  const auto found = store.get(Family::documents, key, buffer);
  return found && *found;
}

// After a failed fsync the page cache still has the write, and whoever opens the shard next serves it. It is
// marked clean there, so that no later fsync of that file brings it to the disk.
TEST(FailedSyncTest, what_a_failed_sync_left_is_durable_before_anything_is_built_on_it) {
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    const TemporaryDirectory directory;
    FaultDisk disk;
    auto store = *disk.open(directory / "shard", {});
    ASSERT_TRUE(put(*store, "before", Sync::disk));
    ASSERT_TRUE(put(*store, "unsynced", Sync::none));
    disk.fail_from_sync(1);
    ASSERT_FALSE(put(*store, "failed", Sync::disk));
    store.reset();
    disk.repair();
    store = *disk.open(directory / "shard", {});
    ASSERT_TRUE(holds(*store, "unsynced"));
    const bool seen = holds(*store, "failed");
    ASSERT_TRUE(put(*store, "built on it", Sync::disk));
    disk.cut_power();
    store.reset();
    ASSERT_TRUE(disk.drop_unsynced(static_cast<FaultDisk::Loss>(seed % 3), seed));
    auto again = disk.open(directory / "shard", {});
    ASSERT_TRUE(again) << again.error().to_string();
    EXPECT_TRUE(holds(**again, "before"));
    EXPECT_TRUE(holds(**again, "unsynced"));
    EXPECT_TRUE(holds(**again, "built on it"));
    EXPECT_EQ(holds(**again, "failed"), seen);
  }
}

// The copy of a log that a crash left is not taken for anything, and goes.
TEST(FailedSyncTest, a_crash_while_a_log_is_laid_down_anew_harms_nothing) {
  for (std::uint64_t n = 1; n < 12; ++n) {
    const TemporaryDirectory directory;
    FaultDisk disk;
    auto store = *disk.open(directory / "shard", {});
    ASSERT_TRUE(put(*store, "kept", Sync::disk));
    disk.cut_power();
    store.reset();
    ASSERT_TRUE(disk.drop_unsynced(FaultDisk::Loss::all));
    disk.fail_from_call(n);
    if (auto opened = disk.open(directory / "shard", {})) store = std::move(*opened);
    disk.cut_power();
    store.reset();
    ASSERT_TRUE(disk.drop_unsynced(static_cast<FaultDisk::Loss>(n % 3), n));
    auto again = disk.open(directory / "shard", {});
    ASSERT_TRUE(again) << "call " << n << ": " << again.error().to_string();
    EXPECT_TRUE(holds(**again, "kept"));
    EXPECT_TRUE(put(**again, "more", Sync::disk));
  }
}

}  // namespace
}  // namespace quire::storage::testing
