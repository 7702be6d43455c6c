#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "database/tuning.h"
#include "engine/testing/test_node.h"

// Edits that name a leaf, and what becomes of attachments on their way.

namespace quire::engine {
namespace {

using document::Revision;
using testing::body;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::put_change;
using testing::TestNode;

Revision revision(std::string_view text) { return Revision::parse(text).value(); }

Change replicated(const std::string& id, const std::vector<std::string>& path, const std::string& json,
                  bool deleted = false) {
  Change change = put_change(id, json);
  change.kind = Change::Kind::replicate;
  change.deleted = deleted;
  for (const std::string& name : path) change.path.push_back(revision(name));
  return change;
}

Change edit_of(const std::string& id, const Revision& expected, const std::string& json) {
  Change change = put_change(id, json);
  change.expected = expected;
  return change;
}

std::vector<std::string> leaves(TestNode& node, const std::string& id) {
  std::vector<std::string> names;
  const auto options = OpenOptions{.revisions = {}, .all_leaves = true};
  EXPECT_TRUE(
      node.node.documents().open_revisions(node.caller, {}, {}, id, options, [&](OpenedRevision& row) {
        names.push_back(row.asked.to_string() + (row.document->deleted ? " deleted" : ""));
        return true;
      }));
  return names;
}

TEST(LeafEdits, ARemovalOfWhatIsNotThereMakesATombstoneWhereThatIsAsked) {
  TestNode node;
  const auto remove = [&](const std::string& id, Change::Condition condition) {
    Change change = put_change(id, R"({"why":1})");
    change.kind = Change::Kind::remove;
    change.condition = condition;
    return node.write_one(std::move(change));
  };
  EXPECT_EQ(remove("a", Change::Condition::any).error().field(), "missing");
  EXPECT_EQ(remove("a", Change::Condition::revision).error().field(), "missing");
  EXPECT_EQ(node.get("a").error().field(), "missing");
  const auto made = remove("a", Change::Condition::absent);
  ASSERT_TRUE(made);
  EXPECT_THAT(leaves(node, "a"), ElementsAre(made->revision.to_string() + " deleted"));
  EXPECT_EQ(remove("a", Change::Condition::absent).error().field(), "deleted");
  ASSERT_TRUE(node.write_one(put_change("a", "{}")));
  EXPECT_EQ(remove("a", Change::Condition::absent).error().code(), ErrorCode::exists);
}

Attachment attach(TestNode& node, const std::string& name, std::string_view bytes) {
  auto writer = node.node.documents().write_attachment(node.caller, {}, {}).value();
  EXPECT_TRUE(writer->write(bytes));
  Attachment made = writer->finish().value();
  made.name = name;
  made.content_type = "text/plain";
  return made;
}

std::vector<Attachment> attachments(TestNode& node, const std::string& id, const GetOptions& options = {}) {
  return attachments_of(node.get(id, options).value()).value();
}

std::string bytes_of(TestNode& node, const std::string& id, const std::string& name) {
  std::string all;
  EXPECT_TRUE(node.node.documents().read_attachment(node.caller, {}, {}, id, name, std::nullopt, {},
                                                    [&](std::string_view bytes) {
                                                      all += bytes;
                                                      return true;
                                                    }));
  return all;
}

TEST(LeafEdits, AnEditOfALosingLeafExtendsIt) {
  TestNode node;
  ASSERT_TRUE(node.write_one(replicated("a", {"2-c", "1-a"}, R"({"n":"c"})")));
  ASSERT_TRUE(node.write_one(replicated("a", {"2-b", "1-a"}, R"({"n":"b"})")));
  const auto edited = node.write_one(edit_of("a", revision("2-b"), R"({"n":"b3"})")).value();
  EXPECT_EQ(edited.revision.generation, 3U);
  EXPECT_THAT(leaves(node, "a"), ElementsAre(edited.revision.to_string(), "2-c"));
  EXPECT_EQ(node.get("a")->body, R"({"n":"b3"})") << "it is the longer one now";
  EXPECT_THAT(node.get("a", {.revision = {}, .ancestors = true})->ancestors,
              ElementsAre(edited.revision, revision("2-b"), revision("1-a")));
  EXPECT_EQ(node.write_one(edit_of("a", revision("2-b"), "{}")).error().code(), ErrorCode::conflict);
  EXPECT_EQ(node.write_one(edit_of("a", revision("1-a"), "{}")).error().code(), ErrorCode::conflict);
  EXPECT_EQ(node.write_one(edit_of("b", revision("1-a"), "{}")).error().code(), ErrorCode::conflict);
}

TEST(LeafEdits, ALosingLeafCanBeRemoved) {
  TestNode node;
  ASSERT_TRUE(node.write_one(replicated("a", {"2-c", "1-a"}, R"({"n":"c"})")));
  ASSERT_TRUE(node.write_one(replicated("a", {"2-b", "1-a"}, R"({"n":"b"})")));
  Change change = edit_of("a", revision("2-b"), "{}");
  change.kind = Change::Kind::remove;
  const auto removed = node.write_one(std::move(change)).value();
  EXPECT_EQ(node.get("a")->revision, revision("2-c"));
  EXPECT_THAT(leaves(node, "a"), ElementsAre("2-c", removed.revision.to_string() + " deleted"));
  const auto live = node.write_one(edit_of("a", removed.revision, R"({"n":"back"})")).value();
  EXPECT_EQ(live.revision.generation, 4U);
  EXPECT_EQ(node.get("a")->body, R"({"n":"back"})");
  EXPECT_THAT(leaves(node, "a"), ElementsAre(live.revision.to_string(), "2-c"));
}

TEST(LeafEdits, WithoutARevisionADeletedDocumentGoesOnFromItsDeletion) {
  TestNode node;
  node.put("a", "{}");
  const auto removed = node.remove("a");
  const auto again = node.write_one(put_change("a", R"({"n":3})")).value();
  EXPECT_EQ(again.revision.generation, 3U);
  EXPECT_THAT(leaves(node, "a"), ElementsAre(again.revision.to_string()));
  EXPECT_EQ(node.get("a", {.revision = {}, .ancestors = true})->ancestors[1], removed.revision);
  EXPECT_EQ(node.write_one(put_change("a", "{}")).error().code(), ErrorCode::conflict);
}

TEST(LeafEdits, OfSeveralDeletedLeavesTheWinnerIsExtended) {
  TestNode node;
  ASSERT_TRUE(node.write_one(replicated("a", {"2-b", "1-a"}, "{}", true)));
  ASSERT_TRUE(node.write_one(replicated("a", {"3-c", "2-c", "1-a"}, "{}", true)));
  const auto live = node.write_one(put_change("a", R"({"n":1})")).value();
  EXPECT_EQ(live.revision.generation, 4U);
  EXPECT_THAT(leaves(node, "a"), ElementsAre(live.revision.to_string(), "2-b deleted"));
}

TEST(LeafEdits, AttachmentsStayWithTheirGenerationOverEdits) {
  TestNode node;
  Change first = put_change("a", "{}");
  first.attachments = {attach(node, "one", "1")};
  const auto made = node.write_one(std::move(first)).value();
  const auto second = node.write_one(edit_of("a", made.revision, R"({"n":2})")).value();
  Change third = edit_of("a", second.revision, R"({"n":3})");
  third.attachments = {attach(node, "two", "22")};
  third.stubs = {"one"};
  ASSERT_TRUE(node.write_one(std::move(third)));
  const auto held = attachments(node, "a");
  ASSERT_EQ(held.size(), 2U);
  EXPECT_EQ(held[0].name, "two");
  EXPECT_EQ(held[0].revpos, 3U);
  EXPECT_EQ(held[1].name, "one");
  EXPECT_EQ(held[1].revpos, 1U);
  EXPECT_EQ(bytes_of(node, "a", "one"), "1");
}

TEST(LeafEdits, AStubWithoutItsAttachmentIsToldApart) {
  TestNode node;
  Change first = put_change("a", "{}");
  first.stubs = {"one"};
  EXPECT_TRUE(is_missing_stub(node.write_one(std::move(first)).error()));
  EXPECT_EQ(node.get("a").error().code(), ErrorCode::not_found);
  const auto made = node.put("a", "{}");
  Change second = edit_of("a", made.revision, "{}");
  second.stubs = {"one"};
  EXPECT_TRUE(is_missing_stub(node.write_one(std::move(second)).error()));
}

TEST(LeafEdits, ALosingLeafsAttachmentsAreThoseOfItsOwn) {
  TestNode node;
  Change winner = replicated("a", {"2-c", "1-a"}, "{}");
  winner.attachments = {attach(node, "of winner", "w")};
  ASSERT_TRUE(node.write_one(std::move(winner)));
  Change loser = replicated("a", {"2-b", "1-a"}, "{}");
  loser.attachments = {attach(node, "of loser", "l")};
  ASSERT_TRUE(node.write_one(std::move(loser)));
  Change edit = edit_of("a", revision("2-b"), R"({"n":3})");
  edit.stubs = {"of loser"};
  ASSERT_TRUE(node.write_one(std::move(edit)));
  const auto held = attachments(node, "a");
  ASSERT_EQ(held.size(), 1U);
  EXPECT_EQ(held[0].name, "of loser");
  EXPECT_EQ(bytes_of(node, "a", "of loser"), "l");
  EXPECT_EQ(attachments(node, "a", {.revision = revision("2-c")}).front().name, "of winner");
}

TEST(LeafEdits, AReplicatedStubIsThatOfTheNewestAncestorHere) {
  TestNode node;
  Change first = replicated("a", {"1-a"}, "{}");
  first.attachments = {attach(node, "one", "1")};
  ASSERT_TRUE(node.write_one(std::move(first)));
  Change second = replicated("a", {"3-c", "2-b", "1-a"}, "{}");
  second.stubs = {"one"};
  ASSERT_TRUE(node.write_one(std::move(second)));
  ASSERT_EQ(attachments(node, "a").size(), 1U);
  EXPECT_EQ(attachments(node, "a")[0].revpos, 1U);
  EXPECT_EQ(bytes_of(node, "a", "one"), "1");
  Change beside = replicated("a", {"2-x", "1-a"}, "{}");
  beside.stubs = {"one"};
  ASSERT_TRUE(node.write_one(std::move(beside))) << "the replaced text is kept still";
  Change strange = replicated("a", {"2-y", "1-y"}, "{}");
  strange.stubs = {"one"};
  EXPECT_TRUE(is_missing_stub(node.write_one(std::move(strange)).error()));
  Change again = replicated("a", {"3-c", "2-b", "1-a"}, "{}");
  again.stubs = {"one"};
  EXPECT_EQ(node.write_one(std::move(again))->sequence, 0U) << "it is known";
}

TEST(LeafEdits, APathIsBoundedAndFalls) {
  TestNode node;
  const auto path = [](std::size_t length) {
    Change change = put_change("a", "{}");
    change.kind = Change::Kind::replicate;
    for (std::size_t i = length; i > 0; --i)
      change.path.push_back({i, document::RevisionHash::from_text("h" + std::to_string(i))});
    return change;
  };
  ASSERT_TRUE(node.write_one(path(5000)));
  EXPECT_EQ(node.get("a", {.revision = {}, .ancestors = true})->ancestors.size(), 1000U) << "it was stemmed";
  const auto refused = node.write_one(path(database::tuning::kMostRevisions + 1));
  EXPECT_EQ(refused.error().code(), ErrorCode::too_large);
  EXPECT_EQ(refused.error().limit(), database::tuning::kMostRevisions);
  for (const auto& bad : {std::vector<std::string>{"3-a", "1-a"}, {"1-a", "2-a"}, {"2-a", "2-b"}, {}})
    EXPECT_EQ(node.write_one(replicated("b", bad, "{}")).error().code(), ErrorCode::invalid);
}

TEST(LeafEdits, TheDatabasesLimitHoldsWhereACollectionHasNone) {
  TestNode node;
  auto& catalog = node.node.catalog();
  const auto change = [&](std::uint64_t limit) {
    return wait<DatabaseDescription>([&](auto done) {
      DatabaseSettings settings;
      settings.revision_limit = limit;
      static_cast<Catalog&>(catalog).change_database(node.caller, {}, {}, settings, std::move(done));
    });
  };
  EXPECT_EQ(change(0).error().code(), ErrorCode::invalid);
  EXPECT_EQ(change(database::tuning::kMostRevisions + 1).error().code(), ErrorCode::too_large);
  EXPECT_EQ(change(3)->revision_limit, 3U);
  for (int i = 0; i < 10; ++i) node.put("a", R"({"n":)" + std::to_string(i) + "}");
  EXPECT_EQ(node.get("a", {.revision = {}, .ancestors = true})->ancestors.size(), 3U);
  ASSERT_TRUE(node.shard()->create_collection("own", {.revision_limit = 5}));
  for (int i = 0; i < 10; ++i) node.put("a", R"({"n":)" + std::to_string(i) + "}", "own");
  EXPECT_EQ(node.get("a", {.revision = {}, .ancestors = true}, "own")->ancestors.size(), 5U);
}

TEST(LeafEdits, CompactingLeavesTheLeavesAlone) {
  TestNode node;
  const auto first = node.put("a", R"({"n":1})");
  node.put("a", R"({"n":2})");
  ASSERT_TRUE(node.write_one(replicated("a", {"1-x"}, R"({"n":"x"})")));
  EXPECT_TRUE(node.get("a", {.revision = first.revision}));
  ASSERT_TRUE(wait<void>([&](auto done) {
    static_cast<Catalog&>(node.node.catalog()).compact(node.caller, {}, {}, std::move(done));
  }));
  EXPECT_EQ(node.get("a", {.revision = first.revision}).error().field(), "missing");
  EXPECT_EQ(node.get("a")->body, R"({"n":2})");
  EXPECT_EQ(node.get("a", {.revision = revision("1-x")})->body, R"({"n":"x"})");
  EXPECT_EQ(static_cast<Catalog&>(node.node.catalog()).node_id().size(), 32U);
}

}  // namespace
}  // namespace quire::engine
