#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/seeded_random.h"
#include "database/blob_store.h"
#include "database/testing/test_shard.h"
#include "document/revision_tree.h"

// Many replicated revisions of one document, in one call and one after the other.

namespace quire::database {
namespace {

using document::Revision;
using document::RevisionTree;
using testing::disagreements;
using ::testing::IsEmpty;
using testing::ShardWorld;

Revision revision(std::string_view text) { return Revision::parse(text).value(); }

Edit replicated(const std::string& id, const std::vector<std::string>& path, bool deleted = false) {
  Edit edit;
  edit.kind = Edit::Kind::replicate;
  edit.id = id;
  edit.deleted = deleted;
  for (const std::string& name : path) edit.path.push_back(revision(name));
  edit.body = R"({"of":")" + path.front() + "\"}";
  return edit;
}

TEST(ManyLeaves, OfOneCallAreOneChange) {
  ShardWorld world;
  const auto shard = world.in_memory();
  std::vector<Edit> edits;
  for (int i = 0; i < 500; ++i) edits.push_back(replicated("a", {"2-" + std::to_string(i), "1-a"}));
  edits.push_back(replicated("b", {"1-b"}));
  edits.push_back(replicated("a", {"2-7", "1-a"}));
  const auto rows = shard->write(edits, {})->rows;
  ASSERT_EQ(rows.size(), 502U);
  for (int i = 0; i < 500; ++i) {
    EXPECT_EQ(rows[static_cast<std::size_t>(i)]->revision, revision("2-" + std::to_string(i)));
    EXPECT_EQ(rows[static_cast<std::size_t>(i)]->sequence, rows[0]->sequence);
  }
  EXPECT_NE(rows[0]->sequence, 0U);
  EXPECT_EQ(rows[501]->sequence, 0U) << "it came with the same call";
  EXPECT_EQ(shard->position().sequence, 2U);
  EXPECT_EQ(RevisionTree::decode(*shard->tree(kDefaultCollection, "a"))->leaves().size(), 500U);
  EXPECT_EQ(shard->get(kDefaultCollection, "a", {.revision = revision("2-33")})->body, R"({"of":"2-33"})");
  EXPECT_THAT(disagreements(*shard), IsEmpty());
}

TEST(ManyLeaves, OneThatIsRefusedDoesNotStopTheOthers) {
  ShardWorld world;
  const auto shard = world.in_memory();
  std::vector<Edit> edits{replicated("a", {"2-b", "1-a"}), replicated("a", {"3-x", "1-a"}),
                          replicated("a", {"2-c", "1-a"}), replicated("a", {"2-d", "1-a"})};
  edits[3].attachments = {{"notes", "text/plain", std::string(32, 'd'), std::string(16, 'm'), 5, 0}};
  const auto rows = shard->write(edits, {})->rows;
  EXPECT_TRUE(rows[0]);
  EXPECT_EQ(rows[1].error().code(), ErrorCode::invalid);
  EXPECT_TRUE(rows[2]);
  EXPECT_EQ(rows[3].error().code(), ErrorCode::precondition) << "its attachment's bytes are not here";
  EXPECT_EQ(RevisionTree::decode(*shard->tree(kDefaultCollection, "a"))->leaves().size(), 2U);
  EXPECT_THAT(disagreements(*shard), IsEmpty());
}

// Together or one by one, in whatever order: the same trees, winners and texts.
TEST(ManyLeaves, TogetherOrOneByOneComeToTheSame) {
  SeededRandom random(7);
  for (int round = 0; round < 60; ++round) {
    std::vector<Edit> edits;
    std::vector<std::vector<std::string>> known{{"1-r"}};
    for (int i = 0; i < 30; ++i) {
      std::vector<std::string> path = known[random.next_u64() % known.size()];
      const auto generation = std::to_string(path.size() + 1);
      path.insert(path.begin(), generation + "-" + std::to_string(i));
      known.push_back(path);
      edits.push_back(replicated("a", path, random.next_u64() % 4 == 0));
    }
    ShardWorld world;
    const auto together = world.in_memory();
    const auto alone = world.in_memory();
    ASSERT_TRUE(together->write(edits, {}));
    for (std::size_t i = edits.size(); i > 1; --i) std::swap(edits[i - 1], edits[random.next_u64() % i]);
    for (const Edit& edit : edits) ASSERT_TRUE(alone->write({edit}, {})->rows.front());
    EXPECT_EQ(together->tree(kDefaultCollection, "a").value(), alone->tree(kDefaultCollection, "a").value());
    EXPECT_EQ(together->head(kDefaultCollection, "a").value()->body,
              alone->head(kDefaultCollection, "a").value()->body);
    EXPECT_THAT(disagreements(*together), IsEmpty());
    EXPECT_THAT(disagreements(*alone), IsEmpty());
  }
}

TEST(ManyLeaves, OfAThousandCallsAreAThousandChanges) {
  ShardWorld world;
  const auto shard = world.in_memory();
  for (int i = 0; i < 1000; ++i)
    ASSERT_TRUE(shard->write({replicated("a", {"2-" + std::to_string(i), "1-a"})}, {})->rows.front());
  EXPECT_EQ(shard->position().sequence, 1000U);
  EXPECT_EQ(RevisionTree::decode(*shard->tree(kDefaultCollection, "a"))->leaves().size(), 1000U);
  EXPECT_THAT(disagreements(*shard), IsEmpty());
}

TEST(ManyLeaves, TenThousandAreSurvived) {
  ShardWorld world;
  const auto shard = world.in_memory();
  for (int batch = 0; batch < 10; ++batch) {
    std::vector<Edit> edits;
    for (int i = 0; i < 1000; ++i)
      edits.push_back(replicated("a", {"2-" + std::to_string(batch * 1000 + i), "1-a"}));
    const auto written = shard->write(std::move(edits), {});
    ASSERT_TRUE(written);
    for (const auto& row : written->rows) ASSERT_TRUE(row);
  }
  EXPECT_EQ(shard->position().sequence, 10U);
  Edit one = replicated("a", {"3-z", "2-9999", "1-a"});
  ASSERT_TRUE(shard->write({one}, {})->rows.front());
  const auto view = shard->document(kDefaultCollection, "a").value();
  EXPECT_EQ(view->tree().leaves().size(), 10'000U);
  EXPECT_EQ(view->winner().revision, revision("3-z"));
  EXPECT_TRUE(view->text(revision("2-1234"))->has_value());
}

}  // namespace
}  // namespace quire::database
