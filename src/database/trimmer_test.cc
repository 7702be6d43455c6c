#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "base/bytes.h"
#include "base/testing/manual_clock.h"
#include "database/blob_store.h"
#include "database/dropped.h"
#include "database/keys.h"
#include "database/records.h"
#include "database/testing/test_shard.h"
#include "storage/open.h"

// What care must not take, and what it must take in the cases that are easily missed.

namespace quire::database {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using storage::Family;
using testing::disagreements;

constexpr std::int64_t kAnHour = 3'600'000;

class TrimmerTest : public ::testing::Test {
 protected:
  void open(const ShardSettings& settings) { shard_ = world_.in_memory(settings); }
  void open() { open({.history_ms = kAnHour, .history_bytes = 1 << 20, .tombstone_ms = {}}); }

  static Edit edit_of(std::string id, std::string body, CollectionId collection = kDefaultCollection) {
    Edit edit;
    edit.collection = collection;
    edit.id = std::move(id);
    edit.body = std::move(body);
    edit.precondition = Edit::Precondition::any;
    return edit;
  }
  EditResult write(Edit edit) { return shard_->write({std::move(edit)}, {})->rows[0].value(); }
  EditResult put(const std::string& id, const std::string& body) { return write(edit_of(id, body)); }
  EditResult remove(const std::string& id) {
    Edit edit = edit_of(id, "{}");
    edit.kind = Edit::Kind::remove;
    return write(std::move(edit));
  }
  EditResult replicate(const std::string& id, std::vector<document::Revision> path, std::string body) {
    Edit edit = edit_of(id, std::move(body));
    edit.kind = Edit::Kind::replicate;
    edit.path = std::move(path);
    return write(std::move(edit));
  }
  Attachment upload(const std::string& bytes) {
    auto writer = shard_->blobs().begin();
    EXPECT_TRUE(writer->write(bytes));
    Attachment attachment = writer->finish().value();
    attachment.name = "x";
    return attachment;
  }

  std::size_t count(Family family, char letter) {
    const std::string prefix(1, letter);
    auto it = shard_->store().iterate(family, {.upper_bound = keys::after_prefix(prefix)});
    std::size_t found = 0;
    for (it->seek(prefix); it->valid(); it->next()) ++found;
    return found;
  }
  std::string text(const std::string& id, const document::Revision& revision) {
    const auto found = shard_->get(kDefaultCollection, id, {.revision = revision});
    return found ? std::string(found->body) : std::string(name(found.error().code()));
  }
  void care() {
    const auto due = shard_->maintain({});
    ASSERT_TRUE(due) << due.error().to_string();
  }

  // What the state says is kept is what the marks say, and a text waits for each mark with bytes.
  void expect_kept_adds_up() {
    std::uint64_t bytes = 0;
    std::size_t waiting = 0;
    auto it = shard_->store().iterate(Family::history, {.upper_bound = keys::after_prefix("S")});
    for (it->seek("S"); it->valid(); it->next()) {
      const auto mark = decode_superseded(it->value());
      bytes += mark->bytes;
      waiting += mark->bytes == 0 ? 0U : 1U;
    }
    storage::ReadBuffer buffer;
    ASSERT_TRUE(*shard_->store().get(Family::meta, keys::kState, buffer));
    EXPECT_EQ(decode_state(buffer.view())->kept_bytes, bytes);
    std::size_t texts = 0;
    auto documents = shard_->store().iterate(Family::documents, {.upper_bound = keys::after_prefix("R")});
    for (documents->seek("R"); documents->valid(); documents->next()) {
      texts += decode_revision(documents->value())->leaf ? 0U : 1U;
    }
    EXPECT_EQ(texts, waiting);
    EXPECT_EQ(disagreements(*shard_), std::vector<std::string>{});
  }

  ManualClock clock_;
  testing::ShardWorld world_{clock_};
  std::unique_ptr<Shard> shard_;
};

// A conflict supersedes the entry that brought the winner, but the winner's text is replaced later, and its
// time begins then.
TEST_F(TrimmerTest, ATextStaysItsWholeTimeWhenAConflictCameBeforeItWasReplaced) {
  open();
  const auto first = put("a", R"({"n":1})");
  replicate("a", {*document::Revision::parse("1-00")}, R"({"loser":1})");
  clock_.advance(minutes(50));
  put("a", R"({"n":2})");
  clock_.advance(minutes(20));
  care();
  EXPECT_EQ(text("a", first.revision), R"({"n":1})");
  expect_kept_adds_up();
  clock_.advance(minutes(50));
  care();
  EXPECT_EQ(text("a", first.revision), "not_found");
  expect_kept_adds_up();
}

// With a bound of one revision the tree forgets an ancestor; a replica that brings it again makes it a leaf,
// under the key where its old text waits to be trimmed.
TEST_F(TrimmerTest, ATextThatCameBackAsALeafStays) {
  open();
  const auto narrow = shard_->create_collection("narrow", {.revision_limit = 1});
  const auto first = write(edit_of("a", R"({"n":1})", narrow->id));
  write(edit_of("a", R"({"n":2})", narrow->id));
  Edit back = edit_of("a", R"({"n":1})", narrow->id);
  back.kind = Edit::Kind::replicate;
  back.path = {first.revision};
  ASSERT_NE(write(back).sequence, 0U);
  clock_.advance(hours(2));
  care();
  const auto leaf = shard_->get(narrow->id, "a", {.revision = first.revision});
  ASSERT_TRUE(leaf);
  EXPECT_EQ(leaf->body, R"({"n":1})");
  EXPECT_EQ(disagreements(*shard_), std::vector<std::string>{});
}

TEST_F(TrimmerTest, APositionBeforeATrimmedTombstoneIsLost) {
  open({.history_ms = 1000, .history_bytes = 1 << 20, .tombstone_ms = kAnHour});
  put("kept", "{}");
  put("a", "{}");
  const auto gone = remove("a");
  put("later", "{}");
  clock_.advance(minutes(30));
  const auto due = shard_->maintain({});
  ASSERT_TRUE(due && *due);
  EXPECT_LE(**due, clock_.wall_ms() + kAnHour / 2);
  EXPECT_LT(shard_->history_edge(), gone.sequence);
  clock_.advance(minutes(31));
  care();
  EXPECT_EQ(shard_->history_edge(), gone.sequence) << "a follower from before would never hear of it";
  expect_kept_adds_up();
}

TEST_F(TrimmerTest, ACollectionWithoutHistoryKeepsNothingThatWasReplaced) {
  open();
  const auto plain = shard_->create_collection("plain", {.history = false});
  const auto first = write(edit_of("a", R"({"n":1})", plain->id));
  for (int i = 0; i < 5; ++i) write(edit_of("a", "{}", plain->id));
  Edit last = edit_of("a", "{}", plain->id);
  last.kind = Edit::Kind::remove;
  write(std::move(last));
  EXPECT_EQ(count(Family::history, 'H'), 2U) << "the collection, and the document's last change";
  EXPECT_EQ(count(Family::history, 'S'), 0U);
  EXPECT_FALSE(shard_->get(plain->id, "a", {.revision = first.revision}));
  EXPECT_FALSE(shard_->collections().find("plain")->settings.history);

  put("b", "{}");
  put("b", R"({"n":1})");
  EXPECT_EQ(count(Family::history, 'S'), 1U) << "the others are as before";
  expect_kept_adds_up();
}

TEST_F(TrimmerTest, ATombstonesAncestorsAndAttachmentsGoWithIt) {
  open({.history_ms = 0, .history_bytes = 0, .tombstone_ms = kAnHour});
  const Attachment attachment = upload("a last word");
  for (int i = 0; i < 200; ++i) put("a", "{\"n\":" + std::to_string(i) + "}");
  EXPECT_GT(count(Family::documents, 'A'), 0U);
  Edit last = edit_of("a", R"({"why":"moved"})");
  last.kind = Edit::Kind::remove;
  last.attachments = {attachment};
  const auto gone = write(std::move(last));
  clock_.advance(hours(2));
  care();
  care();
  EXPECT_EQ(count(Family::documents, 'A'), 0U);
  EXPECT_EQ(count(Family::documents, 'R'), 0U);
  EXPECT_EQ(count(Family::blobs, 'F'), 0U);
  EXPECT_FALSE(*shard_->blobs().exists(attachment.digest));
  const auto head = shard_->head(kDefaultCollection, "a");
  EXPECT_EQ((*head)->revision, gone.revision);
  EXPECT_EQ(put("a", "{}").revision.generation, 202U);
  expect_kept_adds_up();
}

TEST_F(TrimmerTest, TombstonesStayWhereNoTimeIsSet) {
  open({.history_ms = 1000, .history_bytes = 1 << 20, .tombstone_ms = {}});
  put("a", "{}");
  remove("a");
  clock_.advance(hours(24 * 365 * 10));
  care();
  EXPECT_EQ(count(Family::history, 'H'), 1U);
  EXPECT_EQ((*shard_->head(kDefaultCollection, "a"))->body, "{}");
}

TEST_F(TrimmerTest, TheHistoryOfADroppedCollectionGoesInItsTime) {
  open();
  const auto people = shard_->create_collection("people");
  put("stays", "{}");
  for (int i = 0; i < 1200; ++i) write(edit_of("p" + std::to_string(i), "{}", people->id));
  write(edit_of("p0", R"({"n":1})", people->id));
  ASSERT_TRUE(shard_->drop_collection("people"));
  const Sequence drop = shard_->position().sequence;
  put("later", "{}");
  clock_.advance(minutes(30));
  const auto due = shard_->maintain({});
  ASSERT_TRUE(due && *due);
  EXPECT_EQ(shard_->history_edge(), 0U);
  EXPECT_EQ(count(Family::history, 'H'), 1205U);
  EXPECT_EQ(count(Family::documents, 'D'), 1202U) << "which the history shows";
  clock_.set_wall(**due);
  care();
  EXPECT_EQ(count(Family::documents, 'D'), 2U);
  EXPECT_EQ(count(Family::documents, 'R'), 0U);
  EXPECT_EQ(count(Family::history, 'H'), 2U);
  EXPECT_EQ(count(Family::history, 'S'), 0U);
  EXPECT_EQ(count(Family::meta, 'P'), 0U);
  EXPECT_EQ(shard_->history_edge(), drop);
  expect_kept_adds_up();
  EXPECT_EQ(shard_->maintain({}).value(), std::nullopt);
}

// If this fails, what deleted documents had beside their tombstones stays for ever.
TEST_F(TrimmerTest, ADroppedCollectionOfDeletedDocumentsGoesWhole) {
  open();
  const auto people = shard_->create_collection("people");
  for (int i = 0; i < 300; ++i) write(edit_of("a", "{\"n\":" + std::to_string(i) + "}", people->id));
  Edit removal;
  removal.collection = people->id;
  removal.id = "a";
  removal.kind = Edit::Kind::remove;
  removal.precondition = Edit::Precondition::any;
  write(std::move(removal));
  EXPECT_GT(count(Family::documents, 'A'), 0U);
  ASSERT_TRUE(shard_->drop_collection("people"));
  clock_.advance(hours(48));
  care();
  for (const char letter : {'A', 'D', 'R'}) EXPECT_EQ(count(Family::documents, letter), 0U) << letter;
  EXPECT_EQ(count(Family::tombstones, 'T'), 0U);
}

// If this fails, dropping collections gives no space back, or takes more from followers than it must.
TEST_F(TrimmerTest, OfDroppedCollectionsOnlySoManyDocumentsStayThoseDroppedLast) {
  open({.history_ms = 3600'000, .history_bytes = 30'000, .tombstone_ms = {}});
  for (const char* const name : {"one", "two", "three"}) {
    const auto made = shard_->create_collection(name);
    for (int i = 0; i < 10; ++i)
      write(edit_of("d" + std::to_string(i), "{\"t\":\"" + std::string(1000, 'x') + "\"}", made->id));
  }
  for (const char* const name : {"two", "one", "three"}) ASSERT_TRUE(shard_->drop_collection(name));
  care();
  const auto left = dropped_collections(shard_->store()).value();
  std::map<std::string, bool> whole;
  for (const auto& [id, record] : left) whole[record.name] = record.bytes != 0;
  EXPECT_EQ(whole, (std::map<std::string, bool>{{"one", true}, {"two", false}, {"three", true}}));
  EXPECT_EQ(count(Family::documents, 'D'), 20U);
  EXPECT_EQ(count(Family::history, 'H'), 36U);
  EXPECT_EQ(shard_->history_edge(), 0U) << "nobody's place is lost by it";
  expect_kept_adds_up();
}

TEST_F(TrimmerTest, ADamagedBlobRecordKeepsNoOtherFromBeingSwept) {
  open();
  const Attachment orphan = upload("orphan");
  auto batch = shard_->store().make_batch();
  batch->put(Family::blobs, keys::blob(std::string(32, '\0')), "\1nonsense");
  ASSERT_TRUE(shard_->store().write(*batch, storage::Sync::none));
  clock_.advance(hours(2));
  care();
  EXPECT_FALSE(*shard_->blobs().exists(orphan.digest));
}

TEST_F(TrimmerTest, ABlobThatOneOfTwoWantsStays) {
  open({.history_ms = 0, .history_bytes = 0, .tombstone_ms = {}});
  const auto other = shard_->create_collection("other");
  const Attachment shared = upload("shared");
  for (const CollectionId collection : {kDefaultCollection, other->id}) {
    Edit edit = edit_of("a", "{}", collection);
    edit.attachments = {shared};
    write(std::move(edit));
  }
  ASSERT_TRUE(shard_->drop_collection("other"));
  clock_.advance(hours(2));
  care();
  EXPECT_TRUE(*shard_->blobs().exists(shared.digest));
  remove("a");
  clock_.advance(hours(2));
  care();
  EXPECT_FALSE(*shard_->blobs().exists(shared.digest));
  EXPECT_EQ(count(Family::blobs, 'F') + count(Family::blobs, 'B'), 0U);
}

TEST_F(TrimmerTest, ACallThatIsGivenUpIsTakenUpByTheNext) {
  open({.history_ms = 1000, .history_bytes = 1 << 20, .tombstone_ms = 1000});
  for (int i = 0; i < 3000; ++i) put("a", "{\"n\":" + std::to_string(i) + "}");
  for (int i = 0; i < 300; ++i) {
    put("d" + std::to_string(i), "{}");
    remove("d" + std::to_string(i));
  }
  clock_.advance(hours(1));
  const Cancellation cancellation = Cancellation::make();
  cancellation.cancel();
  int rounds = 0;
  const std::size_t before = count(Family::history, 'S');
  while (count(Family::history, 'S') > 0 && ++rounds < 100) {
    const auto answer = shard_->maintain({.deadline = {}, .cancellation = cancellation});
    EXPECT_EQ(answer.error().code(), ErrorCode::cancelled);
  }
  EXPECT_GT(rounds, 2) << "one call took all of " << before;
  EXPECT_LT(rounds, 100) << "a call that was given up left nothing done";
  care();
  EXPECT_EQ(count(Family::history, 'H'), 1U);
  expect_kept_adds_up();
}

// Whatever is written and whenever care is taken, what is derived stays in step, and leaves keep their texts.
RC_GTEST_FIXTURE_PROP(TrimmerTest, StaysInStepWithAnyHistory, ()) {
  open({.history_ms = *rc::gen::element<std::int64_t>(1000, kAnHour),
        .history_bytes = *rc::gen::element<std::uint64_t>(20, 1 << 20),
        .tombstone_ms = kAnHour});
  std::vector<EditResult> written;
  for (int step = *rc::gen::inRange(1, 60); step > 0; --step) {
    const std::string id(1, *rc::gen::inRange('a', 'd'));
    switch (*rc::gen::inRange(0, 6)) {
      case 0:
      case 1: written.push_back(put(id, "{\"n\":" + std::to_string(step) + "}")); break;
      case 2:
        if (shard_->get(kDefaultCollection, id)) remove(id);
        break;
      case 3: {
        const auto generation = *rc::gen::inRange<std::uint64_t>(1, 4);
        const auto hash = document::RevisionHash::from_text(std::to_string(*rc::gen::inRange(0, 3)));
        replicate(id, {{generation, hash}}, R"({"other":1})");
        break;
      }
      case 4: clock_.advance(milliseconds(*rc::gen::inRange<std::int64_t>(1, 2 * kAnHour))); break;
      default: care(); break;
    }
  }
  care();
  expect_kept_adds_up();
  RC_ASSERT(!HasFailure());
}

}  // namespace
}  // namespace quire::database
