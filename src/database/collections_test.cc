#include "database/collections.h"

#include <gtest/gtest.h>

#include "database/keys.h"
#include "database/tuning.h"
#include "storage/open.h"

namespace quire::database {
namespace {

using storage::Family;

TEST(CollectionNames, AreWhatAPathAndAnIdCanHold) {
  for (const std::string name : {"orders", "Größe", "株式", "a b", "x.y", "...", "-", "a_b", "_default"}) {
    EXPECT_TRUE(check_collection_name(name)) << name;
  }
  EXPECT_TRUE(check_collection_name(std::string(tuning::kNameBytes, 'n')));
  for (const auto& name :
       {std::string(), std::string("a/b"), std::string("a:b"), std::string("_x"), std::string("_default2"),
        std::string("a\nb"), std::string("a\x7F"), std::string("a\0b", 3), std::string("\xC3"),
        std::string("\xED\xA0\x80"), std::string("."), std::string("..")}) {
    const auto checked = check_collection_name(name);
    ASSERT_FALSE(checked) << name;
    EXPECT_EQ(checked.error().code(), ErrorCode::invalid);
    EXPECT_EQ(checked.error().field(), "collection");
  }
  const auto long_name = check_collection_name(std::string(tuning::kNameBytes + 1, 'n'));
  EXPECT_EQ(long_name.error().code(), ErrorCode::too_large);
  EXPECT_EQ(long_name.error().limit(), tuning::kNameBytes);
}

CollectionInfo info(CollectionId id, std::string name) {
  return {.id = id, .name = std::move(name), .settings = {.revision_limit = 1000}, .counts = {}};
}

TEST(Collections, AreFoundByNameAndByNumber) {
  Collections collections;
  collections.add(info(1, "_default"));
  collections.add(info(2, "b"));
  collections.add(info(3, "a"));
  EXPECT_EQ(collections.find("a")->id, 3U);
  EXPECT_EQ(collections.find(CollectionId{2})->name, "b");
  EXPECT_EQ(collections.settings(2)->revision_limit, 1000U);
  EXPECT_FALSE(collections.find("c"));
  EXPECT_FALSE(collections.find(CollectionId{4}));
  EXPECT_FALSE(collections.settings(4));
  std::vector<std::string> names;
  for (const auto& collection : collections.list()) names.push_back(collection.name);
  EXPECT_EQ(names, (std::vector<std::string>{"_default", "a", "b"}));
  collections.set_counts(3, {.documents = 5, .deleted = 6, .bytes = 7});
  EXPECT_EQ(collections.find("a")->counts.documents, 5U);
  collections.set_counts(99, {.documents = 5, .deleted = 6, .bytes = 7});
  collections.remove(3);
  collections.remove(3);
  EXPECT_FALSE(collections.find("a"));
  EXPECT_EQ(collections.list().size(), 2U);
}

TEST(Collections, OwnTheIdsThatBeginWithTheirName) {
  Collections collections;
  collections.add(info(1, "_default"));
  collections.add(info(2, "orders"));
  EXPECT_EQ(collections.owner_of("orders:7")->id, 2U);
  EXPECT_EQ(collections.owner_of("orders:")->id, 2U);
  EXPECT_EQ(collections.owner_of("orders:7:8")->id, 2U);
  EXPECT_FALSE(collections.owner_of("orders"));
  EXPECT_FALSE(collections.owner_of("order:7"));
  EXPECT_FALSE(collections.owner_of(":orders"));
}

// A change that was prepared under one version is looked at again under another.
TEST(Collections, TheVersionMovesWithCreationAndDrop) {
  Collections collections;
  const auto first = collections.version();
  collections.add(info(2, "orders"));
  const auto second = collections.version();
  EXPECT_GT(second, first);
  collections.set_counts(2, {.documents = 1, .deleted = 0, .bytes = 0});
  EXPECT_EQ(collections.version(), second);
  collections.remove(2);
  EXPECT_GT(collections.version(), second);
}

class CollectionsLoad : public ::testing::Test {
 protected:
  template <class Record>
  void put(const std::string& key, const Record& record) {
    auto batch = store_->make_batch();
    std::string value;
    encode(record, value);
    batch->put(Family::meta, key, value);
    ASSERT_TRUE(store_->write(*batch, storage::Sync::none));
  }
  ErrorCode load_error() {
    Collections collections;
    const Status loaded = collections.load(*store_);
    return loaded ? ErrorCode::internal : loaded.error().code();
  }

  std::unique_ptr<storage::MapStore> store_ = storage::make_map_store();
};

TEST_F(CollectionsLoad, ReadsNamesBoundsAndCounts) {
  put(keys::collection(1), CollectionRecord{"_default", {0}});
  put(keys::collection(258), CollectionRecord{"orders", {7}});
  put(keys::counts(258), Counts{1, 2, 3});
  Collections collections;
  ASSERT_TRUE(collections.load(*store_));
  EXPECT_EQ(collections.find("_default")->settings.revision_limit, tuning::kRevisionLimit);
  EXPECT_EQ(collections.find("_default")->counts, Counts{});
  EXPECT_EQ(collections.find("orders")->id, 258U);
  EXPECT_EQ(collections.find("orders")->settings.revision_limit, 7U);
  EXPECT_EQ(collections.find("orders")->counts, (Counts{1, 2, 3}));
}

TEST_F(CollectionsLoad, TwoOfOneNameAreDamage) {
  put(keys::collection(1), CollectionRecord{"orders", {0}});
  put(keys::collection(2), CollectionRecord{"orders", {0}});
  EXPECT_EQ(load_error(), ErrorCode::corrupt);
}

TEST_F(CollectionsLoad, MalformedKeysAndRecordsAreDamage) {
  put("L\x01", CollectionRecord{"orders", {0}});
  EXPECT_EQ(load_error(), ErrorCode::corrupt);
  store_ = storage::make_map_store();
  put(keys::collection(0), CollectionRecord{"orders", {0}});
  EXPECT_EQ(load_error(), ErrorCode::corrupt);
  store_ = storage::make_map_store();
  put(keys::collection(1), CollectionRecord{"orders", {0}});
  put(keys::counts(1), CollectionRecord{"no counts", {0}});
  EXPECT_EQ(load_error(), ErrorCode::corrupt);
}

}  // namespace
}  // namespace quire::database
