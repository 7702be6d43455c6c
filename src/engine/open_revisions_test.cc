#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "engine/testing/test_node.h"
#include "engine/tuning.h"

namespace quire::engine {
namespace {

using document::Revision;
using testing::body;
using ::testing::ElementsAre;
using testing::put_change;
using testing::TestNode;

Revision revision(std::string_view text) { return Revision::parse(text).value(); }

// `path` newest first: "3-c 2-b 1-a".
Change replicated(const std::string& id, std::string_view path, const std::string& json,
                  bool deleted = false) {
  Change change = put_change(id, json);
  change.kind = Change::Kind::replicate;
  change.deleted = deleted;
  while (!path.empty()) {
    const auto space = path.find(' ');
    change.path.push_back(revision(path.substr(0, space)));
    path = space == std::string_view::npos ? std::string_view() : path.substr(space + 1);
  }
  return change;
}

// "asked=revision body", or "asked missing".
Result<std::vector<std::string>> open(TestNode& node, std::string_view id, const OpenOptions& options) {
  std::vector<std::string> rows;
  QUIRE_TRY_STATUS(
      node.node.documents().open_revisions(node.caller, {}, {}, id, options, [&](OpenedRevision& row) {
        std::string line = row.asked.to_string();
        if (!row.document) {
          rows.push_back(line + " missing");
          return true;
        }
        line += "=" + row.document->revision.to_string() + (row.document->deleted ? " deleted " : " ");
        rows.push_back(line + std::string(row.document->body));
        for (const auto& ancestor : row.document->ancestors) rows.back() += " " + ancestor.to_string();
        return true;
      }));
  return rows;
}

// 3-c wins over 3-b and the deleted 4-d, all children of 2-a above 1-a.
void fork(TestNode& node) {
  ASSERT_TRUE(node.write_one(replicated("a", "3-b 2-a 1-a", R"({"n":"b"})")));
  ASSERT_TRUE(node.write_one(replicated("a", "3-c 2-a 1-a", R"({"n":"c"})")));
  ASSERT_TRUE(node.write_one(replicated("a", "4-d 3-d 2-a 1-a", R"({"why":"d"})", true)));
}

TEST(OpenRevisions, AllLeavesAreShownWinnerFirstWithTheirTexts) {
  TestNode node;
  fork(node);
  EXPECT_THAT(open(node, "a", {.all_leaves = true}).value(),
              ElementsAre(R"(3-c=3-c {"n":"c"})", R"(3-b=3-b {"n":"b"})", R"(4-d=4-d deleted {"why":"d"})"));
  const auto document = node.get("a", {.revision = {}, .leaves = true}).value();
  ASSERT_EQ(document.leaves.size(), 3U);
  EXPECT_EQ(document.leaves[0].revision, document.revision);
  EXPECT_FALSE(document.leaves[1].deleted);
  EXPECT_EQ(document.leaves[2].revision.to_string(), "4-d");
  EXPECT_TRUE(document.leaves[2].deleted);
}

TEST(OpenRevisions, AListSaysWhatIsMissing) {
  TestNode node;
  fork(node);
  const OpenOptions options{.revisions = {revision("4-d"), revision("9-x"), revision("2-a"), revision("3-c")},
                            .ancestors = true};
  EXPECT_THAT(open(node, "a", options).value(),
              ElementsAre(R"(4-d=4-d deleted {"why":"d"} 4-d 3-d 2-a 1-a)", "9-x missing", "2-a missing",
                          R"(3-c=3-c {"n":"c"} 3-c 2-a 1-a)"));
}

TEST(OpenRevisions, TheLatestOfARevisionAreTheLeavesBelowItEachOnce) {
  TestNode node;
  fork(node);
  const OpenOptions options{.revisions = {revision("3-d"), revision("2-a"), revision("5-x")}, .latest = true};
  EXPECT_THAT(open(node, "a", options).value(),
              ElementsAre(R"(3-d=4-d deleted {"why":"d"})", R"(2-a=3-c {"n":"c"})", R"(2-a=3-b {"n":"b"})",
                          "5-x missing"));
  EXPECT_EQ(node.get("a", {.revision = revision("3-d"), .latest = true})->revision.to_string(), "4-d");
  EXPECT_EQ(node.get("a", {.revision = revision("1-a"), .latest = true})->revision.to_string(), "3-c");
  EXPECT_EQ(node.get("a", {.revision = revision("3-b"), .latest = true})->revision.to_string(), "3-b");
  EXPECT_EQ(node.get("a", {.revision = revision("1-x"), .latest = true}).error().field(), "missing");
}

TEST(OpenRevisions, ADocumentThatNeverWas) {
  TestNode node;
  EXPECT_EQ(open(node, "a", {.all_leaves = true}).error().field(), "missing");
  EXPECT_THAT(open(node, "a", {.revisions = {revision("1-a")}}).value(), ElementsAre("1-a missing"));
  EXPECT_EQ(open(node, "a", {.revisions = std::vector<Revision>(tuning::kOpenRevisions + 1, revision("1-a"))})
                .error()
                .code(),
            ErrorCode::too_large);
}

TEST(OpenRevisions, ThePathSaysWhichTextsAreKept) {
  TestNode node;
  node.put("a", R"({"n":1})");
  node.remove("a");
  node.put("a", R"({"n":3})");
  ASSERT_TRUE(node.write_one(replicated("a", "5-x 4-x " + node.get("a")->revision.to_string(), "{}")));
  const auto document = node.get("a", {.revision = {}, .ancestors = true, .kept = true}).value();
  ASSERT_EQ(document.ancestors.size(), 5U);
  EXPECT_THAT(document.kept, ElementsAre(Kept::text, Kept::nothing, Kept::text, Kept::nothing, Kept::text))
      << "of a deletion that carried nothing no text is kept, nor of what the replica told only the name of";
  EXPECT_EQ(node.get("a", {.revision = document.ancestors[2]})->body, R"({"n":3})");
}

TEST(OpenRevisions, ADeletionsPathIsKeptAsADeletion) {
  TestNode node;
  fork(node);
  const auto document = node.get("a", {.revision = revision("4-d"), .ancestors = true, .kept = true}).value();
  EXPECT_TRUE(document.deleted);
  EXPECT_THAT(document.kept, ElementsAre(Kept::deletion, Kept::nothing, Kept::nothing, Kept::nothing));
}

TEST(OpenRevisions, WhatTheCallerMayNotSeeIsMissing) {
  const testing::AuthorityOf authority([](const Caller&, Action, const Target&) -> Decision {
    return Predicate(
        [](const Candidate& candidate) { return candidate.body.find("secret") == std::string_view::npos; });
  });
  TestNode node(authority);
  const auto shard = node.shard();
  for (const auto& [name, json] : {std::pair("1-a", R"({"n":1})"), std::pair("1-b", R"({"secret":1})")}) {
    database::Edit edit;
    edit.kind = database::Edit::Kind::replicate;
    edit.id = "a";
    edit.path = {revision(name)};
    edit.body = json;
    ASSERT_TRUE(shard->write({edit}, {}));
  }
  EXPECT_THAT(open(node, "a", {.all_leaves = true}).value(),
              ElementsAre("1-b missing", R"(1-a=1-a {"n":1})"));
  EXPECT_EQ(node.get("a", {.revision = revision("1-b"), .leaves = true}).error().field(), "missing");
}

// The leaves that are named are those whose texts are there, however the document moves.
TEST(OpenRevisions, AreOfOneState) {
  TestNode node;
  node.put("a", R"({"n":0})");
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    for (int i = 1; !stop && i < 100'000; ++i) node.put("a", R"({"n":)" + std::to_string(i) + "}");
  });
  while (node.get("a")->revision.generation < 500) {
    const auto rows = open(node, "a", {.all_leaves = true, .ancestors = true});
    ASSERT_TRUE(rows) << rows.error().to_string();
    ASSERT_EQ(rows->size(), 1U);
    EXPECT_EQ(rows->front().find("missing"), std::string::npos);
  }
  stop = true;
  writer.join();
}

}  // namespace
}  // namespace quire::engine
