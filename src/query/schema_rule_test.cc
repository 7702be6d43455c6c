#include "query/schema_rule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/manual_clock.h"
#include "base/testing/memory_log.h"

namespace quire::query {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kPerson =
    R"({"type":"object","required":["name"],"properties":{"age":{"type":"integer","maximum":150}}})";

std::string definition(std::string_view mode) {
  return R"({"schema":)" + std::string(kPerson) + R"(,"mode":")" + std::string(mode) + R"("})";
}

TEST(SchemaDefinition, ComesBackAsItIsStored) {
  const auto strict = SchemaDefinition::parse(R"({ "schema" : {"type":"object"} })");
  ASSERT_TRUE(strict);
  EXPECT_EQ(strict->print(), R"({"mode":"strict","schema":{"type":"object"}})");
  const auto again = SchemaDefinition::parse(strict->print());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->print(), strict->print());
  EXPECT_EQ(SchemaDefinition::parse(definition("warn"))->mode, SchemaMode::warn);
}

TEST(SchemaDefinition, WhatIsWrongIsNamed) {
  const auto field = [](std::string_view json) { return SchemaDefinition::parse(json).error().field(); };
  EXPECT_EQ(field(R"({})"), "schema");
  EXPECT_EQ(field(R"({"schema":{},"mode":"loose"})"), "mode");
  EXPECT_EQ(field(R"({"schema":{},"more":1})"), "more");
  EXPECT_EQ(field(R"({"schema":{"type":"strange"}})"), "schema/type");
}

class SchemaRuleTest : public ::testing::Test {
 protected:
  std::shared_ptr<const database::DocumentRule> make(std::string_view mode) {
    return rules_.make("people", definition(mode)).value();
  }

  ManualClock clock_;
  MemoryLog log_;
  SchemaRules rules_{clock_, &log_};
};

TEST_F(SchemaRuleTest, StrictRefusesAndSaysAllThatIsWrong) {
  const auto rule = make("strict");
  EXPECT_TRUE(rule->check("a", R"({"name":"Ada","age":36})"));
  const auto refused = rule->check("a", R"({"age":207})");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::invalid);
  EXPECT_THAT(std::string(refused.error().detail()), HasSubstr(R"("path":"age","rule":"maximum")"));
  EXPECT_THAT(std::string(refused.error().detail()), HasSubstr(R"("rule":"required")"));
  EXPECT_THAT(refused.error().to_string(), Not(HasSubstr("207")));
  EXPECT_THAT(std::string(refused.error().detail()), Not(HasSubstr("207")));
  EXPECT_EQ(rules_.figures().refused, 1U);
  EXPECT_EQ(rules_.figures().warned, 0U);
}

// They are CouchDB's, and stand in the collection that its surface shows: elsewhere the name means nothing.
TEST_F(SchemaRuleTest, DesignDocumentsOfTheDefaultCollectionAreLeftAlone) {
  const auto shown = rules_.make("_default", definition("strict")).value();
  EXPECT_TRUE(shown->check("_design/a", R"({"age":207})"));
  EXPECT_FALSE(shown->check("_design", R"({"age":207})"));
  EXPECT_FALSE(make("strict")->check("_design/a", R"({"age":207})"));
}

TEST_F(SchemaRuleTest, WarnTakesAndTellsOnceAMinute) {
  const auto rule = make("warn");
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(rule->check("a", R"({"age":207})"));
  EXPECT_EQ(log_.lines().size(), 1U);
  clock_.advance(std::chrono::seconds(61));
  EXPECT_TRUE(rule->check("a", R"({"age":207})"));
  ASSERT_EQ(log_.lines().size(), 2U);
  EXPECT_THAT(log_.lines().back(), HasSubstr("people"));
  EXPECT_THAT(log_.lines().back(), Not(HasSubstr("207")));
  EXPECT_EQ(static_cast<const SchemaRule&>(*rule).figures().warned, 6U);
  EXPECT_EQ(rules_.figures().warned, 6U);
}

}  // namespace
}  // namespace quire::query
