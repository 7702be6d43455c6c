#include "database/stored_text.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <chrono>
#include <map>

#include "base/bytes.h"
#include "base/testing/manual_clock.h"
#include "database/blob_store.h"
#include "database/keys.h"
#include "database/testing/test_shard.h"
#include "database/tuning.h"

namespace quire::database {
namespace {

using document::Revision;
using document::RevisionHash;
using testing::disagreements;
using testing::ShardWorld;

constexpr std::int64_t kHour = 3600LL * 1000;

// A text of which `n` is a small part.
std::string body(int n) {
  return R"({"n":)" + std::to_string(n) + R"(,"rest":")" + std::string(200, 'x') + R"("})";
}

struct StoredTextTest : ::testing::Test {
  EditResult write(Edit edit) {
    auto answer = shard->write({std::move(edit)}, {});
    return answer.value().rows.front().value();
  }
  Edit edit_of(const std::string& id, const std::string& text, CollectionId collection) {
    Edit edit;
    edit.collection = collection;
    edit.id = id;
    edit.body = text;
    edit.precondition = Edit::Precondition::any;
    return edit;
  }
  Revision put(const std::string& id, const std::string& text, CollectionId collection = kDefaultCollection) {
    return write(edit_of(id, text, collection)).revision;
  }
  Revision remove(const std::string& id) {
    Edit edit = edit_of(id, "{}", kDefaultCollection);
    edit.kind = Edit::Kind::remove;
    return write(std::move(edit)).revision;
  }
  Revision replicate(const std::string& id, std::vector<Revision> path, const std::string& text) {
    Edit edit = edit_of(id, text, kDefaultCollection);
    edit.kind = Edit::Kind::replicate;
    edit.path = std::move(path);
    return write(std::move(edit)).revision;
  }
  void purge(const std::string& id, const Revision& leaf) {
    Edit edit = edit_of(id, {}, kDefaultCollection);
    edit.kind = Edit::Kind::purge;
    edit.path = {leaf};
    write(std::move(edit));
  }
  std::string text(const Revision& revision, CollectionId collection = kDefaultCollection,
                   const std::string& id = "a") {
    const auto found = shard->get(collection, id, {.revision = revision});
    return found ? std::string(found->body) : std::string(name(found.error().code()));
  }
  // The records of replaced texts: how many there are, and how many of them are whole.
  std::pair<std::size_t, std::size_t> kept() {
    std::pair<std::size_t, std::size_t> found;
    auto it = shard->store().iterate(storage::Family::documents, {.upper_bound = keys::after_prefix("R")});
    for (it->seek("R"); it->valid(); it->next()) {
      const RevisionRecord record = decode_revision(it->value()).value();
      if (record.leaf) continue;
      ++found.first;
      found.second += record.shared ? 0U : 1U;
    }
    return found;
  }

  ManualClock clock;
  ShardWorld world{clock};
  std::unique_ptr<Shard> shard = world.in_memory();
};

TEST_F(StoredTextTest, EveryTextOfALongLineIsReadAndFewAreWhole) {
  std::vector<Revision> line;
  constexpr int kUpdates = 100;
  for (int n = 0; n <= kUpdates; ++n) line.push_back(put("a", body(n)));
  for (int n = 0; n <= kUpdates; ++n) EXPECT_EQ(text(line[static_cast<std::size_t>(n)]), body(n)) << n;
  EXPECT_EQ(kept(), std::pair(std::size_t{kUpdates}, std::size_t{kUpdates / tuning::kWholeTextEvery}));
  const auto view = shard->document(kDefaultCollection, "a").value();
  EXPECT_EQ((*view->text(line.front()))->body, body(0));
}

TEST_F(StoredTextTest, ATextThatSharesLittleIsKeptWhole) {
  const Revision first = put("a", R"({"n":1})");
  const Revision second = put("a", std::string(300, 'y'));
  put("a", body(3));
  EXPECT_EQ(kept(), (std::pair<std::size_t, std::size_t>{2, 2}));
  EXPECT_EQ(text(first), R"({"n":1})");
  EXPECT_EQ(text(second), std::string(300, 'y'));
}

TEST_F(StoredTextTest, ADeletionAndWhatComesAfterItLeaveTheTextsBefore) {
  const Revision first = put("a", body(1));
  const Revision second = put("a", body(2));
  remove("a");
  EXPECT_EQ(text(first), body(1));
  EXPECT_EQ(text(second), body(2));
  put("a", body(4));
  put("a", body(5));
  EXPECT_EQ(text(first), body(1));
  EXPECT_EQ(text(second), body(2));
}

// A losing leaf's text goes with whatever replaces it; the text that was told by it does not.
TEST_F(StoredTextTest, AWinnerThatLosesAndIsReplacedLeavesTheTextBeforeIt) {
  const Revision first = put("a", body(1));
  const Revision second = put("a", body(2));
  ASSERT_EQ(kept().second, 0U);
  const Revision other{3, RevisionHash::from_text("ff")};
  replicate("a", {other, {2, RevisionHash::from_text("ee")}, first}, body(7));
  EXPECT_EQ(text(first), body(1));
  EXPECT_EQ(text(second), body(2));
  Edit gone = edit_of("a", "{}", kDefaultCollection);
  gone.kind = Edit::Kind::remove;
  gone.precondition = Edit::Precondition::revision;
  gone.expected = second;
  write(std::move(gone));
  EXPECT_EQ(text(second), "not_found");
  EXPECT_EQ(text(first), body(1));
  EXPECT_EQ(disagreements(*shard), std::vector<std::string>{});
}

TEST_F(StoredTextTest, APurgedChildLeavesTheTextBeforeIt) {
  const Revision first = put("a", body(1));
  const Revision second = put("a", body(2));
  replicate("a", {{2, RevisionHash::from_text("00")}, first}, body(7));
  ASSERT_EQ(kept(), (std::pair<std::size_t, std::size_t>{1, 0}));
  purge("a", second);
  EXPECT_EQ(text(second), "not_found");
  EXPECT_EQ(text(first), body(1));
  EXPECT_EQ(disagreements(*shard), std::vector<std::string>{});
}

TEST_F(StoredTextTest, WhereTheChildIsNoLongerKeptTheTextIsNotEither) {
  const CollectionId id = shard->create_collection("some")->id;
  const Revision first = put("a", body(1), id);
  const Revision second = put("a", body(2), id);
  ASSERT_EQ(text(first, id), body(1));
  shard->set_settings({.history_ms = 0});
  put("a", body(3), id);
  EXPECT_EQ(text(second, id), "not_found");
  EXPECT_EQ(text(first, id), "not_found");
}

TEST_F(StoredTextTest, AttachmentsStandBesideATextThatIsTold) {
  auto blob = shard->blobs().begin();
  ASSERT_TRUE(blob->write("bytes"));
  Attachment attachment = blob->finish().value();
  attachment.name = "notes";
  Edit edit = edit_of("a", body(1), kDefaultCollection);
  edit.attachments = {attachment};
  const Revision first = write(std::move(edit)).revision;
  put("a", body(2));
  ASSERT_EQ(kept().second, 0U);
  const auto found = shard->get(kDefaultCollection, "a", {.revision = first});
  ASSERT_TRUE(found);
  const auto list = decode_attachments(found->attachments).value();
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list.front().name, "notes");
}

TEST_F(StoredTextTest, MoreThanTheNextTextHasIsDamage) {
  const Revision first = put("a", body(1));
  const Revision second = put("a", body(2));
  const auto damage = [&](const RevisionRecord& record) {
    std::string value;
    encode(record, value);
    auto batch = shard->store().make_batch();
    batch->put(storage::Family::documents, keys::revision(kDefaultCollection, "a", first), value);
    ASSERT_TRUE(shard->store().write(*batch, storage::Sync::none));
  };
  damage({.body = "1", .shared = SharedText{second.hash, 5, 10'000}});
  EXPECT_EQ(text(first), "corrupt");
  damage({.body = "1", .shared = SharedText{second.hash, ~std::uint64_t{0}, 5}});
  EXPECT_EQ(text(first), "corrupt");
}

RC_GTEST_PROP(StoredText, WhatIsNotSharedTellsTheText, ()) {
  const auto piece = [] {
    return std::string(*rc::gen::inRange<std::size_t>(0, 40), *rc::gen::element('a', 'b'));
  };
  const std::string before = piece() + piece() + piece();
  const std::string after = piece() + piece() + piece();
  const RevisionRecord record = without_shared({.body = before}, RevisionHash::from_text("c"), after);
  if (!record.shared) {
    RC_ASSERT(record.body == before);
    return;
  }
  const SharedText& shared = *record.shared;
  RC_ASSERT(shared.front + shared.end <= std::min(before.size(), after.size()));
  RC_ASSERT(after.substr(0, shared.front) + std::string(record.body) +
                after.substr(after.size() - shared.end) ==
            before);
  RC_ASSERT(record.body.size() < before.size() || before.empty());
}

// Whatever is written, by whom, and trimmed meanwhile: a text is the one that was written, or is not kept;
// and within its time it is kept.
RC_GTEST_FIXTURE_PROP(StoredTextTest, AnyHistoryTellsTheTextsThatWereWritten, ()) {
  shard->set_settings({.history_ms = kHour, .history_bytes = 1 << 20});
  std::map<std::string, std::string> texts;
  std::vector<Revision> seen;
  Revision losing;
  const auto note = [&](const Revision& revision, const std::string& written) {
    if (texts.emplace(revision.to_string(), written).second) seen.push_back(revision);
  };
  for (int step = *rc::gen::inRange(1, 80); step > 0; --step) {
    const std::string written = body(step);
    switch (*rc::gen::inRange(0, 10)) {
      case 0: {
        if (seen.empty()) break;
        const Revision parent = seen[*rc::gen::inRange<std::size_t>(0, seen.size())];
        const Revision child{parent.generation + 1,
                             RevisionHash::from_text(std::to_string(*rc::gen::inRange(0, 3)))};
        const auto here = shard->get(kDefaultCollection, "a", {.revision = child});
        if (here || texts.contains(child.to_string())) break;
        replicate("a", {child, parent}, written);
        note(child, written);
        break;
      }
      case 1:
        if (shard->get(kDefaultCollection, "a")) remove("a");
        break;
      case 2: clock.advance(std::chrono::milliseconds(*rc::gen::inRange<std::int64_t>(1, kHour))); break;
      case 3: RC_ASSERT(shard->maintain({}).has_value()); break;
      case 4:
        if (!seen.empty() && *rc::gen::inRange(0, 4) == 0)
          purge("a", seen[*rc::gen::inRange<std::size_t>(0, seen.size())]);
        break;
      default: note(put("a", written), written); break;
    }
    for (const Revision& revision : seen) {
      const std::string found = text(revision);
      RC_ASSERT(found == texts[revision.to_string()] || found == "not_found");
    }
    // A record that is there is told in full.
    auto it = shard->store().iterate(storage::Family::documents, {.upper_bound = keys::after_prefix("R")});
    const std::string prefix = keys::revisions(kDefaultCollection, "a");
    for (it->seek(prefix); it->valid(); it->next()) {
      ByteReader in(it->key().substr(prefix.size()));
      RC_ASSERT(text(Revision::decode(in)) != "not_found");
    }
  }
  RC_ASSERT(disagreements(*shard).empty());
}

}  // namespace
}  // namespace quire::database
