#include "database/catalog.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <atomic>
#include <thread>

#include "database/catalog_records.h"
#include "database/checkpoint_store.h"
#include "database/testing/catalog_fixture.h"
#include "database/tuning.h"
#include "document/revision_tree.h"

namespace quire::database {
namespace {

using std::chrono::milliseconds;
using testing::CatalogTest;
using testing::write;

using storage::testing::TemporaryDirectory;

TEST_F(CatalogTest, MainIsThereFromTheStartAndStays) {
  open();
  const auto main = catalog_->find("main");
  ASSERT_TRUE(main);
  EXPECT_EQ(main->id.size(), 16U);
  EXPECT_EQ(main->owner, "");
  ASSERT_TRUE(write(*use("main"), "a", R"({"n":1})"));
  reopen();
  EXPECT_EQ(catalog_->find("main")->id, main->id);
  EXPECT_EQ(body("main", "a"), R"({"n":1})");
}

TEST_F(CatalogTest, ANodesIdIsMadeOnce) {
  open();
  const std::string id = catalog_->node_id();
  EXPECT_EQ(id.size(), 32U);
  reopen();
  EXPECT_EQ(catalog_->node_id(), id);
  catalog_.reset();
  {
    // A directory from before nodes had ids.
    const auto store = *storage::open(path() + "/catalog", {});
    auto batch = store->make_batch();
    batch->erase(storage::Family::meta, keys::kNode);
    ASSERT_TRUE(store->write(*batch, storage::Sync::disk));
  }
  open();
  const std::string made = catalog_->node_id();
  EXPECT_EQ(made.size(), 32U);
  EXPECT_NE(made, id);
  reopen();
  EXPECT_EQ(catalog_->node_id(), made);
}

TEST_F(CatalogTest, CompactingReturnsAtOnceAndLetsWhatIsSupersededGo) {
  open();
  const std::string id = catalog_->find("main")->id;
  ASSERT_TRUE(write(*use("main"), "a", R"({"n":1})"));
  const auto first = use("main")->get(kDefaultCollection, "a")->revision;
  ASSERT_TRUE(write(*use("main"), "a", R"({"n":2})"));
  ASSERT_TRUE(use("main")->get(kDefaultCollection, "a", {.revision = first}));
  ASSERT_TRUE(catalog_->compact(id));
  EXPECT_TRUE(catalog_->compacting(id));
  ASSERT_TRUE(catalog_->compact(id)) << "once is enough";
  EXPECT_TRUE(use("main")->get(kDefaultCollection, "a", {.revision = first})) << "it has not run yet";
  executor_.run_ready();
  EXPECT_FALSE(catalog_->compacting(id));
  EXPECT_FALSE(use("main")->get(kDefaultCollection, "a", {.revision = first}));
  EXPECT_EQ(body("main", "a"), R"({"n":2})");
  EXPECT_GT(use("main")->history_edge(), 0U);
  EXPECT_EQ(catalog_->compact(std::string(16, '0')).error().code(), ErrorCode::not_found);
}

TEST_F(CatalogTest, ARevisionLimitStaysAndIsObeyed) {
  open();
  ShardSettings settings;
  settings.revision_limit = 2;
  ASSERT_TRUE(set_settings(catalog_->find("main")->id, settings));
  reopen();
  EXPECT_EQ(catalog_->find("main")->settings.revision_limit, 2U);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(write(*use("main"), "a", R"({"n":)" + std::to_string(i) + "}"));
  const auto tree = document::RevisionTree::decode(*use("main")->tree(kDefaultCollection, "a"));
  EXPECT_EQ(tree->node_count(), 2U);
}

TEST_F(CatalogTest, DatabasesAreKeptApartByOwnerAndName) {
  open();
  const auto mine = catalog_->create("orders", "ada");
  const auto yours = catalog_->create("orders", "bob");
  ASSERT_TRUE(mine && yours);
  EXPECT_NE(mine->id, yours->id);
  EXPECT_EQ(catalog_->create("orders", "ada").error().code(), ErrorCode::exists);
  EXPECT_EQ(catalog_->find("orders").error().code(), ErrorCode::not_found);
  ASSERT_TRUE(write(**catalog_->use(mine->id), "a", "{}"));
  EXPECT_FALSE((*catalog_->use(yours->id))->get(kDefaultCollection, "a"));
  reopen();
  EXPECT_EQ(catalog_->find("orders", "ada")->id, mine->id);
  EXPECT_EQ(catalog_->find("orders", "bob")->id, yours->id);
  EXPECT_EQ(catalog_->list().size(), 3U);
  ASSERT_TRUE(catalog_->create("letters", "ada"));
  const auto owned = catalog_->owned_by("ada");
  ASSERT_EQ(owned.size(), 2U);
  EXPECT_EQ(owned[0].name, "letters");
  EXPECT_EQ(owned[1].id, mine->id);
  EXPECT_EQ(catalog_->owned_by("ad").size(), 0U);
  EXPECT_EQ(catalog_->count_owned_by("ada"), 2U);
  EXPECT_EQ(catalog_->count_owned_by("ad"), 0U);
  ASSERT_TRUE(catalog_->remove(mine->id));
  EXPECT_EQ(catalog_->count_owned_by("ada"), 1U);
}

TEST_F(CatalogTest, RefusesNamesThatAreNone) {
  open();
  for (const std::string name : {"", "a/b", ".", "..", "_x", "a\nb", "a\xFF"}) {
    EXPECT_EQ(catalog_->create(name).error().code(), ErrorCode::invalid) << name;
  }
  EXPECT_EQ(catalog_->create(std::string(129, 'n')).error().code(), ErrorCode::too_large);
  EXPECT_EQ(catalog_->create("x", "a/b").error().code(), ErrorCode::invalid);
  EXPECT_TRUE(catalog_->create(std::string(128, 'n')));
  EXPECT_TRUE(catalog_->create("Größe, 株式 & \xF0\x9F\x8D\x83"));
  EXPECT_EQ(catalog_->create(std::string("a\0b", 3)).error().code(), ErrorCode::invalid);
}

TEST_F(CatalogTest, AReservedDatabaseIsMadeOnceAndByNobodyElse) {
  open();
  const auto made = catalog_->reserved("_records");
  ASSERT_TRUE(made);
  EXPECT_EQ(made->owner, "");
  EXPECT_EQ(catalog_->reserved("_records")->id, made->id);
  EXPECT_EQ(catalog_->create("_records").error().code(), ErrorCode::invalid);
  EXPECT_EQ(catalog_->reserved("records").error().code(), ErrorCode::invalid);
  EXPECT_EQ(catalog_->reserved("").error().code(), ErrorCode::invalid);
  EXPECT_EQ(catalog_->reserved("_a/b").error().code(), ErrorCode::invalid);
  reopen();
  EXPECT_EQ(catalog_->reserved("_records")->id, made->id);
  EXPECT_EQ(catalog_->find("_records")->id, made->id);
}

TEST_F(CatalogTest, IdsFindDatabasesAndAreNoNames) {
  open();
  const auto made = catalog_->create("orders", "ada");
  ASSERT_TRUE(is_database_id(made->id)) << made->id;
  EXPECT_EQ(catalog_->find_id(made->id)->name, "orders");
  EXPECT_EQ(catalog_->find_id("orders").error().code(), ErrorCode::not_found);
  EXPECT_EQ(catalog_->create(made->id).error().code(), ErrorCode::invalid) << "it would hide behind an id";
  EXPECT_EQ(catalog_->create("0123456789abcdef").error().code(), ErrorCode::invalid);
  EXPECT_TRUE(catalog_->create("0123456789abcde"));
  EXPECT_TRUE(catalog_->create("0123456789ABCDEF"));
  ASSERT_TRUE(catalog_->remove(made->id));
  EXPECT_EQ(catalog_->find_id(made->id).error().code(), ErrorCode::not_found);
}

TEST_F(CatalogTest, SettingsAreThereFromTheBeginningAndChangeOneByOne) {
  open();
  ShardSettings settings;
  settings.history_ms = 60'000;
  const auto made = catalog_->create("orders", {}, settings);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->settings.history_ms, 60'000);
  reopen();
  const auto changed =
      catalog_->change_settings(made->id, [](ShardSettings& current) { current.history_bytes = 7; });
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->settings.history_ms, 60'000);
  EXPECT_EQ(catalog_->find("orders")->settings.history_bytes, 7U);
}

TEST_F(CatalogTest, SettingsOutOfBoundsChangeNothing) {
  open();
  const std::string id = catalog_->find("main")->id;
  const auto code = [&](const std::function<void(ShardSettings&)>& change) {
    return catalog_->change_settings(id, change).error().code();
  };
  EXPECT_EQ(code([](ShardSettings& current) { current.history_ms = -1; }), ErrorCode::invalid);
  EXPECT_EQ(code([](ShardSettings& current) { current.history_ms = tuning::kMostHistoryMs + 1; }),
            ErrorCode::too_large);
  EXPECT_EQ(code([](ShardSettings& current) { current.history_bytes = tuning::kMostHistoryBytes + 1; }),
            ErrorCode::too_large);
  EXPECT_EQ(catalog_->find("main")->settings.history_ms, ShardSettings().history_ms);
  ShardSettings wrong;
  wrong.history_ms = -1;
  EXPECT_EQ(catalog_->create("orders", {}, wrong).error().code(), ErrorCode::invalid);
  EXPECT_FALSE(catalog_->find("orders"));
}

TEST_F(CatalogTest, SettingsAreThoseOfADatabaseThatWasClosedMeanwhile) {
  open();
  const std::string id = catalog_->find("main")->id;
  ShardSettings settings;
  settings.history_ms = 0;
  settings.history_bytes = 0;
  ASSERT_TRUE(set_settings(id, settings));
  ASSERT_TRUE(write(*use("main"), "a", R"({"n":1})"));
  const auto replaced = use("main")->get(kDefaultCollection, "a")->revision;
  executor_.advance(std::chrono::minutes(5));
  ASSERT_EQ(catalog_->open_databases(), 0U);
  ASSERT_TRUE(write(*use("main"), "a", R"({"n":2})"));
  const auto kept = use("main")->get(kDefaultCollection, "a", {.revision = replaced});
  EXPECT_FALSE(kept) << "what was replaced is still there";
}

TEST_F(CatalogTest, SettingsStay) {
  open();
  const std::string id = catalog_->find("main")->id;
  ShardSettings settings;
  settings.history_ms = 5;
  settings.history_bytes = 6;
  settings.tombstone_ms = 7;
  ASSERT_TRUE(set_settings(id, settings));
  reopen();
  const ShardSettings kept = catalog_->find("main")->settings;
  EXPECT_EQ(kept.history_ms, 5);
  EXPECT_EQ(kept.history_bytes, 6U);
  EXPECT_EQ(kept.tombstone_ms, 7);
}

TEST_F(CatalogTest, AnUnknownDatabaseIsNotFound) {
  open();
  const std::string id = "0123456789abcdef";
  EXPECT_EQ(catalog_->use(id).error().code(), ErrorCode::not_found);
  EXPECT_EQ(catalog_->remove(id).error().code(), ErrorCode::not_found);
  EXPECT_EQ(set_settings(id, {}).error().code(), ErrorCode::not_found);
  EXPECT_EQ(catalog_->use("../../etc").error().code(), ErrorCode::not_found);
}

// --- from many threads

TEST(CatalogThreads, UseCreateRemoveAndCloseAtOnce) {
  TemporaryDirectory folder;
  const auto executor = make_thread_pool(2);
  CatalogOptions options;
  options.idle_close = milliseconds(1);
  auto catalog = *Catalog::open(folder / "data", options, system_clock(), system_random(), *executor);
  std::atomic<int> written{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      const std::string own = "d" + std::to_string(t);
      for (int round = 0; round < 8; ++round) {
        const auto info = catalog->create(own);
        ASSERT_TRUE(info);
        for (const std::string& id : {info->id, catalog->find("main")->id}) {
          const auto shard = catalog->use(id);
          ASSERT_TRUE(shard) << shard.error().to_string();
          ASSERT_TRUE(write(**shard, own + std::to_string(round), "{}"));
          ++written;
        }
        std::this_thread::sleep_for(milliseconds(5));
        ASSERT_TRUE(catalog->remove(info->id));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(written, 64);
  const auto main = *catalog->use(catalog->find("main")->id);
  EXPECT_EQ(main->collections().find(kDefaultCollection)->counts.documents, 32U);
}

}  // namespace
}  // namespace quire::database
