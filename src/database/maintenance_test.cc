#include <gtest/gtest.h>

#include "base/testing/manual_clock.h"
#include "database/blob_store.h"
#include "database/records.h"
#include "database/testing/test_shard.h"
#include "storage/open.h"

namespace quire::database {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::disagreements;

class MaintenanceTest : public ::testing::Test {
 protected:
  ManualClock clock_;
  testing::ShardWorld world_{clock_};

  std::unique_ptr<Shard> open(const ShardSettings& settings) { return world_.in_memory(settings); }

  static EditResult put(Shard& shard, const std::string& id, const std::string& body,
                        std::optional<std::vector<Attachment>> attachments = {}) {
    Edit edit;
    edit.id = id;
    edit.body = body;
    edit.precondition = Edit::Precondition::any;
    edit.attachments = std::move(attachments);
    return shard.write({std::move(edit)}, {})->rows[0].value();
  }
  static EditResult remove(Shard& shard, const std::string& id) {
    Edit edit;
    edit.id = id;
    edit.kind = Edit::Kind::remove;
    edit.precondition = Edit::Precondition::any;
    return shard.write({std::move(edit)}, {})->rows[0].value();
  }
  static std::size_t count(Shard& shard, storage::Family family, char letter) {
    std::size_t found = 0;
    auto it = shard.store().iterate(family);
    for (it->seek(std::string(1, letter)); it->valid() && it->key().front() == letter; it->next()) ++found;
    return found;
  }
};

TEST_F(MaintenanceTest, ReplacedTextsStayForTheirTimeAndThenGoWithTheirEntries) {
  const auto shard = open({.history_ms = 3'600'000, .history_bytes = 1 << 20, .tombstone_ms = {}});
  const auto first = put(*shard, "a", R"({"n":1})");
  clock_.advance(minutes(30));
  put(*shard, "a", R"({"n":2})");
  const auto due = shard->maintain({});
  ASSERT_TRUE(due && *due);
  EXPECT_EQ(**due, clock_.wall_ms() + 3'600'000);
  EXPECT_TRUE(shard->get(kDefaultCollection, "a", {.revision = first.revision}));
  EXPECT_EQ(shard->history_edge(), 0U);
  clock_.advance(minutes(61));
  EXPECT_EQ(shard->maintain({}).value(), std::nullopt);
  EXPECT_FALSE(shard->get(kDefaultCollection, "a", {.revision = first.revision}));
  EXPECT_EQ(shard->history_edge(), 1U);
  EXPECT_EQ(count(*shard, storage::Family::documents, 'R'), 0U);
  EXPECT_EQ(count(*shard, storage::Family::history, 'H'), 1U);
  EXPECT_EQ(count(*shard, storage::Family::history, 'S'), 0U);
  EXPECT_EQ(disagreements(*shard), std::vector<std::string>{});
}

TEST_F(MaintenanceTest, ReplacedTextsOverTheirBytesGoOldestFirst) {
  const auto shard = open({.history_ms = 24 * 3'600'000, .history_bytes = 2000, .tombstone_ms = {}});
  // Texts that share little, so that each is kept whole.
  for (char letter = 'a'; letter < 'u'; ++letter)
    put(*shard, "a", "{\"t\":\"" + std::string(500, letter) + "\"}");
  ASSERT_TRUE(shard->maintain({}));
  EXPECT_LE(count(*shard, storage::Family::documents, 'R'), 4U);
  EXPECT_GE(count(*shard, storage::Family::documents, 'R'), 2U);
  EXPECT_EQ(disagreements(*shard), std::vector<std::string>{});
}

TEST_F(MaintenanceTest, AConflictsLosersStayAndNothingElseDoes) {
  const auto shard = open({.history_ms = 1000, .history_bytes = 1 << 20, .tombstone_ms = {}});
  put(*shard, "a", R"({"n":1})");
  Edit loser;
  loser.id = "a";
  loser.kind = Edit::Kind::replicate;
  loser.path = {*document::Revision::parse("1-00")};
  loser.body = R"({"loser":1})";
  ASSERT_TRUE(shard->write({loser}, {})->rows[0]);
  put(*shard, "a", R"({"n":2})");
  clock_.advance(hours(1));
  ASSERT_TRUE(shard->maintain({}));
  EXPECT_EQ(count(*shard, storage::Family::documents, 'R'), 1U);
  EXPECT_EQ(shard->get(kDefaultCollection, "a", {.revision = loser.path[0]})->body, R"({"loser":1})");
  EXPECT_EQ(disagreements(*shard), std::vector<std::string>{});
}

TEST_F(MaintenanceTest, ATrimmedTombstoneKeepsWhatWasDeletedFromComingBack) {
  const auto shard = open({.history_ms = 1000, .history_bytes = 1 << 20, .tombstone_ms = 3'600'000});
  const auto first = put(*shard, "a", R"({"n":1})");
  const auto gone = remove(*shard, "a");
  put(*shard, "b", "{}");
  clock_.advance(hours(2));
  ASSERT_TRUE(shard->maintain({}));
  EXPECT_EQ(count(*shard, storage::Family::history, 'H'), 1U);
  const auto head = shard->head(kDefaultCollection, "a");
  ASSERT_TRUE(head && *head);
  EXPECT_EQ((*head)->revision, gone.revision);
  EXPECT_TRUE((*head)->deleted);
  // A client that was away brings what it still has: it was deleted, and stays so.
  Edit old;
  old.id = "a";
  old.kind = Edit::Kind::replicate;
  old.body = R"({"n":1})";
  old.path = {first.revision};
  EXPECT_EQ(shard->write({old}, {})->rows[0]->sequence, 0U);
  EXPECT_FALSE(shard->get(kDefaultCollection, "a"));
  // A new life of the document goes on from there.
  EXPECT_EQ(put(*shard, "a", "{}").revision.generation, 3U);
  EXPECT_EQ(shard->collections().find("_default")->counts,
            (Counts{.documents = 2, .deleted = 0, .bytes = 4}));
}

TEST_F(MaintenanceTest, ARequestIdIsKeptForADay) {
  const auto shard = open({});
  Edit edit;
  edit.body = "{}";
  ASSERT_TRUE(shard->write({edit}, {.request_id = "r"}));
  clock_.advance(hours(23));
  ASSERT_TRUE(shard->maintain({}));
  ASSERT_TRUE(shard->write({edit}, {.request_id = "r"}));
  EXPECT_EQ(shard->position().sequence, 1U);
  clock_.advance(hours(2));
  ASSERT_TRUE(shard->maintain({}));
  EXPECT_EQ(count(*shard, storage::Family::meta, 'K'), 0U);
  EXPECT_EQ(count(*shard, storage::Family::meta, 'k'), 0U);
}

TEST_F(MaintenanceTest, ABlobGoesAnHourAfterTheLastThatWantedIt) {
  const auto shard = open({.history_ms = 1000, .history_bytes = 1 << 20, .tombstone_ms = {}});
  const auto upload = [&](const std::string& bytes) {
    auto writer = shard->blobs().begin();
    EXPECT_TRUE(writer->write(bytes));
    Attachment attachment = writer->finish().value();
    attachment.name = "x";
    return attachment;
  };
  const Attachment kept = upload("kept");
  const Attachment orphan = upload("orphan");
  put(*shard, "a", "{}", std::vector<Attachment>{kept});
  clock_.advance(minutes(30));
  ASSERT_TRUE(shard->maintain({}));
  EXPECT_TRUE(*shard->blobs().exists(orphan.digest));
  clock_.advance(hours(1));
  ASSERT_TRUE(shard->maintain({}));
  EXPECT_FALSE(*shard->blobs().exists(orphan.digest));
  EXPECT_TRUE(*shard->blobs().exists(kept.digest));
  // Detached, and the revision that had it trimmed: now nobody wants it.
  put(*shard, "a", "{}", std::vector<Attachment>{});
  clock_.advance(hours(1));
  ASSERT_TRUE(shard->maintain({}));
  ASSERT_TRUE(shard->maintain({}));
  EXPECT_FALSE(*shard->blobs().exists(kept.digest));
}

TEST_F(MaintenanceTest, TheBlobsOfADroppedCollectionGo) {
  const auto shard = open({});
  const auto pictures = shard->create_collection("pictures");
  auto writer = shard->blobs().begin();
  ASSERT_TRUE(writer->write("bytes"));
  Attachment attachment = writer->finish().value();
  Edit edit;
  edit.collection = pictures->id;
  edit.id = "p";
  edit.attachments = {attachment};
  ASSERT_TRUE(shard->write({edit}, {})->rows[0]);
  ASSERT_TRUE(shard->drop_collection("pictures"));
  clock_.advance(hours(2));
  ASSERT_TRUE(shard->maintain({}));
  EXPECT_FALSE(*shard->blobs().exists(attachment.digest));
  EXPECT_EQ(count(*shard, storage::Family::blobs, 'F'), 0U);
}

}  // namespace
}  // namespace quire::database
