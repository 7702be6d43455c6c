#include "api/kv/storage.h"

#include <gtest/gtest.h>

#include <map>

#include "api/kv/record.h"
#include "engine/testing/test_node.h"

// One contract, several back ends.

namespace quire::api::kv {
namespace {

enum class Kind : std::uint8_t { shard, memory };

class StorageTest : public ::testing::TestWithParam<Kind> {
 protected:
  StorageTest() {
    storage_ = GetParam() == Kind::memory
                   ? make_memory_storage()
                   : make_shard_storage(node_.node.documents(), node_.node.catalog(), "main", "kv");
  }

  Status set(std::string_view key, std::string_view value) {
    return engine::wait<void>([&](auto done) { storage_->set(asking_, key, value, std::move(done)); });
  }
  Status rm(std::string_view key) {
    return engine::wait<void>([&](auto done) { storage_->rm(asking_, key, std::move(done)); });
  }
  Result<std::string> get(std::string_view key) {
    std::string value;
    QUIRE_TRY_STATUS(storage_->get(asking_, key, value));
    return value;
  }
  std::vector<std::string> all() {
    std::vector<std::string> records;
    EXPECT_TRUE(storage_->get_all(asking_, [&](std::string_view key, std::string_view value) {
      records.push_back(std::string(key) + "=" + std::string(value));
      return true;
    }));
    return records;
  }

  engine::testing::TestNode node_;
  std::unique_ptr<Storage> storage_;
  Storage::Asking asking_{.caller = engine::Caller::admin(), .limits = {}, .may_block = true};
};

TEST_P(StorageTest, IsEmptyAtFirst) {
  EXPECT_EQ(get("a").error().code(), ErrorCode::not_found);
  EXPECT_EQ(storage_->exist(asking_, "a").error().code(), ErrorCode::not_found);
  EXPECT_EQ(rm("a").error().code(), ErrorCode::not_found);
  EXPECT_EQ(*storage_->size(asking_), 0U);
  EXPECT_TRUE(all().empty());
  EXPECT_TRUE(storage_->clear(asking_));
}

TEST_P(StorageTest, KeepsWhatIsSet) {
  ASSERT_TRUE(set("b", R"("2")"));
  ASSERT_TRUE(set("a", R"("")"));
  ASSERT_TRUE(set("c\u00e9 \"", R"("\"\\\u0000")"));
  EXPECT_EQ(*get("b"), R"("2")");
  EXPECT_EQ(*get("a"), R"("")");
  EXPECT_EQ(*get("c\u00e9 \""), R"("\"\\\u0000")");
  EXPECT_TRUE(storage_->exist(asking_, "b"));
  EXPECT_EQ(*storage_->size(asking_), 3U);
  EXPECT_EQ(all(), (std::vector<std::string>{R"(a="")", R"(b="2")", "c\u00e9 \"=\"\\\"\\\\\\u0000\""}));
}

TEST_P(StorageTest, ReplacesAndRemoves) {
  ASSERT_TRUE(set("a", R"("1")"));
  ASSERT_TRUE(set("a", R"("2")"));
  EXPECT_EQ(*get("a"), R"("2")");
  EXPECT_EQ(*storage_->size(asking_), 1U);
  ASSERT_TRUE(rm("a"));
  EXPECT_EQ(get("a").error().code(), ErrorCode::not_found);
  EXPECT_EQ(rm("a").error().code(), ErrorCode::not_found);
  ASSERT_TRUE(set("a", R"("3")"));
  EXPECT_EQ(*get("a"), R"("3")");
}

TEST_P(StorageTest, ClearsAll) {
  for (const std::string key : {"a", "b", "c"}) ASSERT_TRUE(set(key, R"("x")"));
  ASSERT_TRUE(storage_->clear(asking_));
  EXPECT_EQ(*storage_->size(asking_), 0U);
  EXPECT_TRUE(all().empty());
  ASSERT_TRUE(set("a", R"("y")"));
  EXPECT_EQ(*get("a"), R"("y")");
}

TEST_P(StorageTest, AVisitorMayStop) {
  for (const std::string key : {"a", "b", "c"}) ASSERT_TRUE(set(key, R"("x")"));
  int seen = 0;
  EXPECT_TRUE(storage_->get_all(asking_, [&](std::string_view, std::string_view) { return ++seen < 2; }));
  EXPECT_EQ(seen, 2);
}

// Where nothing may wait, each call answers as it would, or says that it cannot.
TEST_P(StorageTest, WithoutWaitingItIsRightOrSaysThatItCannotBe) {
  Storage::Asking hasty = asking_;
  hasty.may_block = false;
  const auto try_set = [&](std::string_view key) {
    return engine::wait<void>([&](auto done) { storage_->set(hasty, key, R"("h")", std::move(done)); });
  };
  const auto early = try_set("a");
  EXPECT_TRUE(early || engine::needs_disk(early.error()));
  ASSERT_TRUE(set("a", R"("1")"));
  std::string value;
  ASSERT_TRUE(storage_->get(hasty, "a", value));
  EXPECT_EQ(value, R"("1")");
  EXPECT_TRUE(try_set("a"));
  EXPECT_TRUE(try_set("new"));
  EXPECT_EQ(*get("new"), R"("h")");
  EXPECT_EQ(storage_->exist(hasty, "none").error().code(), ErrorCode::not_found);
}

INSTANTIATE_TEST_SUITE_P(All, StorageTest, ::testing::Values(Kind::shard, Kind::memory),
                         [](const auto& kind) { return kind.param == Kind::shard ? "shard" : "memory"; });

TEST(Record, IsAnObjectOfOneString) {
  EXPECT_EQ(record_text(R"("a\"b")"), R"({"v":"a\"b"})");
  EXPECT_EQ(value_of(R"({"v":"a\"b"})"), R"("a\"b")");
  EXPECT_EQ(value_of(R"({"v":""})"), R"("")");
  for (const std::string text :
       {R"({})", R"({"v":1})", R"({"v":"a","w":"b"})", R"({"w":"a"})", R"({"v":"a","v2":""})",
        R"({"v":null})", R"({"v":["a"]})", R"({"v":")", "", R"({"v":{"a":"b"}})"}) {
    EXPECT_EQ(value_of(text), std::nullopt) << text;
  }
}

TEST(ShardStorage, RecordsAreDocumentsAndOtherDocumentsAreNoRecords) {
  engine::testing::TestNode node;
  const auto storage = make_shard_storage(node.node.documents(), node.node.catalog(), "main", "kv");
  const Storage::Asking asking{.caller = node.caller, .limits = {}, .may_block = true};
  ASSERT_TRUE(engine::wait<void>([&](auto done) { storage->set(asking, "a", R"("1")", std::move(done)); }));
  EXPECT_EQ(node.get("a", {}, "kv")->body, R"({"v":"1"})");
  node.put("other", R"({"v":"1","more":2})", "kv");
  std::string value;
  EXPECT_EQ(storage->get(asking, "other", value).error().code(), ErrorCode::not_found);
  EXPECT_EQ(
      engine::wait<void>([&](auto done) { storage->rm(asking, "other", std::move(done)); }).error().code(),
      ErrorCode::not_found);
  int seen = 0;
  ASSERT_TRUE(storage->get_all(asking, [&](std::string_view, std::string_view) { return ++seen > 0; }));
  EXPECT_EQ(seen, 1);
  const auto collections = engine::wait<std::vector<engine::CollectionDescription>>([&](auto done) {
                             node.node.catalog().collections(node.caller, {}, {}, std::move(done));
                           }).value();
  EXPECT_EQ(collections.back().name, "kv");
  EXPECT_EQ(collections.back().settings.revision_limit, 8U);
}

TEST(ShardStorage, ErrorsThatAreNotItsOwnComeThrough) {
  engine::testing::TestNode node;
  const auto storage = make_shard_storage(node.node.documents(), node.node.catalog(), "nowhere", "kv");
  Storage::Asking asking{.caller = node.caller, .limits = {}, .may_block = true};
  std::string value;
  EXPECT_EQ(storage->get(asking, "a", value).error().field(), "database");
  EXPECT_EQ(storage->size(asking).error().field(), "database");
  asking.caller = engine::Caller::anonymous();
  EXPECT_EQ(storage->get(asking, "a", value).error().code(), ErrorCode::unauthenticated);
  EXPECT_EQ(engine::wait<void>([&](auto done) { storage->set(asking, "a", "\"\"", std::move(done)); })
                .error()
                .code(),
            ErrorCode::unauthenticated);
}

}  // namespace
}  // namespace quire::api::kv
