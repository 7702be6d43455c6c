#include "api/query.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace quire::api {
namespace {

constexpr std::array kKnown{Parameter{"text", Parameter::Kind::text, ""},
                            Parameter{"flag", Parameter::Kind::flag, ""},
                            Parameter{"n", Parameter::Kind::number, ""}};

TEST(Query, GivesWhatIsKnownDecoded) {
  const auto query = Query::parse("text=a%20b+c%2B&flag=true&n=7", kKnown);
  ASSERT_TRUE(query);
  EXPECT_EQ(query->text("text"), "a b c+");
  EXPECT_TRUE(query->flag("flag"));
  EXPECT_EQ(*query->number("n", 1, 10), 7U);
  EXPECT_FALSE(Query::parse("", kKnown)->has("text"));
  EXPECT_EQ(*Query::parse("", kKnown)->number("n", 5, 10), 5U);
  EXPECT_EQ(Query::parse("n=11", kKnown)->number("n", 5, 10).error().limit(), 10U);
}

TEST(Query, RefusesTheRestWithItsName) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"other=1", "other"}, {"text=1&text=2", "text"},
      {"flag=yes", "flag"}, {"flag", "flag"},
      {"n=-1", "n"},        {"n=", "n"},
      {"n=1x", "n"},        {"n=99999999999999999999", "n"}};
  for (const auto& [text, field] : cases) {
    const auto query = Query::parse(text, kKnown);
    ASSERT_FALSE(query) << text;
    EXPECT_EQ(query.error().code(), ErrorCode::invalid) << text;
    EXPECT_EQ(query.error().field(), field) << text;
  }
  for (const std::string text : {"text=%", "text=%4", "text=%zz", "text=%ff", "%ff=1", "text=%c0%80"}) {
    EXPECT_EQ(Query::parse(text, kKnown).error().code(), ErrorCode::invalid) << text;
  }
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "a=1&";
  EXPECT_EQ(Query::parse(many, kKnown).error().code(), ErrorCode::too_large);
}

TEST(Query, WalksOverParametersAsTheyStand) {
  std::vector<std::string> seen;
  each_parameter("a=1&&b&=c&d=e=f&", [&](std::string_view name, std::string_view value) {
    seen.push_back(std::string(name) + ":" + std::string(value));
    return true;
  });
  EXPECT_EQ(seen, (std::vector<std::string>{"a:1", "b:", ":c", "d:e=f"}));
}

}  // namespace
}  // namespace quire::api
