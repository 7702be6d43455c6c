#include "database/tombstone.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <atomic>
#include <filesystem>
#include <map>
#include <set>
#include <thread>

#include "base/testing/manual_clock.h"
#include "database/keys.h"
#include "database/records.h"
#include "database/testing/test_shard.h"
#include "document/revision_tree.h"

namespace quire::database {
namespace {

using document::Revision;
using document::RevisionHash;
using document::RevisionTree;
using storage::Family;
using testing::disagreements;

constexpr std::int64_t kHourMs = 3'600'000;

// --- the record

RevisionHash any_digest() {
  return RevisionHash::from_digest(*rc::gen::container<std::string>(16, rc::gen::arbitrary<char>()));
}

std::string tree_of(const std::vector<Revision>& path, bool deleted = true) {
  RevisionTree tree;
  tree.merge(path, deleted);
  std::string bytes;
  tree.encode(bytes);
  return bytes;
}

std::string head_of(const std::string& tree, std::string_view body, bool deleted = true, bool stub = false) {
  std::string bytes;
  encode(HeadRecord{.deleted = deleted, .stub = stub, .sequence = 77, .tree = tree, .body = body}, bytes);
  return bytes;
}

Revision deletion_of(const Revision& parent) { return document::derive_revision(parent, true, "{}", {}); }

// A deletion with some of its ancestors: Quire's own, or one of another making.
std::vector<Revision> any_deletion() {
  const std::uint64_t ancestors = *rc::gen::inRange<std::uint64_t>(0, 5);
  const std::uint64_t generation = ancestors + *rc::gen::inRange<std::uint64_t>(1, 1000);
  std::vector<Revision> path;
  for (std::uint64_t i = 1; i <= ancestors; ++i) path.push_back({generation - i, any_digest()});
  const bool derived = ancestors > 0 && *rc::gen::arbitrary<bool>();
  path.insert(path.begin(), derived ? deletion_of(path.front()) : Revision{generation, any_digest()});
  return path;
}

RC_GTEST_PROP(Tombstones, SayWhatTheirHeadSays, ()) {
  const auto path = any_deletion();
  const bool stub = path.size() == 1 && *rc::gen::arbitrary<bool>();
  const std::string head = head_of(tree_of(path), stub ? "" : "{}", true, stub);
  std::string tombstone = "before";
  RC_ASSERT(to_tombstone(head, tombstone));
  tombstone.erase(0, 6);
  RC_ASSERT(*head_of_tombstone(tombstone) == head);
  const auto view = view_tombstone(tombstone);
  RC_ASSERT(view->revision == path.front());
  RC_ASSERT(view->sequence == 77U);
  const Sequence sequence = *rc::gen::arbitrary<Sequence>();
  set_tombstone_sequence(tombstone, sequence);
  std::string moved = head;
  set_sequence(moved, sequence);
  RC_ASSERT(*head_of_tombstone(tombstone) == moved);
  const bool derived = path.size() > 1 && path[0] == deletion_of(path[1]);
  RC_ASSERT(tombstone.size() <= 12 + 16 * (path.size() - (derived ? 1 : 0)));
}

TEST(Tombstones, AreRefusedWithAHashThatCouldHaveBeenLeftOut) {
  const Revision parent{3, RevisionHash::from_digest(std::string(16, 'p'))};
  std::string tombstone;
  ASSERT_TRUE(to_tombstone(head_of(tree_of({deletion_of(parent), parent}), "{}"), tombstone));
  std::string encoded;
  deletion_of(parent).hash.encode(encoded);
  std::string padded = tombstone;
  padded[1] = 1;
  padded.insert(padded.size() - 16, encoded.substr(1));
  const auto refused = head_of_tombstone(padded);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::corrupt);
}

TEST(Tombstones, AreNotMadeOfWhatSaysMore) {
  const auto digest = [](char c) { return RevisionHash::from_digest(std::string(16, c)); };
  const Revision parent{1, digest('p')};
  const Revision leaf = deletion_of(parent);
  std::string out;
  EXPECT_TRUE(to_tombstone(head_of(tree_of({leaf, parent}), "{}"), out));
  out.clear();
  EXPECT_FALSE(to_tombstone(head_of(tree_of({leaf, parent}, false), "{}", false), out)) << "live";
  EXPECT_FALSE(to_tombstone(head_of(tree_of({leaf, parent}), R"({"why":1})"), out)) << "a body";
  EXPECT_FALSE(to_tombstone(head_of(tree_of({leaf, {1, RevisionHash::from_text("x")}}), "{}"), out));
  EXPECT_FALSE(to_tombstone(head_of(tree_of({{2, RevisionHash::from_text("x")}, parent}), "{}"), out));
  RevisionTree forked;
  forked.merge({leaf, parent}, true);
  forked.merge({{2, digest('q')}, parent}, true);
  std::string tree;
  forked.encode(tree);
  EXPECT_FALSE(to_tombstone(head_of(tree, "{}"), out)) << "two branches";
  std::string chunked;
  encode(HeadRecord{.deleted = true, .chunked = 64, .tree = tree_of({leaf, parent}), .body = "{}"}, chunked);
  EXPECT_FALSE(to_tombstone(chunked, out)) << "ancestors in chunks";
  EXPECT_EQ(out, "");
}

// --- in a shard

class TombstoneTest : public ::testing::Test {
 protected:
  void open(const ShardSettings& settings = {
                .history_ms = kHourMs, .history_bytes = 1 << 20, .tombstone_ms = {}}) {
    shard_ = world_.in_memory(settings);
  }

  EditResult write(Edit edit) {
    edit.precondition = Edit::Precondition::any;
    EditResult result = shard_->write({std::move(edit)}, {})->rows[0].value();
    if (result.sequence != 0) revisions_[result.sequence] = result.revision;
    return result;
  }
  EditResult put(const std::string& id, const std::string& body,
                 CollectionId collection = kDefaultCollection) {
    Edit edit;
    edit.collection = collection;
    edit.id = id;
    edit.body = body;
    return write(std::move(edit));
  }
  EditResult remove(const std::string& id, CollectionId collection = kDefaultCollection,
                    const std::string& body = "{}") {
    Edit edit;
    edit.collection = collection;
    edit.id = id;
    edit.body = body;
    edit.kind = Edit::Kind::remove;
    return write(std::move(edit));
  }
  EditResult replicate(const std::string& id, std::vector<Revision> path, bool deleted) {
    Edit edit;
    edit.id = id;
    edit.path = std::move(path);
    edit.deleted = deleted;
    edit.kind = Edit::Kind::replicate;
    return write(std::move(edit));
  }
  bool live(const std::string& id) { return shard_->get(kDefaultCollection, id).has_value(); }
  std::size_t count(Family family, char letter) {
    const std::string prefix(1, letter);
    auto it = shard_->store().iterate(family, {.upper_bound = keys::after_prefix(prefix)});
    std::size_t found = 0;
    for (it->seek(prefix); it->valid(); it->next()) ++found;
    return found;
  }

  // The history names the revision that each write was answered with, in both forms of the feed.
  void expect_history() {
    for (const bool current : {false, true}) {
      const auto cursor = shard_->history({.current_only = current});
      while (true) {
        const auto entry = cursor->next();
        ASSERT_TRUE(entry) << entry.error().to_string();
        if (!*entry) break;
        const auto& [sequence, change] = **entry;
        if (!change.revision) continue;  // a collection
        EXPECT_EQ(change.revision.to_string(), revisions_[sequence].to_string()) << sequence;
      }
    }
    EXPECT_EQ(disagreements(*shard_), std::vector<std::string>{});
  }

  ManualClock clock_;
  testing::ShardWorld world_{clock_};
  std::unique_ptr<Shard> shard_;
  std::map<Sequence, Revision> revisions_;
};

TEST_F(TombstoneTest, AHistoryNamesARemovalWhileItIsTheLastAndAfter) {
  open();
  put("a", R"({"n":1})");
  remove("a");
  EXPECT_EQ(count(Family::tombstones, 'T'), 1U);
  EXPECT_EQ(count(Family::documents, 'D'), 0U);
  expect_history();
  put("a", R"({"n":2})");
  EXPECT_EQ(count(Family::tombstones, 'T'), 0U);
  expect_history();
  remove("a");
  replicate("a", {*Revision::parse("7-00112233445566778899aabbccddeeff")}, true);
  expect_history();
}

TEST_F(TombstoneTest, AFollowerThatBeganBeforeADocumentCameBackStillHearsOfItsRemoval) {
  open();
  put("a", "{}");
  const auto removed = remove("a");
  const auto cursor = shard_->history({.since = removed.sequence - 1, .current_only = true});
  put("a", R"({"again":1})");
  const auto entry = cursor->next();
  ASSERT_TRUE(entry && *entry);
  EXPECT_EQ((*entry)->second.revision, removed.revision);
}

TEST_F(TombstoneTest, ThoseOfADroppedCollectionStayWithItsHistory) {
  open({.history_ms = kHourMs, .history_bytes = 1 << 20, .tombstone_ms = {}});
  const auto made = shard_->create_collection("gone");
  put("a", "{}", made->id);
  remove("a", made->id);
  put("b", "{}");
  ASSERT_TRUE(shard_->drop_collection("gone"));
  EXPECT_EQ(count(Family::tombstones, 'T'), 1U);
  expect_history();
  clock_.advance(std::chrono::hours(2));
  ASSERT_TRUE(shard_->maintain({}));
  EXPECT_EQ(count(Family::tombstones, 'T'), 0U);
  expect_history();
}

TEST_F(TombstoneTest, ADeletedIdThatBeginsLikeACollectionKeepsItsNameTaken) {
  open();
  put("people:1", "{}");
  remove("people:1");
  EXPECT_EQ(shard_->create_collection("people").error().code(), ErrorCode::conflict);
}

TEST_F(TombstoneTest, AStubStaysApartAndKeepsItsRevision) {
  open({.history_ms = kHourMs, .history_bytes = 1 << 20, .tombstone_ms = kHourMs});
  put("a", "{}");
  const auto removed = remove("a");
  clock_.advance(std::chrono::hours(2));
  ASSERT_TRUE(shard_->maintain({}));
  const auto head = shard_->head(kDefaultCollection, "a");
  ASSERT_TRUE(head && *head);
  EXPECT_EQ((*head)->revision, removed.revision);
  EXPECT_EQ(count(Family::tombstones, 'T'), 1U);
  put("a", R"({"again":1})");
  EXPECT_EQ(count(Family::tombstones, 'T'), 0U);
  expect_history();
}

// What a deletion carries, and what it conflicts with, is more than a tombstone says.
TEST_F(TombstoneTest, ADeletionMovesBetweenItsPlaces) {
  open();
  put("a", "{}");
  remove("a", kDefaultCollection, R"({"why":"spam"})");
  EXPECT_EQ(count(Family::documents, 'D'), 1U);
  put("a", "{}");
  const auto removed = remove("a");
  EXPECT_EQ(count(Family::tombstones, 'T'), 1U);
  replicate("a", {*Revision::parse("2-00112233445566778899aabbccddeeff")}, true);
  EXPECT_EQ(count(Family::tombstones, 'T'), 0U);
  EXPECT_EQ(count(Family::documents, 'D'), 1U);
  EXPECT_EQ((*shard_->head(kDefaultCollection, "a"))->revision, removed.revision);
  expect_history();
}

TEST_F(TombstoneTest, ADocumentThatComesAndGoesIsNeverMissing) {
  open();
  put("a", "{}");
  std::atomic<bool> over = false;
  std::thread reader([&] {
    while (!over) {
      const auto head = shard_->head(kDefaultCollection, "a");
      ASSERT_TRUE(head && *head);
      const auto found = shard_->get(kDefaultCollection, "a", {.revision = {}, .memory_only = true});
      if (!found && found.error().code() == ErrorCode::not_found) {
        ASSERT_EQ(found.error().field(), "deleted");
      }
    }
  });
  for (int i = 0; i < 2000; ++i) i % 2 == 0 ? remove("a") : put("a", "{}");
  over = true;
  reader.join();
}

RC_GTEST_FIXTURE_PROP(TombstoneTest, ListsStandInTheOrderOfIdsWhateverWasDeleted, ()) {
  open();
  std::set<std::string> all;
  std::set<std::string> deleted;
  for (int i = *rc::gen::inRange(0, 20); i > 0; --i) {
    const std::string id(1, *rc::gen::inRange('a', 'k'));
    if (all.insert(id).second || deleted.erase(id) > 0) put(id, "{}");
    if (*rc::gen::arbitrary<bool>()) {
      remove(id);
      deleted.insert(id);
    }
  }
  const auto bound = [] {
    return *rc::gen::arbitrary<bool>() ? std::string(1, *rc::gen::inRange('a', 'k')) : std::string();
  };
  ListOptions options{.after = bound(),
                      .before = bound(),
                      .descending = *rc::gen::arbitrary<bool>(),
                      .include_deleted = *rc::gen::arbitrary<bool>()};
  std::vector<std::string> expected;
  for (const auto& id : all) {
    const bool inside = id > options.after && (options.before.empty() || id < options.before);
    if (inside && (options.include_deleted || !deleted.contains(id))) expected.push_back(id);
  }
  if (options.descending) std::reverse(expected.begin(), expected.end());
  std::vector<std::string> found;
  RC_ASSERT(shard_
                ->list(kDefaultCollection, options, {},
                       [&](std::string_view id, const StoredDocument& head) {
                         RC_ASSERT(head.deleted == deleted.contains(std::string(id)));
                         found.emplace_back(id);
                         return true;
                       })
                .has_value());
  RC_ASSERT(found == expected);
}

// Edits of every kind, of replicas too, with care in between: a position of the history keeps its revision.
RC_GTEST_FIXTURE_PROP(TombstoneTest, TheHistoryNamesWhatEachWriteWasAnswered, ()) {
  const bool stubs = *rc::gen::arbitrary<bool>();
  open({.history_ms = kHourMs,
        .history_bytes = *rc::gen::element<std::uint64_t>(0, 1 << 20),
        .tombstone_ms = stubs ? std::optional<std::int64_t>(2 * kHourMs) : std::nullopt});
  const auto brief = shard_->create_collection("brief", {.revision_limit = 1});
  const auto last = shard_->create_collection("last", {.history = false});
  const CollectionId collections[] = {kDefaultCollection, brief->id, last->id};
  for (int i = *rc::gen::inRange(1, 40); i > 0; --i) {
    const std::string id(1, *rc::gen::inRange('a', 'd'));
    const CollectionId collection =
        *rc::gen::elementOf(std::vector(std::begin(collections), std::end(collections)));
    const auto head = shard_->head(collection, id);
    const bool alive = *head && !(*head)->deleted;
    switch (*rc::gen::inRange(0, 6)) {
      case 0:
      case 1: put(id, R"({"n":)" + std::to_string(i) + "}", collection); break;
      case 2:
      case 3:
        if (alive) remove(id, collection, *rc::gen::element<std::string>("{}", "{}", R"({"why":1})"));
        break;
      case 4: {
        std::vector<Revision> path = {{*rc::gen::inRange<std::uint64_t>(2, 6), any_digest()}};
        if (live(id) && *rc::gen::arbitrary<bool>()) {
          path.push_back((*shard_->head(kDefaultCollection, id))->revision);
          path.front().generation = path.back().generation + 1;
        }
        replicate(id, path, *rc::gen::arbitrary<bool>());
        break;
      }
      default: clock_.advance(std::chrono::minutes(40)); RC_ASSERT(shard_->maintain({}).has_value());
    }
  }
  expect_history();
  RC_ASSERT(!HasFailure());
}

TEST(Tombstones, AreTheSameAfterCompactionAndARestart) {
  const std::string directory = ::testing::TempDir() + "quire-tombstones-" + std::to_string(getpid());
  std::filesystem::remove_all(directory);
  testing::ShardWorld world;
  auto shard = world.on_disk(directory);
  const auto revisions = [&] {
    std::map<Sequence, std::string> all;
    const auto cursor = shard->history({});
    while (true) {
      const auto entry = cursor->next().value();
      if (!entry) break;
      all[entry->first] = std::string(entry->second.id) + " " + entry->second.revision.to_string();
    }
    return all;
  };
  const auto edit = [](int i, Edit::Kind kind) {
    Edit made;
    made.id = std::to_string(i);
    made.kind = kind;
    made.precondition = Edit::Precondition::any;
    return made;
  };
  for (const auto kind : {Edit::Kind::put, Edit::Kind::remove, Edit::Kind::put, Edit::Kind::remove}) {
    for (int i = 0; i < 300; ++i) {
      const bool goes = kind == Edit::Kind::put || i % 3 != 0;
      if (goes) {
        ASSERT_TRUE(shard->write({edit(i, kind)}, {}));
      }
    }
  }
  const auto before = revisions();
  EXPECT_EQ(before.size(), 1000U);
  ASSERT_TRUE(shard->store().flush());
  for (std::size_t family = 0; family < storage::kFamilies; ++family) {
    ASSERT_TRUE(shard->store().compact(static_cast<Family>(family), {}, {}));
  }
  EXPECT_EQ(revisions(), before);
  shard.reset();
  shard = world.on_disk(directory);
  EXPECT_EQ(revisions(), before);
  EXPECT_EQ(disagreements(*shard), std::vector<std::string>{});
  shard.reset();
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace quire::database
