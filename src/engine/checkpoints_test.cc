#include "engine/checkpoints.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/testing/test_node.h"

namespace quire::engine {
namespace {

using testing::body;
using ::testing::ElementsAre;
using testing::TestNode;

TEST(Checkpoints, RevisionsArePrintedAndRead) {
  EXPECT_EQ(checkpoint_revision(12), "0-12");
  EXPECT_EQ(parse_checkpoint_revision("0-12").value(), 12U);
  EXPECT_EQ(parse_checkpoint_revision("0-0").value(), 0U);
  for (const char* const bad :
       {"", "0", "0-", "1-2", "0-x", "0-01", "0--1", "0-+1", "0-1 ", "0-99999999999999999999"})
    EXPECT_EQ(parse_checkpoint_revision(bad).error().code(), ErrorCode::invalid) << bad;
}

TEST(Checkpoints, ArePutReadListedAndRemoved) {
  TestNode node;
  LocalCheckpoints& checkpoints = node.node.checkpoints();
  EXPECT_EQ(checkpoints.put(node.caller, {}, {}, "b", std::nullopt, body(R"({ "n" : 1.0 })")).value(), 1U);
  EXPECT_EQ(checkpoints.put(node.caller, {}, {}, "b", 1, body(R"({"n":2})")).value(), 2U);
  EXPECT_EQ(checkpoints.put(node.caller, {}, {}, "b", std::nullopt, body("{}")).error().code(),
            ErrorCode::conflict);
  EXPECT_EQ(checkpoints.put(node.caller, {}, {}, "a", std::nullopt, body(R"({ "n" : 1.0 })")).value(), 1U);
  EXPECT_EQ(checkpoints.get(node.caller, {}, {}, "a")->body, R"({"n":1.0})");
  std::vector<std::string> rows;
  ListOptions options;
  options.limit = 1;
  const auto end = checkpoints.list(node.caller, {}, {}, options, [&](const CheckpointRow& row) {
    rows.push_back(std::string(row.id) + " " + checkpoint_revision(row.revision));
    return true;
  });
  EXPECT_THAT(rows, ElementsAre("a 0-1"));
  EXPECT_TRUE(end->more);
  EXPECT_TRUE(checkpoints.remove(node.caller, {}, {}, "b", 2));
  EXPECT_EQ(checkpoints.get(node.caller, {}, {}, "b").error().field(), "missing");
}

TEST(Checkpoints, AreWrittenByWhoMayWrite) {
  const testing::AuthorityOf authority([](const Caller&, Action action, const Target&) -> Decision {
    if (action != Action::read) return Error(ErrorCode::forbidden, "no");
    return Predicate();
  });
  TestNode node(authority);
  LocalCheckpoints& checkpoints = node.node.checkpoints();
  EXPECT_EQ(checkpoints.put(node.caller, {}, {}, "a", std::nullopt, body("{}")).error().code(),
            ErrorCode::forbidden);
  EXPECT_EQ(checkpoints.remove(node.caller, {}, {}, "a", 1).error().code(), ErrorCode::forbidden);
  EXPECT_EQ(checkpoints.get(node.caller, {}, {}, "a").error().code(), ErrorCode::not_found);
}

}  // namespace
}  // namespace quire::engine
