#include "query/bounds.h"

#include <gtest/gtest.h>

namespace quire::query {
namespace {

std::string bounds(std::string_view condition) {
  const auto filter = document::Filter::parse(R"({"a":)" + std::string(condition) + "}").value();
  const auto& root = filter.root();
  const auto& node = root.op == document::FilterOperator::all_of ? root.children.at(0) : root;
  const auto found = bounds_of(node);
  return found ? found->bounds.print() : "none";
}

TEST(Bounds, OfPredicates) {
  EXPECT_EQ(bounds("5"), "5");
  EXPECT_EQ(bounds(R"({"$in":[3,1,1.0]})"), "1 3");
  EXPECT_EQ(bounds(R"({"$in":[]})"), "nothing");
  EXPECT_EQ(bounds(R"({"$gt":5})"), R"((5, {"$numberDouble":"Infinity"}])");
  EXPECT_EQ(bounds(R"({"$gte":"b"})"), R"(["b", strings])");
  EXPECT_EQ(bounds(R"({"$lte":true})"), "[false, true]");
  EXPECT_EQ(bounds(R"({"$gt":null})"), "nothing");
  EXPECT_EQ(bounds(R"({"$gte":null})"), "null");
  EXPECT_EQ(bounds(R"({"$exists":false})"), "null");
  EXPECT_EQ(bounds(R"({"$exists":true})"), "none");
  EXPECT_EQ(bounds(R"({"$ne":1})"), "none");
  EXPECT_EQ(bounds("[1,2]"), "1 [1,2]");
  EXPECT_EQ(bounds(R"({"$elemMatch":{"$gte":1,"$lt":3}})"), "[1, 3)");
}

TEST(Bounds, MeetAndCover) {
  const auto of = [](std::string low, std::string high) {
    return Bounds(std::vector<Interval>{{.low = {std::move(low), false}, .high = {std::move(high), false}}});
  };
  EXPECT_TRUE(of("b", "m").covers(of("c", "d")));
  EXPECT_FALSE(of("b", "m").covers(of("c", "n")));
  EXPECT_TRUE(of("b", "m").intersected(of("m", "z")).intervals().empty());
  EXPECT_EQ(of("b", "m").intersected(of("c", "z")).intervals().at(0).low.bytes, "c");
  EXPECT_TRUE(Bounds::everything().covers(of("a", "z")));
  EXPECT_FALSE(of("a", "z").covers(Bounds::everything()));
  // Behind all that begins with "a" is behind "ab" too.
  EXPECT_GT((Cut{"a", true}), (Cut{"ab", true}));
  EXPECT_LT((Cut{"a", false}), (Cut{"ab", false}));
  EXPECT_LT((Cut{"a", true}), (Cut{"b", false}));
}

TEST(Bounds, OfExpressionsThatBeginWithText) {
  EXPECT_EQ(literal_prefix("^abc", ""), "abc");
  EXPECT_EQ(literal_prefix("^abc*", ""), "ab");
  EXPECT_EQ(literal_prefix("^a\xC3\xA4?", ""), "a");
  EXPECT_EQ(literal_prefix("^ab.c", ""), "ab");
  EXPECT_EQ(literal_prefix("^ab\\.c", ""), "ab");
  EXPECT_EQ(literal_prefix("^abc|d", ""), "");
  EXPECT_EQ(literal_prefix("abc", ""), "");
  EXPECT_EQ(literal_prefix("^abc", "i"), "");
  EXPECT_EQ(literal_prefix("^abc", "m"), "");
  EXPECT_EQ(literal_prefix("^abc{0}", ""), "ab");
}

}  // namespace
}  // namespace quire::query
