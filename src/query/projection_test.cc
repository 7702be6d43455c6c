#include "query/projection.h"

#include <gtest/gtest.h>

namespace quire::query {
namespace {

std::string project(std::string_view projection, std::string_view body, std::string_view id = "x") {
  auto parsed = Projection::parse(projection);
  if (!parsed) return parsed.error().to_string();
  document::Arena scratch;
  std::string out;
  EXPECT_TRUE(parsed->append(id, body, scratch, out));
  return out;
}

constexpr std::string_view kBody =
    R"({"n":1.50,"a":{"b":1,"c":"\u0041"},"l":[{"b":1,"c":2},5,[{"b":3}]],"t":[1,2,3,4]})";

TEST(Projection, AnswersAllWhereNothingIsSaid) {
  EXPECT_EQ(project("", R"({"a":1})"), R"({"_id":"x","a":1})");
  EXPECT_EQ(project("{}", "{}"), R"({"_id":"x"})");
}

TEST(Projection, AnswersWhatIsNamedByteForByte) {
  EXPECT_EQ(project(R"({"n":1})", kBody), R"({"_id":"x","n":1.50})");
  EXPECT_EQ(project(R"({"a.c":true,"_id":0})", kBody), R"({"a":{"c":"\u0041"}})");
  EXPECT_EQ(project(R"({"a":{"c":1},"_id":0})", kBody), R"({"a":{"c":"\u0041"}})");
  EXPECT_EQ(project(R"({"_id":1})", kBody), R"({"_id":"x"})");
  // Into arrays; what cannot be gone into is left out.
  EXPECT_EQ(project(R"({"l.b":1,"_id":0})", kBody), R"({"l":[{"b":1},[{"b":3}]]})");
  EXPECT_EQ(project(R"({"n.b":1,"_id":0})", kBody), "{}");
}

TEST(Projection, LeavesOutWhatIsNamed) {
  EXPECT_EQ(project(R"({"l":0,"t":0,"a":0})", kBody), R"({"_id":"x","n":1.50})");
  EXPECT_EQ(project(R"({"_id":0})", R"({"a":1})"), R"({"a":1})");
  EXPECT_EQ(project(R"({"a":0,"n":0,"t":0,"l.b":0})", kBody), R"({"_id":"x","l":[{"c":2},5,[{}]]})");
}

TEST(Projection, TakesSlices) {
  const auto slice = [](const std::string& what) {
    return project(R"({"_id":0,"a":1,"t":{"$slice":)" + what + "}}", R"({"t":[1,2,3,4]})");
  };
  EXPECT_EQ(slice(R"({"$numberLong":"2"})"), R"({"t":[1,2]})");
  EXPECT_EQ(slice("2"), R"({"t":[1,2]})");
  EXPECT_EQ(slice("-3"), R"({"t":[2,3,4]})");
  EXPECT_EQ(slice("-9"), R"({"t":[1,2,3,4]})");
  EXPECT_EQ(slice("0"), R"({"t":[]})");
  EXPECT_EQ(slice("[1,2]"), R"({"t":[2,3]})");
  EXPECT_EQ(slice("[-2,1]"), R"({"t":[3]})");
  EXPECT_EQ(slice("[9,1]"), R"({"t":[]})");
  EXPECT_EQ(slice("[1,9223372036854775807]"), R"({"t":[2,3,4]})");
  EXPECT_EQ(slice("-9223372036854775808"), R"({"t":[1,2,3,4]})");
  // Alone it leaves the rest.
  EXPECT_EQ(project(R"({"t":{"$slice":1}})", R"({"n":1,"t":[1,2]})"), R"({"_id":"x","n":1,"t":[1]})");
}

TEST(Projection, TakesTheFirstElementThatMatches) {
  EXPECT_EQ(project(R"({"t":{"$elemMatch":{"$gt":2}}})", kBody), R"({"_id":"x","t":[3]})");
  EXPECT_EQ(project(R"({"l":{"$elemMatch":{"c":2}},"_id":0})", kBody), R"({"l":[{"b":1,"c":2}]})");
  EXPECT_EQ(project(R"({"t":{"$elemMatch":{"$gt":9}}})", kBody), R"({"_id":"x"})");
  EXPECT_EQ(project(R"({"n":{"$elemMatch":{"$gt":0}}})", kBody), R"({"_id":"x"})");
}

TEST(Projection, SaysWhatIsWrongAndWhere) {
  const auto field = [](std::string_view json) { return Projection::parse(json).error().field(); };
  EXPECT_EQ(field(R"({"a":1,"b":0})"), "b");
  EXPECT_EQ(field(R"({"a":1,"a.b":1})"), "a.b");
  EXPECT_EQ(field(R"({"a.b":1,"a":1})"), "a");
  EXPECT_EQ(field(R"({"a":"yes"})"), "a");
  EXPECT_EQ(field(R"({"a":{"$meta":1}})"), "a.$meta");
  EXPECT_EQ(field(R"({"a":{"$slice":"1"}})"), "a.$slice");
  EXPECT_EQ(field(R"({"a":{"$slice":[1,0]}})"), "a.$slice");
  EXPECT_EQ(field(R"({"a":{"$elemMatch":{"b":{"$no":1}}}})"), "a.$elemMatch.b.$no");
  EXPECT_EQ(field(R"({"a.b":{"$elemMatch":{"$gt":1}}})"), "a.b");
  EXPECT_EQ(field(R"({"a.":1})"), "a.");
  EXPECT_EQ(field(R"({"_id":"x"})"), "_id");
}

}  // namespace
}  // namespace quire::query
