#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "database/blob_store.h"
#include "database/keys.h"
#include "database/testing/test_shard.h"
#include "document/revision_tree.h"
#include "storage/testing/temporary_directory.h"

namespace quire::database {
namespace {

using document::Revision;
using document::RevisionTree;
using testing::disagreements;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::ShardWorld;

Revision parsed(std::string_view text) { return Revision::parse(text).value(); }

// `path` newest first: "3-c 2-b 1-a".
std::vector<Revision> path_of(std::string_view path) {
  std::vector<Revision> revisions;
  while (!path.empty()) {
    const auto space = path.find(' ');
    revisions.push_back(parsed(path.substr(0, space)));
    path = space == std::string_view::npos ? std::string_view() : path.substr(space + 1);
  }
  return revisions;
}

struct PurgeTest : ::testing::Test {
  EditResult write(Edit edit) {
    auto answer = shard->write({std::move(edit)}, {});
    return answer.value().rows.front().value();
  }
  EditResult put(const std::string& id, const std::string& body) {
    Edit edit;
    edit.id = id;
    edit.body = body;
    edit.precondition = Edit::Precondition::any;
    return write(std::move(edit));
  }
  EditResult replicate(const std::string& id, std::string_view path, const std::string& body,
                       bool deleted = false) {
    Edit edit;
    edit.id = id;
    edit.kind = Edit::Kind::replicate;
    edit.path = path_of(path);
    edit.body = body;
    edit.deleted = deleted;
    return write(std::move(edit));
  }
  EditResult purge(const std::string& id, std::string_view leaves) {
    Edit edit;
    edit.id = id;
    edit.kind = Edit::Kind::purge;
    edit.path = path_of(leaves);
    return write(std::move(edit));
  }
  std::vector<std::string> keys_beginning(storage::Family family, const std::string& prefix) {
    std::vector<std::string> found;
    auto it = shard->store().iterate(family);
    for (it->seek(prefix); it->valid() && it->key().starts_with(prefix); it->next())
      found.emplace_back(it->key());
    return found;
  }

  ShardWorld world;
  std::unique_ptr<Shard> shard = world.in_memory();
};

TEST_F(PurgeTest, TheOnlyLeafTakesTheDocumentWithIt) {
  const auto index = shard->create_index(kDefaultCollection, "member", "unique n").value();
  put("a", R"({"n":"1"})");
  const auto second = put("a", R"({"n":"2"})");
  const auto gone = purge("a", second.revision.to_string());
  EXPECT_THAT(gone.purged, ElementsAre(second.revision));
  EXPECT_FALSE(gone.revision);
  EXPECT_EQ(shard->get(kDefaultCollection, "a").error().field(), "missing");
  EXPECT_EQ(shard->get(kDefaultCollection, "a", {.revision = second.revision}).error().field(), "missing");
  EXPECT_EQ(shard->head(kDefaultCollection, "a")->has_value(), false);
  EXPECT_THAT(keys_beginning(storage::Family::documents, keys::revisions(kDefaultCollection, "a")), IsEmpty())
      << "the replaced text is gone too";
  EXPECT_EQ(shard->collections().find(kDefaultCollection)->counts, Counts{});
  EXPECT_EQ(shard->purges(), 1U);
  EXPECT_THAT(disagreements(*shard, {index}), IsEmpty());
  const auto again = put("a", R"({"n":"2"})");
  EXPECT_EQ(again.revision.generation, 1U);
  EXPECT_THAT(disagreements(*shard, {index}), IsEmpty());
}

TEST_F(PurgeTest, TheHistorySaysSoAndForgetsItInTime) {
  const auto first = put("a", "{}");
  const auto gone = purge("a", first.revision.to_string());
  const auto all = shard->history({});
  ASSERT_TRUE(*all->advance());
  EXPECT_EQ(all->entry().operation, Operation::insert);
  ASSERT_TRUE(*all->advance());
  EXPECT_EQ(all->sequence(), gone.sequence);
  EXPECT_EQ(all->entry().operation, Operation::purge);
  EXPECT_TRUE(all->entry().deleted);
  EXPECT_FALSE(all->entry().revision);
  const auto current = shard->history({.current_only = true});
  EXPECT_FALSE(*current->advance()) << "there is no document that could be current";
  shard->set_settings({.history_ms = 0});
  ASSERT_TRUE(shard->maintain({}));
  EXPECT_THAT(keys_beginning(storage::Family::history, ""), IsEmpty());
}

TEST_F(PurgeTest, ALoserGoesAloneAndAWinnerLeavesItsPlace) {
  replicate("a", "2-b 1-a", R"({"n":"b"})");
  replicate("a", "2-c 1-a", R"({"n":"c"})");
  replicate("a", "3-d 2-d 1-a", R"({"n":"d"})", true);
  EXPECT_THAT(purge("a", "2-b 9-x 1-a").purged, ElementsAre(parsed("2-b")));
  EXPECT_THAT(disagreements(*shard), IsEmpty());
  EXPECT_EQ(shard->get(kDefaultCollection, "a")->body, R"({"n":"c"})");
  const auto after = purge("a", "2-c");
  EXPECT_EQ(after.revision, parsed("3-d"));
  EXPECT_EQ(shard->get(kDefaultCollection, "a").error().field(), "deleted");
  EXPECT_EQ(shard->get(kDefaultCollection, "a", {.revision = parsed("3-d")})->body, R"({"n":"d"})");
  const auto counts = shard->collections().find(kDefaultCollection)->counts;
  EXPECT_EQ(counts.documents, 0U);
  EXPECT_EQ(counts.deleted, 1U);
  EXPECT_THAT(disagreements(*shard), IsEmpty());
  const auto tree = RevisionTree::decode(*shard->tree(kDefaultCollection, "a")).value();
  EXPECT_THAT(tree.path(parsed("3-d")), ElementsAre(parsed("3-d"), parsed("2-d"), parsed("1-a")));
  purge("a", "3-d");
  EXPECT_EQ(shard->head(kDefaultCollection, "a")->has_value(), false);
  EXPECT_EQ(shard->purges(), 3U);
  EXPECT_THAT(disagreements(*shard), IsEmpty());
}

TEST_F(PurgeTest, WhatIsNoLeafIsLeftAlone) {
  const auto first = put("a", "{}");
  put("a", R"({"n":"2"})");
  const auto nothing = purge("a", first.revision.to_string());
  EXPECT_THAT(nothing.purged, IsEmpty());
  EXPECT_EQ(nothing.sequence, 0U);
  EXPECT_THAT(purge("never", "1-a").purged, IsEmpty());
  EXPECT_EQ(shard->purges(), 0U);
}

TEST_F(PurgeTest, ATombstoneGoesTooAndItsStub) {
  const auto remove = [&](const std::string& id) {
    put(id, "{}");
    Edit edit;
    edit.id = id;
    edit.kind = Edit::Kind::remove;
    edit.precondition = Edit::Precondition::any;
    return write(std::move(edit)).revision;
  };
  const Revision a = remove("a");
  EXPECT_THAT(purge("a", a.to_string()).purged, ElementsAre(a));
  EXPECT_THAT(keys_beginning(storage::Family::tombstones, "T"), IsEmpty());
  EXPECT_THAT(disagreements(*shard), IsEmpty());
  const Revision b = remove("b");
  shard->set_settings({.tombstone_ms = 0});
  ASSERT_TRUE(shard->maintain({}));
  EXPECT_THAT(purge("b", b.to_string()).purged, ElementsAre(b));
  EXPECT_THAT(keys_beginning(storage::Family::tombstones, "T"), IsEmpty());
  EXPECT_EQ(shard->collections().find(kDefaultCollection)->counts, Counts{});
  EXPECT_THAT(disagreements(*shard), IsEmpty());
}

TEST_F(PurgeTest, AttachmentsAreReferredToNoMore) {
  auto blob = shard->blobs().begin();
  ASSERT_TRUE(blob->write("bytes"));
  Attachment attachment = blob->finish().value();
  attachment.name = "notes";
  Edit edit;
  edit.id = "a";
  edit.body = "{}";
  edit.attachments = {attachment};
  write(std::move(edit));
  const auto second = put("a", R"({"n":"2"})");
  EXPECT_EQ(keys_beginning(storage::Family::blobs, "F").size(), 2U) << "of both revisions";
  purge("a", second.revision.to_string());
  EXPECT_THAT(keys_beginning(storage::Family::blobs, "F"), IsEmpty());
}

TEST_F(PurgeTest, ALongHistoryLeavesNoAncestors) {
  Revision last;
  for (int i = 0; i < 300; ++i) last = put("a", R"({"n":")" + std::to_string(i) + "\"}").revision;
  EXPECT_FALSE(keys_beginning(storage::Family::documents, "A").empty());
  purge("a", last.to_string());
  EXPECT_THAT(keys_beginning(storage::Family::documents, "A"), IsEmpty());
  EXPECT_THAT(keys_beginning(storage::Family::documents, "R"), IsEmpty());
  EXPECT_THAT(disagreements(*shard), IsEmpty());
}

TEST_F(PurgeTest, APurgeThatMeetsAnotherChangeIsDoneOnWhatIsThen) {
  put("a", "{}");
  std::thread writer([&] {
    for (int i = 0; i < 200; ++i) put("a", R"({"n":")" + std::to_string(i) + "\"}");
  });
  for (int i = 0; i < 200; ++i) {
    const auto head = shard->head(kDefaultCollection, "a");
    ASSERT_TRUE(head);
    if (*head) purge("a", (*head)->revision.to_string());
  }
  writer.join();
  EXPECT_THAT(disagreements(*shard), IsEmpty());
}

TEST_F(PurgeTest, IsThereAfterTheShardIsOpenedAgain) {
  const storage::testing::TemporaryDirectory directory;
  shard = world.on_disk(directory / "shard");
  const auto first = put("a", "{}");
  put("b", "{}");
  purge("a", first.revision.to_string());
  shard.reset();
  shard = world.on_disk(directory / "shard");
  EXPECT_EQ(shard->purges(), 1U);
  EXPECT_EQ(shard->head(kDefaultCollection, "a")->has_value(), false);
  EXPECT_THAT(disagreements(*shard), IsEmpty());
  shard.reset();
}

// Chunks of ancestors that are written anew may have the keys of those that they replace.
TEST_F(PurgeTest, ATreeThatIsWrittenAnewKeepsItsOldestAncestors) {
  std::vector<Revision> made;
  for (int i = 0; i < 200; ++i) made.push_back(put("a", R"({"n":")" + std::to_string(i) + "\"}").revision);
  replicate("a", "202-y 201-x " + made.back().to_string(), "{}");
  const auto tree = RevisionTree::decode(*shard->tree(kDefaultCollection, "a")).value();
  EXPECT_EQ(tree.path(parsed("202-y")).size(), 202U);
  EXPECT_TRUE(tree.contains(made.front()));
}

}  // namespace
}  // namespace quire::database
