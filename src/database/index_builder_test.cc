#include "database/index_builder.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <random>
#include <thread>

#include "base/testing/manual_executor.h"
#include "database/keys.h"
#include "database/testing/test_shard.h"
#include "database/tuning.h"
#include "storage/testing/temporary_directory.h"

namespace quire::database {
namespace {

using testing::disagreements;
using testing::MemberIndexes;
using testing::ShardWorld;

std::string id_of(int number) {
  std::string digits = std::to_string(number);
  return "d" + std::string(7 - digits.size(), '0') + digits;
}

Edit keyed(const std::string& id, const std::string& value) {
  Edit edit;
  edit.id = id;
  edit.precondition = Edit::Precondition::any;
  edit.body = R"({"k":")" + value + R"("})";
  return edit;
}
Edit removal(const std::string& id) {
  Edit edit;
  edit.id = id;
  edit.kind = Edit::Kind::remove;
  edit.precondition = Edit::Precondition::any;
  return edit;
}

void fill(Shard& shard, int count, const std::function<std::string(int)>& value) {
  std::vector<Edit> edits;
  for (int i = 0; i < count; ++i) {
    edits.push_back(keyed(id_of(i), value(i)));
    if (edits.size() < 1000 && i + 1 < count) continue;
    const auto written = shard.write(std::move(edits), {.durability = Durability::os});
    ASSERT_TRUE(written);
    for (const auto& row : written->rows) ASSERT_TRUE(row) << row.error().to_string();
    edits.clear();
  }
}

IndexInfo info_of(Shard& shard, std::uint32_t index) {
  for (IndexInfo& info : shard.indexes()) {
    if (info.id == index) return std::move(info);
  }
  return {};
}

std::vector<std::string> none() { return {}; }

// A durable write, so that the history shows all that came before.
void settle(Shard& shard) { ASSERT_TRUE(shard.write({keyed("settled", "settled")}, {})); }

TEST(IndexBuilder, builds_what_is_there_and_says_how_far_it_is) {
  ShardWorld world;
  const auto shard = world.in_memory();
  fill(*shard, 500, [](int i) { return std::to_string(i % 7); });
  const auto index = *shard->create_index(kDefaultCollection, "member", "k");
  ASSERT_TRUE(shard->wait_for_index(index));
  const IndexInfo info = info_of(*shard, index);
  EXPECT_EQ(info.state, IndexState::ready);
  EXPECT_EQ(info.done, 500U);
  EXPECT_EQ(info.total, 500U);
  EXPECT_EQ(disagreements(*shard, {index}), none());
  EXPECT_EQ((*shard->view())->indexes(kDefaultCollection).size(), 1U);
}

TEST(IndexBuilder, an_index_of_an_empty_collection_is_ready_at_once) {
  ShardWorld world;
  ManualClock time;
  ManualExecutor still(time);
  const Environment environment{world.clock, system_random(), still, world.cache, world.kinds};
  const auto shard = std::move(*Shard::open(storage::make_map_store(), environment, {}));
  const auto index = *shard->create_index(kDefaultCollection, "member", "k");
  EXPECT_EQ(info_of(*shard, index).state, IndexState::ready);
  EXPECT_FALSE(shard->busy());
}

// The build stands still in a hand: writes before, between and behind its steps.
TEST(IndexBuilder, writes_during_a_build_are_indexed_and_never_undone) {
  ShardWorld world;
  ManualClock time;
  ManualExecutor hand(time);
  const Environment environment{world.clock, system_random(), hand, world.cache, world.kinds};
  const auto shard = std::move(*Shard::open(storage::make_map_store(), environment, {}));
  const int count = static_cast<int>(tuning::kBuildDocuments) + 100;
  fill(*shard, count, [](int i) { return std::to_string(i); });
  const auto index = *shard->create_index(kDefaultCollection, "member", "k");
  EXPECT_TRUE(shard->busy());
  EXPECT_TRUE((*shard->view())->indexes(kDefaultCollection).empty()) << "nobody uses it before it is whole";
  const auto write = [&](const Edit& edit) { ASSERT_TRUE(shard->write({edit}, {})->rows.at(0)); };
  write(keyed(id_of(1), "before"));
  write(removal(id_of(2)));
  EXPECT_EQ(disagreements(*shard, {index}), none());
  ASSERT_TRUE(hand.run_one());
  EXPECT_EQ(info_of(*shard, index).state, IndexState::building);
  EXPECT_EQ(info_of(*shard, index).done, tuning::kBuildDocuments);
  EXPECT_EQ(disagreements(*shard, {index}), none());
  write(keyed(id_of(1), "between"));
  write(keyed(id_of(2), "back"));
  write(keyed(id_of(3), "between"));
  write(removal(id_of(4)));
  write(keyed(id_of(count - 1), "between"));
  write(keyed("e", "new"));
  EXPECT_EQ(disagreements(*shard, {index}), none());
  hand.run_ready();
  EXPECT_EQ(info_of(*shard, index).state, IndexState::ready);
  EXPECT_EQ(disagreements(*shard, {index}), none());
  write(keyed(id_of(5), "after"));
  EXPECT_EQ(disagreements(*shard, {index}), none());
}

TEST(IndexBuilder, a_build_goes_on_where_it_was_when_the_shard_is_opened_again) {
  ShardWorld world;
  const storage::testing::TemporaryDirectory directory;
  const int count = static_cast<int>(tuning::kBuildDocuments) * 2;
  std::uint32_t index = 0;
  {
    ManualClock time;
    ManualExecutor hand(time);
    const Environment environment{world.clock, system_random(), hand, world.cache, world.kinds};
    const auto shard = std::move(*Shard::open(*storage::open(directory / "shard", {}), environment, {}));
    fill(*shard, count, [](int i) { return std::to_string(i % 1000); });
    index = *shard->create_index(kDefaultCollection, "member", "k");
    ASSERT_TRUE(hand.run_one());
  }
  const auto shard = world.on_disk(directory / "shard");
  EXPECT_GE(info_of(*shard, index).done, tuning::kBuildDocuments);
  ASSERT_TRUE(shard->wait_for_index(index));
  EXPECT_EQ(info_of(*shard, index).done, static_cast<std::uint64_t>(count)) << "no document was read twice";
  EXPECT_EQ(disagreements(*shard, {index}), none());
}

TEST(IndexBuilder, a_unique_index_finds_the_twins_that_were_there) {
  ShardWorld world;
  const auto shard = world.in_memory();
  fill(*shard, 300, [](int i) { return i == 7 || i == 222 ? "twin" : std::to_string(i); });
  const auto index = *shard->create_index(kDefaultCollection, "member", "unique k");
  ASSERT_TRUE(shard->wait_for_index(index));
  const IndexInfo info = info_of(*shard, index);
  EXPECT_EQ(info.state, IndexState::failed);
  EXPECT_NE(info.failure.find(id_of(7)), std::string::npos) << info.failure;
  EXPECT_NE(info.failure.find(id_of(222)), std::string::npos) << info.failure;
  EXPECT_EQ(disagreements(*shard, {index}), none());
  // It refuses nothing any more.
  EXPECT_TRUE(shard->write({keyed("x", "twin")}, {})->rows.at(0));
  ASSERT_TRUE(shard->drop_index(index));
  EXPECT_TRUE(shard->indexes().empty());
  EXPECT_FALSE(shard->drop_index(index));
}

TEST(IndexBuilder, a_unique_index_being_built_refuses_what_it_knows) {
  ShardWorld world;
  ManualClock time;
  ManualExecutor hand(time);
  const Environment environment{world.clock, system_random(), hand, world.cache, world.kinds};
  const auto shard = std::move(*Shard::open(storage::make_map_store(), environment, {}));
  fill(*shard, 10, [](int i) { return std::to_string(i); });
  const auto index = *shard->create_index(kDefaultCollection, "member", "unique k");
  EXPECT_TRUE(shard->write({keyed("x", "new")}, {})->rows.at(0));
  EXPECT_EQ(shard->write({keyed("y", "new")}, {})->rows.at(0).error().code(), ErrorCode::conflict);
  // Of a document that the build has not come to.
  EXPECT_TRUE(shard->write({keyed("z", "3")}, {})->rows.at(0));
  hand.run_ready();
  EXPECT_EQ(info_of(*shard, index).state, IndexState::failed);
  EXPECT_EQ(disagreements(*shard, {index}), none());
}

TEST(IndexBuilder, what_one_change_of_a_round_gives_up_another_one_may_take) {
  ShardWorld world;
  const auto shard = world.in_memory();
  const auto index = *shard->create_index(kDefaultCollection, "member", "unique k");
  fill(*shard, 2, [](int i) { return std::to_string(i); });
  const auto rows = [](const Result<WriteResult>& written) {
    std::string out;
    if (!written) return written.error().to_string();
    for (const auto& row : written->rows) out += row ? "+" : "-";
    return out;
  };
  EXPECT_EQ(rows(shard->write({keyed(id_of(0), "1"), keyed(id_of(1), "0")}, {.atomic = true})), "++");
  EXPECT_EQ(rows(shard->write({removal(id_of(0)), keyed("x", "1")}, {})), "++");
  EXPECT_EQ(rows(shard->write({keyed("y", "0"), removal(id_of(1)), keyed("z", "0")}, {})), "-++");
  EXPECT_EQ(rows(shard->write({keyed("x", "2"), keyed("v", "1"), keyed("w", "1")}, {})), "++-");
  EXPECT_FALSE(shard->write({keyed("x", "3"), keyed("a", "2"), keyed("b", "2")}, {.atomic = true}));
  EXPECT_EQ(rows(shard->write({keyed("c", "2")}, {})), "-") << "what a failed list gave up is not free";
  EXPECT_EQ(disagreements(*shard, {index}), none());
}

TEST(IndexBuilder, dropping_ends_a_build) {
  ShardWorld world;
  ManualClock time;
  ManualExecutor hand(time);
  const Environment environment{world.clock, system_random(), hand, world.cache, world.kinds};
  const auto shard = std::move(*Shard::open(storage::make_map_store(), environment, {}));
  fill(*shard, static_cast<int>(tuning::kBuildDocuments) + 1, [](int i) { return std::to_string(i); });
  const auto collection = shard->create_collection("c");
  const auto index = *shard->create_index(kDefaultCollection, "member", "k");
  ASSERT_TRUE(hand.run_one());
  ASSERT_TRUE(shard->drop_index(index));
  hand.run_ready();
  int entries = 0;
  ASSERT_TRUE(shard->scan_index(index, "", "", [&](auto, auto) { return ++entries < 5; }));
  EXPECT_EQ(entries, 0);
  EXPECT_EQ(disagreements(*shard), none());
}

TEST(IndexBuilder, sixty_four_writers_never_get_one_key_twice) {
  ShardWorld world;
  const auto shard = world.in_memory();
  const auto index = *shard->create_index(kDefaultCollection, "member", "unique k");
  constexpr int kThreads = 64;
  constexpr int kKeys = 40;
  std::vector<std::thread> threads;
  std::array<std::atomic<int>, kKeys> winners{};
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int k = 0; k < kKeys; ++k) {
        const auto written =
            shard->write({keyed("t" + std::to_string(t) + "-" + std::to_string(k), std::to_string(k))},
                         {.durability = Durability::os});
        if (written && written->rows.at(0)) ++winners[static_cast<std::size_t>(k)];
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& winner : winners) EXPECT_EQ(winner, 1);
  settle(*shard);
  EXPECT_EQ(disagreements(*shard, {index}), none());
}

// Builds and drops while two threads write all the time.
TEST(IndexBuilder, entries_are_those_of_the_documents_whatever_is_written_during_builds) {
  ShardWorld world;
  const storage::testing::TemporaryDirectory directory;
  auto shard = world.on_disk(directory / "shard");
  fill(*shard, 3000, [](int i) { return std::to_string(i % 50); });
  for (int round = 0; round < 6; ++round) {
    std::atomic<bool> stop{false};
    std::vector<std::thread> writers;
    for (int t = 0; t < 2; ++t) {
      writers.emplace_back([&, t] {
        std::minstd_rand dice(static_cast<unsigned>(round * 2 + t));
        while (!stop) {
          const std::string id = id_of(static_cast<int>(dice() % 4000));
          const Edit edit = dice() % 4 == 0 ? removal(id) : keyed(id, std::to_string(dice() % 60));
          (void)shard->write({edit}, {.durability = Durability::os});
        }
      });
    }
    std::vector<std::uint32_t> indexes;
    for (const char* definition : {"k", "unique k", "k"}) {
      indexes.push_back(*shard->create_index(kDefaultCollection, "member", definition));
    }
    if (round % 3 == 0) {
      for (const std::uint32_t index : indexes) EXPECT_TRUE(shard->wait_for_index(index));
    }
    stop = true;
    for (auto& writer : writers) writer.join();
    settle(*shard);
    EXPECT_EQ(disagreements(*shard, indexes), none());
    if (round % 2 == 0) {
      shard.reset();
      shard = world.on_disk(directory / "shard");
    }
    for (const std::uint32_t index : indexes) EXPECT_TRUE(shard->wait_for_index(index));
    EXPECT_EQ(disagreements(*shard, indexes), none());
    for (const std::uint32_t index : indexes) EXPECT_TRUE(shard->drop_index(index));
  }
}

TEST(IndexBuilder, estimates_count_what_is_little_and_guess_at_what_is_much) {
  ShardWorld world;
  const storage::testing::TemporaryDirectory directory;
  const auto shard = world.on_disk(directory / "shard");
  fill(*shard, 20'000, [](int i) { return i < 50 ? "few" : "many"; });
  const auto index = *shard->create_index(kDefaultCollection, "member", "k");
  ASSERT_TRUE(shard->wait_for_index(index));
  const auto estimate = [&](const char* value) {
    const std::string key = MemberIndexes::key_of(value);
    return *shard->estimate_entries(index, {.from = key, .to = keys::after_prefix(key)});
  };
  EXPECT_EQ(estimate("few"), 50U);
  EXPECT_EQ(estimate("none"), 0U);
  EXPECT_GT(estimate("many"), 5'000U);
  EXPECT_LT(estimate("many"), 80'000U);
  ASSERT_TRUE(shard->store().flush());
  EXPECT_GT(estimate("many"), 5'000U);
  EXPECT_LT(estimate("many"), 80'000U);
}

TEST(IndexBuilder, a_collection_has_a_bounded_number_of_indexes) {
  ShardWorld world;
  const auto shard = world.in_memory();
  for (std::size_t i = 0; i < tuning::kIndexesOfCollection; ++i)
    ASSERT_TRUE(shard->create_index(kDefaultCollection, "member", "k"));
  EXPECT_EQ(shard->create_index(kDefaultCollection, "member", "k").error().code(), ErrorCode::exhausted);
}

}  // namespace
}  // namespace quire::database
