#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "document/filter.h"
#include "engine/testing/test_node.h"
#include "engine/tuning.h"

// Feeds as other protocols ask for them: backwards, of some documents, through a filter, with what is left.

namespace quire::engine {
namespace {

using document::Revision;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::put_change;
using testing::TestNode;

std::vector<std::string> ids(const FeedPage& page) {
  std::vector<std::string> all;
  for (const FeedRow& row : page.rows) all.emplace_back(row.id);
  return all;
}

void replicate(TestNode& node, const std::string& id, const std::vector<std::string>& path,
               const std::string& json) {
  Change change = put_change(id, json);
  change.kind = Change::Kind::replicate;
  for (const std::string& name : path) change.path.push_back(Revision::parse(name).value());
  ASSERT_TRUE(node.write_one(std::move(change)));
}

// a, b, c, d, then a again, then d deleted.
void fill(TestNode& node) {
  for (const char* const id : {"a", "b", "c", "d"}) node.put(id, R"({"id":")" + std::string(id) + "\"}");
  node.put("a", R"({"n":2})");
  node.remove("d");
}

TEST(FeedOptionsDescending, ShowsTheNewestFirst) {
  TestNode node;
  fill(node);
  const FeedOptions all{.descending = true};
  const auto page = node.read({}, all).value();
  EXPECT_THAT(ids(page), ElementsAre("d", "a", "d", "c", "b", "a"));
  EXPECT_TRUE(page.at_end);
  const FeedOptions current{.current_only = true, .descending = true};
  EXPECT_THAT(ids(*node.read({}, current)), ElementsAre("d", "a", "c", "b"));
}

TEST(FeedOptionsDescending, GoesOnInFrontOfItsPosition) {
  TestNode node;
  fill(node);
  for (const bool current_only : {false, true}) {
    FeedOptions options{.current_only = current_only, .limit = 1, .descending = true};
    const auto all = node.read({}, {.current_only = current_only, .descending = true}).value();
    std::vector<std::string> seen;
    Position position;
    for (int i = 0; i < 20; ++i) {
      const auto page = node.read(position, options).value();
      for (auto& id : ids(page)) seen.push_back(std::move(id));
      position = page.next;
      if (page.at_end) break;
    }
    EXPECT_EQ(seen, ids(all));
  }
}

TEST(FeedOptionsDescending, OfNothingIsAtItsEnd) {
  TestNode node;
  const auto page = node.read({}, {.descending = true}).value();
  EXPECT_TRUE(page.at_end);
  EXPECT_THAT(page.rows, IsEmpty());
}

// Forwards, backwards and by walking one page after another: the same rows.
TEST(FeedOptionsDescending, IsTheFeedTurnedAround) {
  TestNode node;
  for (int i = 0; i < 300; ++i) {
    const std::string id = std::to_string(i * 7919 % 40);
    if (i % 11 == 10) {
      if (node.get(id)) node.remove(id);
    } else {
      node.put(id, R"({"n":)" + std::to_string(i) + "}");
    }
  }
  for (const bool current_only : {false, true}) {
    auto forwards = node.read({}, {.current_only = current_only}).value();
    const auto backwards = node.read({}, {.current_only = current_only, .descending = true}).value();
    std::reverse(forwards.rows.begin(), forwards.rows.end());
    ASSERT_EQ(forwards.rows.size(), backwards.rows.size());
    for (std::size_t i = 0; i < forwards.rows.size(); ++i) {
      EXPECT_EQ(forwards.rows[i].sequence, backwards.rows[i].sequence);
      EXPECT_EQ(forwards.rows[i].revision, backwards.rows[i].revision);
    }
  }
}

TEST(FeedOptionsPending, IsExact) {
  TestNode node;
  fill(node);
  FeedOptions options{.current_only = true, .limit = 0, .pending = true};
  for (std::uint32_t limit = 0; limit < 6; ++limit) {
    for (const bool descending : {false, true}) {
      options.limit = limit;
      options.descending = descending;
      const auto page = node.read({}, options).value();
      EXPECT_EQ(page.rows.size() + page.pending.value(), 4U) << limit << " " << descending;
    }
  }
  EXPECT_FALSE(node.read({}, {.limit = 1})->pending) << "nobody asked";
}

TEST(FeedOptionsPending, LeavesOutWhatTheFeedLeavesOut) {
  TestNode node;
  fill(node);
  node.put("x", "{}", "other");
  FeedOptions options{.current_only = true, .limit = 1, .pending = true};
  EXPECT_EQ(node.read({}, options)->pending, 5U) << "three documents, the new collection and its document";
  options.documents_only = true;
  EXPECT_EQ(node.read({}, options)->pending, 4U);
  options.collection = "other";
  EXPECT_EQ(node.read({}, options)->pending, 0U);
}

TEST(FeedOptionsPending, IsNotSaidWhereItWouldTakeAWalk) {
  TestNode node;
  std::vector<Change> changes;
  for (std::uint32_t i = 0; i < tuning::kPendingEntries + 10; ++i)
    changes.push_back(put_change(std::to_string(i), "{}"));
  WriteOptions quick;
  quick.durability = Durability::os;
  ASSERT_TRUE(node.write(std::move(changes), quick));
  node.put("last", "{}");
  FeedOptions options{.current_only = true, .limit = 5, .pending = true};
  EXPECT_FALSE(node.read({}, options)->pending);
  options.limit = 1000;
  const auto page = node.read({}, options).value();
  EXPECT_EQ(page.pending, tuning::kPendingEntries + 11 - 1000);
}

// What a page remembers for the next must be what counting anew says, whoever writes in between, and another
// feed at the same position is another count.
TEST(FeedOptionsPending, IsExactFromPageToPage) {
  TestNode node;
  for (int i = 0; i < 60; ++i) node.put(std::to_string(i), "{}", i % 3 == 0 ? "other" : "_default");
  const FeedOptions all{.current_only = true, .limit = 1000, .documents_only = true};
  const auto rows_behind = [&](const Position& position, const std::string& collection) {
    FeedOptions options = all;
    options.collection = collection;
    return node.read(position, options)->rows.size();
  };
  FeedOptions options = all;
  options.limit = 7;
  options.pending = true;
  Position position;
  for (int page = 0; page < 8; ++page) {
    if (page == 3) node.put("59", R"({"n":1})");
    if (page == 4) node.remove("58");
    options.collection = "other";
    const auto other = node.read(position, options).value();
    EXPECT_EQ(other.pending, rows_behind(other.next, "other")) << page;
    options.collection.clear();
    const auto next = node.read(position, options).value();
    EXPECT_EQ(next.pending, rows_behind(next.next, "")) << page;
    EXPECT_EQ(node.read(position, options)->pending, next.pending) << "asked again, page " << page;
    position = next.next;
  }
}

// Far from the end nothing is said, and from where the end is near it is.
TEST(FeedOptionsPending, IsSaidAsSoonAsTheEndIsNear) {
  TestNode node;
  const std::uint32_t rows = tuning::kPendingEntries + 3000;
  std::vector<Change> changes;
  for (std::uint32_t i = 0; i < rows; ++i) changes.push_back(put_change(std::to_string(i), "{}"));
  WriteOptions quick;
  quick.durability = Durability::os;
  ASSERT_TRUE(node.write(std::move(changes), quick));
  node.put("last", "{}");
  const FeedOptions options{.current_only = true, .limit = 1000, .documents_only = true, .pending = true};
  Position position;
  for (std::uint32_t seen = 1000; seen < rows; seen += 1000) {
    const auto page = node.read(position, options).value();
    EXPECT_EQ(page.pending.value_or(rows + 1 - seen), rows + 1 - seen);
    EXPECT_TRUE(page.pending || rows + 1 - seen >= tuning::kPendingEntries / 2) << seen;
    position = page.next;
  }
}

TEST(FeedOptionsDocuments, AreReadFromTheirHeads) {
  TestNode node;
  fill(node);
  FeedOptions options{.current_only = true};
  for (const char* const id : {"d", "b", "never"}) options.documents.push_back({.id = id});
  options.documents.push_back({.collection = "nowhere", .id = "a"});
  const auto page = node.read({}, options).value();
  EXPECT_THAT(ids(page), ElementsAre("b", "d"));
  EXPECT_TRUE(page.at_end);
  EXPECT_EQ(page.next, node.node.feeds().position(node.caller, {}, {}).value());
  EXPECT_TRUE(page.rows[1].deleted);
  const auto rest =
      node.read({.incarnation = page.next.incarnation, .sequence = page.rows[0].sequence}, options);
  EXPECT_THAT(ids(*rest), ElementsAre("d"));
  options.limit = 1;
  const auto first = node.read({}, options).value();
  EXPECT_THAT(ids(first), ElementsAre("b"));
  EXPECT_FALSE(first.at_end);
  EXPECT_THAT(ids(*node.read(first.next, options)), ElementsAre("d"));
  options.limit = 1000;
  options.descending = true;
  EXPECT_THAT(ids(*node.read({}, options)), ElementsAre("d", "b"));
}

TEST(FeedOptionsDocuments, OfALongListOrOfAllChangesAreFoundByWalking) {
  TestNode node;
  fill(node);
  FeedOptions options{.current_only = false};
  options.documents = {{.id = "a"}, {.id = "d"}};
  EXPECT_THAT(ids(*node.read({}, options)), ElementsAre("a", "d", "a", "d"));
  options.current_only = true;
  for (std::size_t i = 0; i < tuning::kFeedHeads; ++i)
    options.documents.push_back({.id = "x" + std::to_string(i)});
  EXPECT_THAT(ids(*node.read({}, options)), ElementsAre("a", "d"));
  options.documents.resize(tuning::kFeedDocuments + 1);
  EXPECT_EQ(node.read({}, options).error().code(), ErrorCode::too_large);
}

TEST(FeedOptionsFilter, LetsPassWhatItMatches) {
  TestNode node;
  fill(node);
  FeedOptions options{.current_only = true};
  const auto read = [&](std::string_view filter) {
    options.filter = document::Filter::parse(filter).value();
    return ids(node.read({}, options).value());
  };
  EXPECT_THAT(read(R"({"id":{"$in":["b","c"]}})"), ElementsAre("b", "c"));
  EXPECT_THAT(read(R"({"_id":"a"})"), ElementsAre("a"));
  EXPECT_THAT(read(R"({"_deleted":true})"), ElementsAre("d"));
  EXPECT_THAT(read(R"({"_deleted":{"$exists":false}})"), ElementsAre("b", "c", "a"));
  options.limit = 1;
  EXPECT_THAT(read(R"({"id":"c"})"), ElementsAre("c")) << "the limit counts what passes";
  const auto page = node.read({}, options).value();
  EXPECT_FALSE(page.rows[0].has_body) << "no body was asked for";
}

TEST(FeedOptionsWinners, NameTheWinnerWhereALoserCame) {
  TestNode node;
  replicate(node, "a", {"2-c", "1-a"}, R"({"n":"c"})");
  replicate(node, "a", {"2-b", "1-a"}, R"({"n":"b"})");
  FeedOptions options{.current_only = true, .bodies = true};
  EXPECT_EQ(node.read({}, options)->rows.front().revision.to_string(), "2-b");
  options.winners = true;
  const auto page = node.read({}, options).value();
  EXPECT_EQ(page.rows.front().revision.to_string(), "2-c");
  EXPECT_EQ(page.rows.front().body, R"({"n":"c"})");
}

}  // namespace
}  // namespace quire::engine
