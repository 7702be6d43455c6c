// Databases that are opened on use, cared for, looked at, and closed when nobody uses them.
#include "database/open_database.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "database/catalog.h"
#include "database/testing/catalog_fixture.h"
#include "database/testing/test_shard.h"
#include "database/tuning.h"
#include "storage/testing/fault_disk.h"

namespace quire::database {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using testing::CatalogTest;
using testing::write;

TEST_F(CatalogTest, OpensOnUseAndClosesWhenIdle) {
  open();
  EXPECT_EQ(catalog_->open_databases(), 0U);
  auto shard = use("main");
  ASSERT_TRUE(write(*shard, "a", "{}"));
  EXPECT_EQ(catalog_->open_databases(), 1U);
  executor_.advance(std::chrono::minutes(10));
  EXPECT_EQ(catalog_->open_databases(), 1U) << "closed while somebody has it";
  shard.reset();
  executor_.advance(milliseconds(30'000));
  EXPECT_EQ(catalog_->open_databases(), 1U);
  executor_.advance(milliseconds(60'000));
  EXPECT_EQ(catalog_->open_databases(), 0U);
  EXPECT_EQ(executor_.until_next_timer(), std::nullopt) << "something ticks on though nothing is open";
  EXPECT_EQ(body("main", "a"), "{}");
}

TEST_F(CatalogTest, ManyHandlesAreOneShard) {
  open();
  const auto first = use("main");
  const auto second = use("main");
  EXPECT_EQ(first.get(), second.get());
  EXPECT_EQ(catalog_->open_databases(), 1U);
}

TEST_F(CatalogTest, NoMoreStayOpenThanTheBudgetAllows) {
  options_.memory_bytes = 32 << 20;  // 8 open databases, the least
  open();
  std::vector<std::string> names;
  for (int i = 0; i < 12; ++i) {
    names.push_back("d" + std::to_string(i));
    ASSERT_TRUE(catalog_->create(names.back()));
    ASSERT_TRUE(write(*use(names.back()), "a", "{\"n\":" + std::to_string(i) + "}"));
    EXPECT_LE(catalog_->open_databases(), tuning::kLeastOpenDatabases) << "at once, not with the next look";
    clock_.advance(milliseconds(1));
  }
  EXPECT_EQ(catalog_->open_databases(), tuning::kLeastOpenDatabases);
  std::vector<std::shared_ptr<Shard>> held;
  for (const std::string& name : names) held.push_back(use(name));
  EXPECT_EQ(catalog_->open_databases(), names.size()) << "what somebody has stays open";
  held.clear();
  executor_.advance(milliseconds(20'000));
  EXPECT_EQ(catalog_->open_databases(), tuning::kLeastOpenDatabases);
  for (int i = 0; i < 12; ++i)
    EXPECT_EQ(body(names[static_cast<std::size_t>(i)], "a"), "{\"n\":" + std::to_string(i) + "}");
}

TEST_F(CatalogTest, ThousandsAreKnownAndFewAreOpen) {
  open();
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(catalog_->create("d" + std::to_string(i)));
  EXPECT_EQ(catalog_->open_databases(), 0U);
  EXPECT_FALSE(fs::exists(path() + "/databases"));
  reopen();
  EXPECT_EQ(catalog_->list().size(), 101U);
  EXPECT_EQ(catalog_->open_databases(), 0U);
}

// --- care

TEST_F(CatalogTest, WhatAClosedDatabaseOwesIsDoneWhenItIsDue) {
  open();
  const auto info = catalog_->create("orders");
  ShardSettings settings;
  settings.history_ms = 3'600'000;
  ASSERT_TRUE(set_settings(info->id, settings));
  for (const char* text : {R"({"n":1})", R"({"n":2})"}) ASSERT_TRUE(write(*use("orders"), "a", text));
  EXPECT_EQ(use("orders")->history_edge(), 0U);
  executor_.advance(std::chrono::minutes(5));
  EXPECT_EQ(catalog_->open_databases(), 0U) << "care and closing";
  reopen();
  executor_.advance(std::chrono::minutes(50));
  EXPECT_EQ(catalog_->open_databases(), 0U);
  executor_.advance(std::chrono::minutes(10));
  EXPECT_EQ(catalog_->open_databases(), 0U) << "opened for care, it is let go at once";
  EXPECT_EQ(use("orders")->history_edge(), 1U) << "what was due was not done";
}

TEST_F(CatalogTest, ADatabaseInUseIsCaredForToo) {
  open();
  ShardSettings settings;
  settings.history_ms = 60'000;
  ASSERT_TRUE(set_settings(catalog_->find("main")->id, settings));
  const auto shard = use("main");
  for (const char* text : {R"({"n":1})", R"({"n":2})"}) ASSERT_TRUE(write(*shard, "a", text));
  executor_.advance(milliseconds(tuning::kCareEveryMs + 120'000));
  EXPECT_EQ(shard->history_edge(), 1U);
}

TEST_F(CatalogTest, WhatAnEndedProcessOwedIsLookedAtAfterTheNextStart) {
  open();
  ShardSettings settings;
  settings.history_ms = 1000;
  ASSERT_TRUE(set_settings(catalog_->find("main")->id, settings));
  executor_.advance(milliseconds(1000));
  for (const char* text : {R"({"n":1})", R"({"n":2})"}) ASSERT_TRUE(write(*use("main"), "a", text));
  reopen();
  executor_.advance(milliseconds(tuning::kCareAfterStartMs - 1));
  EXPECT_EQ(catalog_->open_databases(), 0U) << "a start leaves the disk to requests for a while";
  executor_.advance(milliseconds(1000));
  EXPECT_EQ(use("main")->history_edge(), 1U);
}

TEST_F(CatalogTest, ALookAtOpenDatabasesOpensNoneAndKeepsNoneOpen) {
  open();
  ASSERT_TRUE(catalog_->create("other"));
  std::vector<std::string> seen;
  const auto look = [&](const DatabaseInfo& info, Shard& shard) {
    seen.push_back(info.name + " " + std::to_string(shard.position().sequence));
  };
  catalog_->each_open(look);
  EXPECT_EQ(seen, std::vector<std::string>{});
  ASSERT_TRUE(write(*use("main"), "a", "{}"));
  ASSERT_TRUE(use("main")->get(kDefaultCollection, "a"));  // a read fills the cache, a write does not
  catalog_->each_open(look);
  EXPECT_EQ(seen, std::vector<std::string>{"main 1"});
  EXPECT_GT(catalog_->document_cache_used(), 0U);

  for (int i = 0; i < 20; ++i) {
    executor_.advance(options_.idle_close / 4);
    catalog_->each_open(look);
  }
  EXPECT_EQ(catalog_->open_databases(), 0U) << "being looked at is no use";
}

TEST_F(CatalogTest, TheDocumentCacheHasWhatTheSettingsGiveIt) {
  options_.memory_bytes = 64 << 20;
  options_.document_cache_bytes = 1 << 20;
  open();
  const auto shard = use("main");
  std::string body = "{\"text\":\"" + std::string(2000, 'x') + "\"}";
  for (int i = 0; i < 1000; ++i) {
    const std::string id = std::to_string(i);
    ASSERT_TRUE(write(*shard, id, body));
    ASSERT_TRUE(shard->get(kDefaultCollection, id, {}));
  }
  EXPECT_GT(catalog_->document_cache_used(), 700'000U);
  EXPECT_LE(catalog_->document_cache_used(), 1U << 20);
}

// Closed, it could perhaps not be opened again, since that writes.
TEST(OpenDatabaseTest, AFullDiskLeavesADatabaseReadableAndWritableOnceThereIsRoom) {
  const storage::testing::TemporaryDirectory directory;
  storage::testing::FaultDisk disk;
  testing::ShardWorld world;
  bool room = false;
  int opened = 0;
  const auto database = std::make_shared<OpenDatabase>(
      OpenDatabase::Parts{.name = "'d'",
                          .open = [&]() -> Result<std::unique_ptr<Shard>> {
                            ++opened;
                            QUIRE_TRY(auto store, disk.open(directory / "shard", {}));
                            return Shard::open(std::move(store), world.environment(), {});
                          },
                          .has_room = [&](Shard&) { return room; },
                          .touched = [] {},
                          .clock = system_clock()});
  ASSERT_TRUE(write(**database->use(), "a", R"({"n":1})"));
  disk.limit_space(1000);
  Status full = ok();
  for (int i = 0; full && i < 100; ++i)
    full = write(**database->use(), "b" + std::to_string(i), R"({"n":2})");
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code(), ErrorCode::unavailable) << "it may be there: " << full.error().to_string();
  EXPECT_NE(full.error().message().find("no space"), std::string::npos) << full.error().message();

  for (int i = 0; i < 3; ++i) {
    auto shard = database->use();
    ASSERT_TRUE(shard) << shard.error().to_string();
    EXPECT_TRUE((*shard)->get(kDefaultCollection, "a", {}));
    const Status refused = write(**shard, "c", "{}");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::exhausted) << refused.error().to_string();
    shard->reset();
    EXPECT_FALSE(database->close_if_idle(SteadyTime::max())) << "it could not be opened again";
  }
  EXPECT_EQ(opened, 1);

  disk.repair();
  room = true;
  ASSERT_TRUE(write(**database->use(), "c", R"({"n":3})"));
  EXPECT_EQ(opened, 2);
  EXPECT_TRUE((*database->use())->get(kDefaultCollection, "a", {}));
}

}  // namespace
}  // namespace quire::database
