// Databases that fail, are removed or damaged, and directories that are none.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "database/catalog.h"
#include "database/catalog_records.h"
#include "database/keys.h"
#include "database/testing/catalog_fixture.h"
#include "database/tuning.h"
#include "storage/open.h"

namespace quire::database {
namespace {

namespace fs = std::filesystem;
using testing::CatalogTest;
using testing::write;

// --- a database that fails, is removed, is damaged

TEST_F(CatalogTest, RemovingTakesTheFilesAndTheName) {
  open();
  const auto info = catalog_->create("orders");
  ASSERT_TRUE(write(*use("orders"), "a", "{}"));
  const std::string files = path() + "/databases/" + info->id;
  EXPECT_TRUE(fs::exists(files));
  ASSERT_TRUE(catalog_->remove(info->id));
  EXPECT_FALSE(fs::exists(files));
  EXPECT_EQ(catalog_->use(info->id).error().code(), ErrorCode::not_found);
  const auto again = catalog_->create("orders");
  ASSERT_TRUE(again);
  EXPECT_NE(again->id, info->id);
  EXPECT_FALSE(use("orders")->get(kDefaultCollection, "a"));
  reopen();
  EXPECT_EQ(catalog_->list().size(), 2U);
}

TEST_F(CatalogTest, RemovingWaitsForThoseWhoUseIt) {
  open();
  const auto info = catalog_->create("orders");
  auto shard = use("orders");
  std::atomic<bool> removed{false};
  std::thread remover([&] {
    EXPECT_TRUE(catalog_->remove(info->id));
    removed = true;
  });
  while (catalog_->find("orders")) std::this_thread::yield();
  EXPECT_EQ(catalog_->use(info->id).error().code(), ErrorCode::not_found);
  ASSERT_TRUE(write(*shard, "a", "{}"));
  EXPECT_FALSE(removed);
  shard.reset();
  remover.join();
  EXPECT_TRUE(removed);
}

TEST_F(CatalogTest, ARemovalThatACrashEndedIsTakenUp) {
  open();
  const auto info = catalog_->create("orders");
  ASSERT_TRUE(write(*use("orders"), "a", "{}"));
  catalog_.reset();
  {
    const auto store = *storage::open(path() + "/catalog", {});
    auto batch = store->make_batch();
    DatabaseRecord record;
    record.state = DatabaseState::removing;
    record.info = *info;
    std::string value;
    encode(record, value);
    batch->put(storage::Family::meta, keys::database(info->id), value);
    ASSERT_TRUE(store->write(*batch, storage::Sync::disk));
  }
  open();
  EXPECT_FALSE(fs::exists(path() + "/databases/" + info->id));
  EXPECT_EQ(catalog_->list().size(), 1U);
  EXPECT_TRUE(catalog_->create("orders"));
}

TEST_F(CatalogTest, AFailedDatabaseIsUnavailableUntilItIsLetGoAndThenOpenedAgain) {
  open();
  auto shard = use("main");
  const std::string id = catalog_->find("main")->id;
  ASSERT_TRUE(write(*shard, "a", "{}"));
  ASSERT_TRUE(shard->store().flush());
  const auto flip = [&] {
    for (const auto& entry : fs::directory_iterator(path() + "/databases/" + id)) {
      if (entry.path().extension() != ".sst") continue;
      std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
      file.seekg(20);
      const char byte = static_cast<char>(file.get());
      file.seekp(20);
      file.put(static_cast<char>(byte ^ 1));
    }
  };
  flip();
  int findings = 0;
  EXPECT_TRUE(catalog_->verify([&](const std::string&) { ++findings; }));
  EXPECT_GT(findings, 0);
  EXPECT_EQ(catalog_->use(id).error().code(), ErrorCode::unavailable);
  flip();  // the damage is mended, and what failed stays failed until it is opened again
  EXPECT_EQ(catalog_->use(id).error().code(), ErrorCode::unavailable);
  shard.reset();
  EXPECT_TRUE(write(*use("main"), "b", "{}"));
  EXPECT_EQ(body("main", "a"), "{}");
}

TEST_F(CatalogTest, ALostFolderIsDamageAndNoEmptyDatabase) {
  open();
  const auto info = catalog_->find("main");
  ASSERT_TRUE(write(*use("main"), "a", "{}"));
  catalog_.reset();
  fs::remove_all(path() + "/databases/" + info->id);
  open();
  EXPECT_EQ(catalog_->use(info->id).error().code(), ErrorCode::corrupt);
  EXPECT_FALSE(fs::exists(path() + "/databases/" + info->id));
  std::vector<std::string> findings;
  EXPECT_TRUE(catalog_->verify([&](const std::string& finding) { findings.push_back(finding); }));
  EXPECT_EQ(findings.size(), 1U);
}

TEST_F(CatalogTest, AHalfMadeFolderOfAPlannedDatabaseIsMadeAnew) {
  open();
  const auto info = catalog_->create("orders");
  fs::create_directories(path() + "/databases/" + info->id);
  std::ofstream(path() + "/databases/" + info->id + "/QUIRE-SHARD.new").put('x');
  EXPECT_TRUE(write(*use("orders"), "a", "{}"));
}

// --- whose directory it is

TEST_F(CatalogTest, ASecondHandleIsLocked) {
  open();
  const auto second = try_open();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::locked);
  EXPECT_NE(second.error().message().find(path()), std::string::npos);
  catalog_.reset();
  open();
}

std::vector<std::string> everything_in(const std::string& directory) {
  std::vector<std::string> all;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) all.push_back(entry.path().string());
  std::sort(all.begin(), all.end());
  return all;
}

TEST_F(CatalogTest, ADirectoryOfSomethingElseIsNotTouched) {
  fs::create_directories(path() + "/catalog");
  std::ofstream(path() + "/letter.txt") << "dear Ada";
  const auto before = everything_in(path());
  for (const bool create : {true, false}) {
    options_.create = create;
    const auto opened = try_open();
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code(), ErrorCode::invalid);
    EXPECT_NE(opened.error().message().find("letter.txt"), std::string::npos) << opened.error().message();
  }
  EXPECT_EQ(everything_in(path()), before);
  std::ofstream(path() + "/catalog/page.txt") << "socks";
  EXPECT_EQ(try_open().error().code(), ErrorCode::invalid);
  fs::remove_all(path());
  std::ofstream(path()) << "a file";
  EXPECT_EQ(try_open().error().code(), ErrorCode::invalid);
}

TEST_F(CatalogTest, HalfADirectoryIsDamageAndStaysAsItIs) {
  open();
  ASSERT_TRUE(write(*use("main"), "a", "{}"));
  catalog_.reset();
  fs::remove_all(path() + "/catalog");
  const auto before = everything_in(path());
  EXPECT_EQ(try_open().error().code(), ErrorCode::corrupt);
  EXPECT_EQ(everything_in(path()), before);
}

TEST_F(CatalogTest, WithoutCreateNothingIsMade) {
  options_.create = false;
  EXPECT_EQ(try_open().error().code(), ErrorCode::not_found);
  EXPECT_FALSE(fs::exists(path()));
  fs::create_directories(path());
  EXPECT_EQ(try_open().error().code(), ErrorCode::not_found);
  EXPECT_TRUE(fs::is_empty(path()));
}

TEST_F(CatalogTest, InMemoryNothingReachesADisk) {
  options_.medium = storage::Medium::memory;
  open();
  ASSERT_TRUE(write(*use("main"), "a", "{}"));
  EXPECT_FALSE(fs::exists(path()));
  executor_.advance(std::chrono::minutes(5));
  EXPECT_EQ(catalog_->open_databases(), 0U);
  EXPECT_EQ(body("main", "a"), "{}");
  const auto info = catalog_->create("orders");
  ASSERT_TRUE(write(*use("orders"), "a", "{}"));
  EXPECT_TRUE(catalog_->remove(info->id));
  EXPECT_FALSE(fs::exists(path()));
}

}  // namespace
}  // namespace quire::database
