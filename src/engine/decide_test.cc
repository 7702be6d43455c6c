#include "engine/decide.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/testing/test_node.h"

// That authority is one function: with another one in its place, every call of the engine obeys it.

namespace quire::engine {
namespace {

using testing::body;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::put_change;
using testing::TestNode;

TEST(Decide, TheAdminMayDoEverythingAndTheAnonymousNothing) {
  for (const Action action :
       {Action::read, Action::write, Action::follow, Action::describe, Action::manage, Action::administer}) {
    const auto admin = owner_alone().decide(Caller::admin(), action, {});
    ASSERT_TRUE(admin);
    EXPECT_TRUE(admin->always());
    const auto anonymous = owner_alone().decide(Caller::anonymous(), action, {});
    ASSERT_FALSE(anonymous);
    EXPECT_EQ(anonymous.error().code(), ErrorCode::unauthenticated);
  }
}

// Every call of the three interfaces, and what it answers.
std::vector<ErrorCode> codes_of_every_call(TestNode& node) {
  std::vector<ErrorCode> codes;
  const auto note = [&](const auto& result) {
    codes.push_back(result ? ErrorCode::internal : result.error().code());
  };
  auto& documents = node.node.documents();
  auto& catalog = node.node.catalog();
  note(node.get("seen"));
  note(node.list());
  note(documents.count(node.caller, {}, {}));
  note(documents.write_attachment(node.caller, {}, {}));
  note(documents.read_attachment(node.caller, {}, {}, "seen", "x", {}, {},
                                 [](std::string_view) { return true; }));
  note(node.write({}));
  note(node.write_one(put_change("new", "{}")));
  note(node.read());
  note(node.node.feeds().position(node.caller, {}, {}));
  note(wait<Position>([&](auto done) { node.node.feeds().wait(node.caller, {}, {}, {}, std::move(done)); }));
  note(wait<std::vector<DatabaseDescription>>(
      [&](auto done) { catalog.databases(node.caller, {}, std::move(done)); }));
  note(wait<DatabaseDescription>(
      [&](auto done) { catalog.create_database(node.caller, {}, {.name = "new"}, {}, std::move(done)); }));
  note(wait<DatabaseDescription>(
      [&](auto done) { catalog.change_database(node.caller, {}, {.name = "main"}, {}, std::move(done)); }));
  note(wait<void>(
      [&](auto done) { catalog.remove_database(node.caller, {}, {.name = "new"}, std::move(done)); }));
  note(
      wait<DatabaseStatistics>([&](auto done) { catalog.statistics(node.caller, {}, {}, std::move(done)); }));
  note(wait<std::vector<CollectionDescription>>(
      [&](auto done) { catalog.collections(node.caller, {}, {}, std::move(done)); }));
  note(wait<CollectionDescription>([&](auto done) {
    catalog.create_collection(node.caller, {}, {.database = {}, .collection = "new"}, {}, std::move(done));
  }));
  note(wait<void>([&](auto done) {
    catalog.drop_collection(node.caller, {}, {.database = {}, .collection = "new"}, std::move(done));
  }));
  note(wait<NodeStatistics>([&](auto done) { catalog.node_statistics(node.caller, {}, std::move(done)); }));
  note(wait<void>([&](auto done) { catalog.backup(node.caller, {}, "somewhere", std::move(done)); }));
  note(wait<void>([&](auto done) {
    catalog.verify(
        node.caller, {}, [](const std::string&) {}, std::move(done));
  }));
  return codes;
}

TEST(Decide, NoCallIsOpenToWhoIsDenied) {
  TestNode node;
  node.put("seen", "{}");
  node.caller = Caller::anonymous();
  const auto codes = codes_of_every_call(node);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    EXPECT_EQ(codes[i], ErrorCode::unauthenticated) << "call " << i;
  }
  EXPECT_TRUE(node.catalog.backups.empty());
  EXPECT_EQ(node.shard()->position().sequence, 1U);
}

// Lets everybody do everything to documents that do not say "hidden".
Decision unless_hidden(const Caller&, Action, const Target&) {
  return Predicate(
      [](const Candidate& candidate) { return candidate.body.find("hidden") == std::string_view::npos; });
}

struct Filtered : ::testing::Test {
  Filtered() : node(authority) {
    // Past the engine, which would refuse the second.
    for (const char* text : {R"({"n":1})", R"({"hidden":true})", R"({"n":3})"}) {
      database::Edit edit;
      edit.id = "abc"[count++];
      edit.body = text;
      EXPECT_TRUE(node.shard()->write({edit}, {}));
    }
  }
  int count = 0;
  const testing::AuthorityOf authority{&unless_hidden};
  TestNode node;
};

TEST_F(Filtered, GetDoesNotFindWhatThePredicateHides) {
  EXPECT_TRUE(node.get("a"));
  const auto hidden = node.get("b");
  ASSERT_FALSE(hidden);
  // The same words as for a document that is not there.
  EXPECT_EQ(hidden.error().field(), node.get("z").error().field());
  EXPECT_EQ(hidden.error().code(), ErrorCode::not_found);
}

TEST_F(Filtered, ListCountAndFiguresLeaveItOut) {
  EXPECT_THAT(node.list().value(), ElementsAre("a", "c"));
  ListOptions options;
  options.limit = 2;
  EXPECT_THAT(node.list(options).value(), ElementsAre("a", "c"));
  EXPECT_EQ(node.node.documents().count(node.caller, {}, {}).value(), 2U);
  const auto figures = wait<DatabaseStatistics>([&](auto done) {
    static_cast<Catalog&>(node.node.catalog()).statistics(node.caller, {}, {}, std::move(done));
  });
  EXPECT_EQ(figures->counts.documents, 2U);
  EXPECT_EQ(figures->counts.bytes, 2 * std::string_view(R"({"n":1})").size());
}

TEST_F(Filtered, TheFeedLeavesItOut) {
  std::vector<std::string> ids;
  for (const auto& row : node.read().value().rows) ids.emplace_back(row.id);
  EXPECT_THAT(ids, ElementsAre("a", "c"));
}

// A losing revision's text goes when its branch grows, and then nobody can say whether it may be seen.
TEST_F(Filtered, TheFeedLeavesOutARevisionOfWhichNoTextIsKept) {
  node.put("a", R"({"n":4})");
  node.put("a", R"({"n":5})");
  for (const char* revision : {"1-00", "2-00"}) {
    Change losing;
    losing.kind = Change::Kind::replicate;
    losing.id = "a";
    losing.path = {document::Revision::parse(revision).value(), document::Revision::parse("1-00").value()};
    losing.path.resize(losing.path.front().generation);
    ASSERT_TRUE(node.write_one(std::move(losing)));
  }
  std::vector<Sequence> sequences;
  for (const auto& row : node.read().value().rows) sequences.push_back(row.sequence);
  EXPECT_THAT(sequences, ElementsAre(1U, 3U, 4U, 5U, 7U));
}

TEST_F(Filtered, WritesMayNeitherReplaceNorMakeIt) {
  auto replace = put_change("b", R"({"n":2})");
  replace.condition = Change::Condition::any;
  EXPECT_EQ(node.write_one(std::move(replace)).error().code(), ErrorCode::forbidden);
  Change remove;
  remove.kind = Change::Kind::remove;
  remove.condition = Change::Condition::any;
  remove.id = "b";
  EXPECT_EQ(node.write_one(std::move(remove)).error().code(), ErrorCode::forbidden);
  EXPECT_EQ(node.write_one(put_change("new", R"({"hidden":1})")).error().code(), ErrorCode::forbidden);

  const auto transform = [](const std::string& id, const std::string& to) {
    Change change;
    change.kind = Change::Kind::transform;
    change.id = id;
    change.transform = [to](std::string_view) -> Result<std::optional<Body>> {
      return std::optional(body(to));
    };
    return change;
  };
  EXPECT_EQ(node.write_one(transform("b", "{}")).error().code(), ErrorCode::forbidden);
  EXPECT_EQ(node.write_one(transform("a", R"({"hidden":1})")).error().code(), ErrorCode::forbidden);
  EXPECT_TRUE(node.write_one(transform("a", R"({"n":7})")));
  auto allowed = put_change("c", R"({"n":4})");
  allowed.condition = Change::Condition::any;
  EXPECT_TRUE(node.write_one(std::move(allowed)));
}

TEST_F(Filtered, AttachmentsOfItAreNotFound) {
  const auto read = node.node.documents().read_attachment(node.caller, {}, {}, "b", "x", {}, {},
                                                          [](std::string_view) { return true; });
  EXPECT_EQ(read.error().code(), ErrorCode::not_found);
  EXPECT_EQ(read.error().field(), "missing");
}

// Denies one collection.
Decision not_secrets(const Caller&, Action, const Target& target) {
  if (target.collection == "secrets") return Error(ErrorCode::forbidden, "no");
  return Predicate();
}

TEST(Decide, ACollectionThatIsDeniedIsSeenNowhere) {
  const testing::AuthorityOf authority(&not_secrets);
  TestNode node(authority);
  ASSERT_TRUE(node.shard()->create_collection("secrets"));
  database::Edit edit;
  edit.collection = node.shard()->collections().find("secrets")->id;
  edit.id = "s";
  ASSERT_TRUE(node.shard()->write({edit}, {}));
  node.put("open", "{}");

  EXPECT_EQ(node.get("s", {}, "secrets").error().code(), ErrorCode::forbidden);
  EXPECT_EQ(node.list({}, "secrets").error().code(), ErrorCode::forbidden);
  const auto page = node.read().value();
  ASSERT_EQ(page.rows.size(), 1U);
  EXPECT_EQ(page.rows.front().id, "open");
  FeedOptions only;
  only.collection = "secrets";
  EXPECT_EQ(node.read({}, only).error().code(), ErrorCode::forbidden);
  const auto seen = wait<std::vector<CollectionDescription>>([&](auto done) {
    static_cast<Catalog&>(node.node.catalog()).collections(node.caller, {}, {}, std::move(done));
  });
  ASSERT_EQ(seen->size(), 1U);
  EXPECT_EQ(seen->front().name, "_default");
}

}  // namespace
}  // namespace quire::engine
