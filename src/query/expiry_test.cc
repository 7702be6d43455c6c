#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "base/testing/manual_executor.h"
#include "base/testing/seeded_random.h"
#include "database/catalog.h"
#include "query/index_catalog.h"
#include "query/value_index.h"

// Documents expire in a database that nobody has open.

namespace quire::query {
namespace {

using database::Catalog;
using database::Edit;
using database::kDefaultCollection;
using std::chrono::milliseconds;

struct ExpiryTest : ::testing::Test {
  ExpiryTest() : directory(::testing::TempDir() + "expiry-" + std::to_string(getpid())) {
    std::filesystem::remove_all(directory);
    options.index_kinds = {&values};
    catalog = std::move(*Catalog::open(directory, options, clock, random, executor));
    id = catalog->find("main")->id;
  }
  ~ExpiryTest() override {
    catalog.reset();
    std::filesystem::remove_all(directory);
  }

  void put(const std::string& name, WallMs date) {
    Edit edit;
    edit.id = name;
    edit.body = R"({"t":{"$date":{"$numberLong":")" + std::to_string(date) + "\"}}}";
    ASSERT_TRUE((*catalog->use(id))->write({edit}, {})->rows.at(0));
  }
  std::uint64_t documents() {
    std::uint64_t count = 0;
    catalog->each_open([&](const auto&, database::Shard& shard) {
      count = shard.collections().find(kDefaultCollection)->counts.documents;
    });
    return count;
  }

  const std::string directory;
  ManualClock clock;
  ManualExecutor executor{clock};
  SeededRandom random{1};
  ValueIndexes values;
  database::CatalogOptions options;
  std::unique_ptr<Catalog> catalog;
  std::string id;
};

TEST_F(ExpiryTest, a_closed_database_is_opened_when_a_document_is_due) {
  {
    const auto shard = *catalog->use(id);
    ASSERT_TRUE(
        create_index(*shard, kDefaultCollection, "ttl", R"({"keys":[{"t":1}],"expireAfterSeconds":0})"));
  }
  const WallMs due = clock.wall_ms() + 24 * 3'600'000LL;
  put("tomorrow", due);
  executor.advance(milliseconds(3'600'000));
  ASSERT_EQ(catalog->open_databases(), 0U) << "care was taken, and it is idle";
  executor.advance(milliseconds(due - clock.wall_ms() + 1'000));
  const auto shard = *catalog->use(id);
  EXPECT_EQ(documents(), 0U);
}

TEST_F(ExpiryTest, what_is_written_to_an_open_database_expires_within_a_minute_or_two) {
  const auto shard = *catalog->use(id);
  ASSERT_TRUE(
      create_index(*shard, kDefaultCollection, "ttl", R"({"keys":[{"t":1}],"expireAfterSeconds":0})"));
  executor.advance(milliseconds(6 * 60'000));
  put("soon", clock.wall_ms() + 1'000);
  ASSERT_EQ(documents(), 1U);
  executor.advance(milliseconds(2 * 60'000));
  EXPECT_EQ(documents(), 0U);
}

}  // namespace
}  // namespace quire::query
