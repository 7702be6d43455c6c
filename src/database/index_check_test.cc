#include "database/index_check.h"

#include <gtest/gtest.h>

#include "database/keys.h"
#include "database/records.h"
#include "database/testing/test_shard.h"

namespace quire::database {
namespace {

class IndexCheckTest : public ::testing::Test {
 protected:
  IndexCheckTest() {
    index_ = shard_->create_index(kDefaultCollection, "member", "name").value();
    EXPECT_TRUE(shard_->wait_for_index(index_));
    for (int i = 0; i < 20; ++i)
      put("d" + std::to_string(i), R"({"name":"secret)" + std::to_string(i) + "\"}");
    put("without", "{}");
  }
  void put(const std::string& id, const std::string& body) {
    Edit edit;
    edit.id = id;
    edit.body = body;
    edit.precondition = Edit::Precondition::any;
    ASSERT_TRUE(shard_->write({std::move(edit)}, {})->rows[0]);
  }
  static std::string key_of(int i) { return testing::MemberIndexes::key_of("secret" + std::to_string(i)); }
  // Behind the back of the shard.
  void change(const std::function<void(storage::Batch&)>& change) {
    const auto batch = shard_->store().make_batch();
    change(*batch);
    ASSERT_TRUE(shard_->store().write(*batch, storage::Sync::none));
  }
  std::string entry(int i, const std::string& id) const {
    return keys::index_entries(index_) + key_of(i) + id;
  }
  std::vector<std::string> findings() {
    std::vector<std::string> found;
    EXPECT_TRUE(check_indexes(*shard_, [&](const std::string& line) { found.push_back(line); }));
    return found;
  }

  testing::ShardWorld world_;
  std::unique_ptr<Shard> shard_ = world_.in_memory();
  std::uint32_t index_ = 0;
};

TEST_F(IndexCheckTest, SaysNothingOfWhatAgrees) {
  EXPECT_EQ(findings(), std::vector<std::string>{});
  put("d3", R"({"name":"other"})");
  EXPECT_EQ(findings(), std::vector<std::string>{});
}

TEST_F(IndexCheckTest, CountsWhatIsMissingAndWhatIsTooMuch) {
  change([&](storage::Batch& batch) {
    for (const int i : {3, 5, 7}) batch.erase(storage::Family::index, entry(i, "d" + std::to_string(i)));
    batch.put(storage::Family::index, entry(5, "d6"), index_value(key_of(5)));
    batch.put(storage::Family::index, entry(30, "nobody"), index_value(key_of(30)));
  });
  const auto found = findings();
  ASSERT_EQ(found.size(), 2U);
  const std::string which = "the index " + std::to_string(index_) + " of the collection '_default' ";
  EXPECT_EQ(found[0], which + "lacks entries of its documents: 3");
  EXPECT_EQ(found[1], which + "has entries that no document asks for: 2");
}

TEST_F(IndexCheckTest, FindsTwinsOfAUniqueIndex) {
  const auto unique = shard_->create_index(kDefaultCollection, "member", "unique name").value();
  EXPECT_TRUE(shard_->wait_for_index(unique));
  EXPECT_EQ(findings(), std::vector<std::string>{});
  change([&](storage::Batch& batch) {
    batch.put(storage::Family::index, keys::index_entries(unique) + key_of(4) + "d5", index_value(key_of(4)));
  });
  const auto found = findings();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_NE(found[1].find("is unique, and has entries under the key of another: 1"), std::string::npos);
}

}  // namespace
}  // namespace quire::database
