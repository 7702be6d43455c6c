#include "engine/revisions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/testing/test_node.h"
#include "engine/tuning.h"

namespace quire::engine {
namespace {

using document::Revision;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::put_change;
using testing::TestNode;

Revision parse_revision(std::string_view text) { return Revision::parse(text).value(); }

void replicate(TestNode& node, const std::string& id, const std::vector<std::string>& path,
               bool deleted = false) {
  Change change = put_change(id, "{}");
  change.kind = Change::Kind::replicate;
  change.deleted = deleted;
  for (const std::string& name : path) change.path.push_back(parse_revision(name));
  ASSERT_TRUE(node.write_one(std::move(change)));
}

MissingRevisions missing(TestNode& node, const std::string& id, const std::vector<std::string>& names) {
  NamedRevisions asked{.id = id};
  for (const std::string& name : names) asked.revisions.push_back(parse_revision(name));
  return node.node.revisions().missing(node.caller, {}, {}, {asked}).value().front();
}

Result<Purged> purge(TestNode& node, std::vector<NamedRevisions> leaves) {
  return wait<Purged>([&](auto done) {
    node.node.revisions().purge(node.caller, {}, {}, std::move(leaves), std::move(done));
  });
}

// Or who asked would leave out what a crash then takes back.
TEST(MissingRevisions, AreAllThatIsNotDurable) {
  TestNode node;
  WriteOptions lent;
  lent.durability = Durability::memory;
  const auto written = node.write_one(put_change("a", "{}"), lent);
  EXPECT_THAT(missing(node, "a", {written->revision.to_string()}).missing, IsEmpty());
  EXPECT_EQ(node.shard()->position().sequence, written->sequence);
}

TEST(MissingRevisions, AreThoseThatNoTreeHolds) {
  TestNode node;
  replicate(node, "a", {"3-c", "2-b", "1-a"});
  replicate(node, "a", {"2-x", "1-a"}, true);
  EXPECT_THAT(missing(node, "a", {"3-c"}).missing, IsEmpty());
  EXPECT_THAT(missing(node, "a", {"1-a", "2-b", "2-x"}).missing, IsEmpty());
  const auto some = missing(node, "a", {"9-z", "2-b", "3-y"});
  EXPECT_THAT(some.missing, ElementsAre(parse_revision("9-z"), parse_revision("3-y")));
  EXPECT_THAT(some.possible_ancestors, ElementsAre(parse_revision("3-c"), parse_revision("2-x")));
  const auto low = missing(node, "a", {"2-z"});
  EXPECT_THAT(low.missing, ElementsAre(parse_revision("2-z")));
  EXPECT_THAT(low.possible_ancestors, IsEmpty());
  EXPECT_THAT(missing(node, "never", {"1-a"}).missing, ElementsAre(parse_revision("1-a")));
  EXPECT_THAT(missing(node, "a", {}).missing, IsEmpty());
}

TEST(MissingRevisions, OfACollectionThatIsNotThereAreAll) {
  TestNode node;
  const NamedRevisions asked{.collection = "nowhere", .id = "a", .revisions = {parse_revision("1-a")}};
  EXPECT_THAT(node.node.revisions().missing(node.caller, {}, {}, {asked})->front().missing,
              ElementsAre(parse_revision("1-a")));
}

TEST(MissingRevisions, OfATrimmedTombstoneAreOnlyNewerOnes) {
  TestNode node;
  node.put("a", "{}");
  const Revision deleted = node.remove("a").revision;
  ASSERT_TRUE(
      node.catalog.change_settings(node.catalog.find("main", {})->id,
                                   [](database::ShardSettings& settings) { settings.tombstone_ms = 0; }));
  ASSERT_TRUE(node.shard()->maintain({}));
  EXPECT_THAT(missing(node, "a", {"1-a", "2-z", deleted.to_string()}).missing, IsEmpty());
  const auto newer = missing(node, "a", {"3-z"});
  EXPECT_THAT(newer.missing, ElementsAre(parse_revision("3-z")));
  EXPECT_THAT(newer.possible_ancestors, ElementsAre(deleted));
}

TEST(MissingRevisions, AreBounded) {
  TestNode node;
  std::vector<NamedRevisions> many(tuning::kNamedDocuments + 1);
  EXPECT_EQ(node.node.revisions().missing(node.caller, {}, {}, many).error().limit(),
            tuning::kNamedDocuments);
  many.resize(1);
  many.front() = {.id = "a",
                  .revisions = std::vector<Revision>(tuning::kNamedRevisions + 1, parse_revision("1-a"))};
  EXPECT_EQ(node.node.revisions().missing(node.caller, {}, {}, many).error().limit(),
            tuning::kNamedRevisions);
  for (int i = 0; i < 150; ++i) replicate(node, "a", {"1-" + std::to_string(i)});
  EXPECT_EQ(missing(node, "a", {"2-x"}).possible_ancestors.size(), tuning::kPossibleAncestors);
}

TEST(MissingRevisions, OfWhatTheCallerMayNotSeeTellNothing) {
  const testing::AuthorityOf authority([](const Caller&, Action action, const Target&) -> Decision {
    if (action != Action::read) return Predicate();
    return Predicate([](const Candidate& candidate) { return candidate.id != "hidden"; });
  });
  TestNode node(authority);
  replicate(node, "hidden", {"1-a"});
  const auto hidden = missing(node, "hidden", {"1-a", "2-b"});
  EXPECT_EQ(hidden.missing.size(), 2U);
  EXPECT_THAT(hidden.possible_ancestors, IsEmpty());
}

TEST(Purge, TakesLeavesAndCounts) {
  TestNode node;
  replicate(node, "a", {"2-b", "1-a"});
  replicate(node, "a", {"2-c", "1-a"});
  replicate(node, "b", {"1-a"});
  const auto purged = purge(node, {{.id = "a", .revisions = {parse_revision("2-c"), parse_revision("7-q")}},
                                   {.collection = "nowhere", .id = "a", .revisions = {parse_revision("1-a")}},
                                   {.id = "b", .revisions = {parse_revision("1-a")}}})
                          .value();
  ASSERT_EQ(purged.rows.size(), 3U);
  EXPECT_THAT(purged.rows[0].value(), ElementsAre(parse_revision("2-c")));
  EXPECT_EQ(purged.rows[1].error().field(), "collection");
  EXPECT_THAT(purged.rows[2].value(), ElementsAre(parse_revision("1-a")));
  EXPECT_EQ(purged.purge_sequence, 2U);
  EXPECT_EQ(node.get("a")->revision, parse_revision("2-b"));
  EXPECT_EQ(node.get("b").error().field(), "missing");
  const auto page = node.read({}, {.current_only = true}).value();
  ASSERT_EQ(page.rows.size(), 1U);
  EXPECT_EQ(page.rows[0].id, "a");
  EXPECT_EQ(page.rows[0].operation, Operation::purge);
  EXPECT_EQ(page.rows[0].revision, parse_revision("2-b"));
  EXPECT_EQ(purge(node, {})->purge_sequence, 2U);
}

TEST(Purge, IsForWhoAdministers) {
  const testing::AuthorityOf authority([](const Caller&, Action action, const Target&) -> Decision {
    if (action == Action::administer) return Error(ErrorCode::forbidden, "no");
    return Predicate();
  });
  TestNode node(authority);
  replicate(node, "a", {"1-a"});
  EXPECT_EQ(purge(node, {{.id = "a", .revisions = {parse_revision("1-a")}}}).error().code(),
            ErrorCode::forbidden);
  EXPECT_TRUE(node.get("a"));
}

}  // namespace
}  // namespace quire::engine
