#include "database/checkpoint_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "database/keys.h"
#include "database/testing/test_shard.h"
#include "database/tuning.h"
#include "storage/testing/temporary_directory.h"

namespace quire::database {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::ShardWorld;

struct CheckpointTest : ::testing::Test {
  CheckpointStore& store() { return shard->checkpoints(); }
  std::vector<std::string> ids(const ListOptions& range = {}) {
    std::vector<std::string> found;
    EXPECT_TRUE(store().list(range, {}, [&](std::string_view id, const CheckpointRecord&) {
      found.emplace_back(id);
      return true;
    }));
    return found;
  }

  ShardWorld world;
  std::unique_ptr<Shard> shard = world.in_memory();
};

TEST_F(CheckpointTest, ComesBackByteForByteAndCountsItsRevisions) {
  const std::string body = R"({"b":1.0,"a":"\u00e4","_revisions":{},"__proto__":1E2})";
  EXPECT_EQ(store().put("_a.b=c/d_", 0, body).value(), 1U);
  EXPECT_EQ(store().put("_a.b=c/d_", 1, R"({"n":2})").value(), 2U);
  EXPECT_EQ(store().put("_a.b=c/d_", 2, body).value(), 3U);
  const auto found = store().get("_a.b=c/d_").value();
  EXPECT_EQ(found.revision, 3U);
  EXPECT_EQ(found.body, body);
}

TEST_F(CheckpointTest, AStaleOrMissingRevisionIsAConflict) {
  EXPECT_EQ(store().put("a", 1, "{}").error().code(), ErrorCode::conflict) << "there is none";
  ASSERT_TRUE(store().put("a", 0, "{}"));
  EXPECT_EQ(store().put("a", 0, "{}").error().code(), ErrorCode::conflict);
  EXPECT_EQ(store().put("a", 2, "{}").error().code(), ErrorCode::conflict);
  EXPECT_EQ(store().remove("a", 2).error().code(), ErrorCode::conflict);
  ASSERT_TRUE(store().remove("a", 1));
  EXPECT_EQ(store().remove("a", 1).error().code(), ErrorCode::not_found);
  EXPECT_EQ(store().get("a").error().code(), ErrorCode::not_found);
  EXPECT_EQ(store().put("a", 0, "{}").value(), 1U) << "it begins again";
}

TEST_F(CheckpointTest, AreNoDocumentsAndHaveNoHistory) {
  ASSERT_TRUE(store().put("a", 0, "{}"));
  EXPECT_FALSE(*shard->history({})->advance());
  EXPECT_EQ(shard->get(kDefaultCollection, "a").error().code(), ErrorCode::not_found);
  EXPECT_EQ(shard->collections().find(kDefaultCollection)->counts, Counts{});
  EXPECT_THAT(testing::disagreements(*shard), IsEmpty());
}

TEST_F(CheckpointTest, AreListedByRange) {
  for (const char* const id : {"c", "a", "b", "\xC3\xA4"}) ASSERT_TRUE(store().put(id, 0, "{}"));
  EXPECT_THAT(ids(), ElementsAre("a", "b", "c", "\xC3\xA4"));
  EXPECT_THAT(ids({.after = "a", .before = "c"}), ElementsAre("b"));
  EXPECT_THAT(ids({.after = "a", .descending = true}), ElementsAre("\xC3\xA4", "c", "b"));
  EXPECT_THAT(ids({.before = "c", .descending = true}), ElementsAre("b", "a"));
  EXPECT_THAT(ids({.after = "aa", .before = "bb", .descending = true}), ElementsAre("b"));
  EXPECT_THAT(ids({.after = "x", .before = "b"}), IsEmpty());
}

TEST_F(CheckpointTest, IdsAndSizesAreBounded) {
  EXPECT_EQ(store().put("", 0, "{}").error().code(), ErrorCode::invalid);
  EXPECT_EQ(store().put(std::string(513, 'x'), 0, "{}").error().code(), ErrorCode::too_large);
  EXPECT_EQ(store().put(std::string("a\0b", 3), 0, "{}").error().code(), ErrorCode::invalid);
  const std::string most(tuning::kCheckpointBytes, 'x');
  EXPECT_TRUE(store().put("a", 0, most));
  EXPECT_EQ(store().put("b", 0, most + "x").error().limit(), tuning::kCheckpointBytes);
  EXPECT_EQ(store().counts().bytes, tuning::kCheckpointBytes);
  ASSERT_TRUE(store().put("a", 1, "{}"));
  EXPECT_EQ(store().counts().bytes, 2U);
  ASSERT_TRUE(store().remove("a", 2));
  EXPECT_EQ(store().counts().count, 0U);
  EXPECT_EQ(store().counts().bytes, 0U);
}

// A store whose record says that it is full.
TEST_F(CheckpointTest, AFullDatabaseTakesNoNewOnesAndLetsOldOnesChange) {
  auto made = storage::make_map_store();
  auto& inner = *made;
  shard = world.open(std::move(made));
  ASSERT_TRUE(store().put("a", 0, "{}"));
  const auto fill = [&](const CheckpointsRecord& counts) {
    std::string value;
    encode(counts, value);
    auto batch = inner.make_batch();
    batch->put(storage::Family::meta, keys::kCheckpointCounts, value);
    ASSERT_TRUE(inner.write(*batch, storage::Sync::disk));
    ASSERT_TRUE(store().load());
  };
  fill({.count = tuning::kCheckpoints, .bytes = 2});
  EXPECT_EQ(store().put("b", 0, "{}").error().code(), ErrorCode::exhausted);
  EXPECT_EQ(store().put("a", 1, R"({"n":1})").value(), 2U);
  fill({.count = 1, .bytes = tuning::kAllCheckpointBytes});
  EXPECT_EQ(store().put("a", 2, R"({"n":10})").error().limit(), tuning::kAllCheckpointBytes);
  EXPECT_EQ(store().put("a", 2, "{}").value(), 3U) << "it shrinks";
  EXPECT_TRUE(store().remove("a", 3));
}

TEST_F(CheckpointTest, OfManyThreadsOneWinsEachRevision) {
  std::atomic<int> won{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (std::uint64_t i = 0; i < 100; ++i) won += store().put("a", i, "{}").has_value() ? 1 : 0;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(store().get("a")->revision, static_cast<std::uint64_t>(won.load()));
  EXPECT_EQ(store().counts().count, 1U);
}

TEST_F(CheckpointTest, AFenceThatMovedRefusesTheChange) {
  const auto number = std::make_shared<std::atomic<std::uint64_t>>(1);
  const Fence fence{.now = number, .prepared = 0};
  EXPECT_EQ(store().put("a", 0, "{}", fence).error().code(), ErrorCode::locked);
  ASSERT_TRUE(store().put("a", 0, "{}"));
  EXPECT_EQ(store().remove("a", 1, fence).error().code(), ErrorCode::locked);
}

TEST_F(CheckpointTest, AreThereAfterTheShardIsOpenedAgain) {
  const storage::testing::TemporaryDirectory directory;
  shard = world.on_disk(directory / "shard");
  ASSERT_TRUE(store().put("a", 0, R"({"n":1})"));
  ASSERT_TRUE(store().put("b", 0, "{}"));
  ASSERT_TRUE(store().remove("b", 1));
  shard.reset();
  shard = world.on_disk(directory / "shard");
  EXPECT_EQ(store().get("a")->body, R"({"n":1})");
  EXPECT_THAT(ids(), ElementsAre("a"));
  EXPECT_EQ(store().counts().count, 1U);
  EXPECT_EQ(store().counts().bytes, 7U);
  shard.reset();
}

}  // namespace
}  // namespace quire::database
