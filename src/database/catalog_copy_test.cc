// Backups, what is restored of them, and verify.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "database/blob_store.h"
#include "database/catalog.h"
#include "database/checkpoint_store.h"
#include "database/testing/catalog_fixture.h"

namespace quire::database {
namespace {

namespace fs = std::filesystem;
using testing::CatalogTest;
using testing::write;

TEST_F(CatalogTest, ABackupIsADirectoryThatRestores) {
  open();
  ASSERT_TRUE(catalog_->create("orders", "ada"));
  ASSERT_TRUE(catalog_->create("unused"));
  const std::string orders = catalog_->find("orders", "ada")->id;
  ASSERT_TRUE(write(*use("main"), "a", R"({"n":1})"));
  ASSERT_TRUE(write(**catalog_->use(orders), "b", R"({"n":2})"));
  const Position before = use("main")->position();
  ASSERT_TRUE(use("main")->checkpoints().put("peer", 0, R"({"seq":1})"));
  const std::string node = catalog_->node_id();
  const std::string copy = folder_ / "copy";
  ASSERT_TRUE(catalog_->backup(copy));
  EXPECT_EQ(catalog_->backup(copy).error().code(), ErrorCode::exists);
  ASSERT_TRUE(write(*use("main"), "later", "{}"));
  catalog_.reset();

  EXPECT_EQ(Catalog::restore(copy, path()).error().code(), ErrorCode::exists);
  fs::remove_all(path());
  const Status restored = Catalog::restore(copy, path());
  ASSERT_TRUE(restored) << restored.error().to_string();
  open();
  EXPECT_EQ(catalog_->list().size(), 3U);
  EXPECT_EQ(body("main", "a"), R"({"n":1})");
  EXPECT_EQ(catalog_->find("orders", "ada")->id, orders);
  EXPECT_EQ((*catalog_->use(orders))->get(kDefaultCollection, "b")->body, R"({"n":2})");
  EXPECT_FALSE(use("main")->get(kDefaultCollection, "later"));
  EXPECT_EQ(use("main")->checkpoints().get("peer")->body, R"({"seq":1})");
  EXPECT_EQ(catalog_->node_id(), node) << "it stands for the one that was lost";
  EXPECT_TRUE(write(*use("unused"), "c", "{}"));
  const Position after = use("main")->position();
  EXPECT_NE(after.incarnation, before.incarnation);
  EXPECT_EQ(after.sequence, before.sequence);
  reopen();
  EXPECT_EQ(use("main")->position(), after) << "only the first opening begins an incarnation";
}

TEST_F(CatalogTest, ADamagedBackupIsNamedAndLeavesNothing) {
  open();
  ASSERT_TRUE(write(*use("main"), "a", "{}"));
  const std::string copy = folder_ / "copy";
  ASSERT_TRUE(catalog_->backup(copy));
  catalog_.reset();
  fs::remove_all(path());
  EXPECT_EQ(Catalog::restore(folder_ / "nowhere", path()).error().code(), ErrorCode::not_found);
  const std::string empty = folder_ / "empty";
  fs::create_directories(empty);
  EXPECT_FALSE(Catalog::restore(empty, path()));
  fs::remove_all(copy + "/databases");
  const Status restored = Catalog::restore(copy, path());
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().code(), ErrorCode::corrupt) << restored.error().to_string();
  EXPECT_NE(restored.error().message().find("main"), std::string::npos);
  EXPECT_FALSE(fs::exists(path()));
  EXPECT_FALSE(fs::exists(path() + ".partial"));
}

TEST_F(CatalogTest, VerifyFindsNothingInWhatIsWhole) {
  open();
  ASSERT_TRUE(catalog_->create("unused"));
  ASSERT_TRUE(write(*use("main"), "a", "{}"));
  std::vector<std::string> findings;
  EXPECT_TRUE(catalog_->verify([&](const std::string& finding) { findings.push_back(finding); }));
  EXPECT_EQ(findings, std::vector<std::string>{});
  fs::create_directories(path() + "/databases/somebody");
  EXPECT_TRUE(catalog_->verify([&](const std::string& finding) { findings.push_back(finding); }));
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_NE(findings[0].find("somebody"), std::string::npos);
  EXPECT_TRUE(fs::exists(path() + "/databases/somebody"));
}

}  // namespace
}  // namespace quire::database
