#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "database/testing/test_shard.h"
#include "document/revision_tree.h"

// A document's head and the texts of its other leaves are records of their own. Whoever reads both while the
// document moves must never see two that do not belong together.
namespace quire::database {
namespace {

using document::Revision;
using testing::ShardWorld;

Revision rev(std::uint64_t generation, std::uint64_t number) {
  return {generation, document::RevisionHash::from_text("h" + std::to_string(number))};
}

Edit replicate(const Revision& leaf, const Revision& parent) {
  Edit edit;
  edit.id = "x";
  edit.kind = Edit::Kind::replicate;
  edit.path = {leaf, parent};
  edit.body = R"({"leaf":")" + leaf.to_string() + R"("})";
  return edit;
}

Status write(Shard& shard, Edit edit) {
  QUIRE_TRY(auto written, shard.write({std::move(edit)}, {}));
  if (!written.rows.front()) return written.rows.front().error();
  return ok();
}

class MovingDocumentTest : public ::testing::Test {
 protected:
  ShardWorld world_;
  std::unique_ptr<Shard> shard_ = world_.in_memory();
};

// The text of a leaf stands in the head while the leaf wins, and beside it while it does not.
TEST_F(MovingDocumentTest, ALeafIsFoundWhileItBecomesTheWinnerAndLosesAgain) {
  const Revision kept = rev(2, 1);
  ASSERT_TRUE(write(*shard_, replicate(kept, rev(1, 1))));
  std::atomic<bool> over = false;
  std::thread reader([&] {
    while (!over) {
      const auto text = shard_->get(kDefaultCollection, "x", {.revision = kept});
      ASSERT_TRUE(text) << text.error().to_string();
      ASSERT_EQ(text->body, R"({"leaf":"2-h1"})");
    }
  });
  for (std::uint64_t i = 0; i < 150; ++i) {
    const Revision above = rev(3, i + 2);
    ASSERT_TRUE(write(*shard_, replicate(above, rev(2, i + 2))));
    Edit remove;
    remove.id = "x";
    remove.kind = Edit::Kind::remove;
    remove.expected = above;
    ASSERT_TRUE(write(*shard_, std::move(remove)));
  }
  over = true;
  reader.join();
}

// Preparing an edit of a losing leaf reads that leaf's text; another thread takes it away first.
TEST_F(MovingDocumentTest, EditsOfBranchesThatMoveAreConflictsAndNotDamage) {
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::uint64_t i = 0; i < 150; ++i) {
        const auto tree = document::RevisionTree::decode(*shard_->tree(kDefaultCollection, "x"));
        const auto leaves = tree ? tree->leaves() : std::vector<document::Leaf>{};
        Status done = ok();
        if (leaves.size() < 3) {
          done = write(*shard_, replicate(rev(2, t * 1'000 + i), rev(1, 0)));
        } else {
          const auto& leaf = leaves[(t + i) % leaves.size()];
          Edit edit;
          edit.id = "x";
          edit.expected = leaf.revision;
          edit.body = R"({"by":)" + std::to_string(t) + "}";
          if (!leaf.deleted && i % 2 == 0) edit.kind = Edit::Kind::remove;
          done = write(*shard_, std::move(edit));
        }
        ASSERT_TRUE(done || done.error().code() == ErrorCode::conflict) << done.error().to_string();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(testing::disagreements(*shard_), std::vector<std::string>{});
}

// Ancestors out of the head's reach move to chunks while the tree is read.
TEST_F(MovingDocumentTest, ATreeIsReadWholeWhileItGrows) {
  std::atomic<int> document = 0;
  std::vector<std::thread> readers;
  for (int r = 0; r < 2; ++r) {
    readers.emplace_back([&] {
      for (int at = 0; (at = document) < 8;) {
        const auto encoded = shard_->tree(kDefaultCollection, std::to_string(at));
        ASSERT_TRUE(encoded) << encoded.error().to_string();
        if (encoded->empty()) continue;
        const auto tree = document::RevisionTree::decode(*encoded);
        ASSERT_TRUE(tree) << tree.error().to_string();
        ASSERT_EQ(tree->path(tree->winner()->revision).size(), tree->winner()->revision.generation);
      }
    });
  }
  for (; document < 8; ++document) {
    for (int i = 0; i < 900; ++i) {
      Edit edit;
      edit.id = std::to_string(document);
      edit.precondition = Edit::Precondition::any;
      edit.body = R"({"i":)" + std::to_string(i) + "}";
      ASSERT_TRUE(write(*shard_, std::move(edit)));
    }
  }
  for (auto& reader : readers) reader.join();
}

}  // namespace
}  // namespace quire::database
