#include "query/index_definition.h"

#include <gtest/gtest.h>

#include "query/tuning.h"

namespace quire::query {
namespace {

std::string printed(std::string_view json) {
  const auto parsed = IndexDefinition::parse("i", json);
  return parsed ? parsed->print() : parsed.error().to_string();
}
std::string field(std::string_view json, std::string_view name = "i") {
  const auto parsed = IndexDefinition::parse(name, json);
  return parsed ? "taken" : parsed.error().field();
}

TEST(IndexDefinition, prints_equal_definitions_alike) {
  EXPECT_EQ(
      printed(R"( {"unique" : true, "keys": [ {"a.b": 1.0}, {"c": {"$numberInt":"-1"}} ], "sparse":false} )"),
      R"({"keys":[{"a.b":1},{"c":-1}],"unique":true})");
  EXPECT_EQ(printed(R"({"keys":[{"t":-1}],"expireAfterSeconds":3600})"),
            R"({"keys":[{"t":1}],"expireAfterSeconds":3600})");
  EXPECT_EQ(printed(R"({"keys":[{"a":1}],"partial":{"b":{"$gt":5},"a":1}})"),
            printed(R"({"partial":{"$and":[{"a":{"$eq":1}},{"b":{"$gt":5}}]},"keys":[{"a":1}]})"));
  EXPECT_EQ(printed(R"({"keys":[{"a":1}],"partial":{}})"), R"({"keys":[{"a":1}]})");
  EXPECT_EQ(printed(R"({"keys":[{"a":1}],"collation":{"locale":"simple"}})"), R"({"keys":[{"a":1}]})");
  for (const char* json : {R"({"keys":[{"a":1}],"collation":{"strength":2,"locale":"de"},"sparse":true})",
                           R"({"keys":[{"a.0.b":-1}],"partial":{"x":{"$in":[1,"a",null]}}})"}) {
    EXPECT_EQ(printed(printed(json)), printed(json)) << json;
  }
}

TEST(IndexDefinition, refuses_what_is_none_and_says_where) {
  EXPECT_EQ(field("{}"), "keys");
  EXPECT_EQ(field(R"({"keys":{}})"), "keys");
  EXPECT_EQ(field(R"({"keys":[]})"), "keys");
  EXPECT_EQ(field(R"({"keys":["a"]})"), "keys[0]");
  EXPECT_EQ(field(R"({"keys":[{"a":1},{"b":2}]})"), "keys[1]");
  EXPECT_EQ(field(R"({"keys":[{"a":1,"b":1}]})"), "keys[0]");
  EXPECT_EQ(field(R"({"keys":[{"a":1},{"a":-1}]})"), "keys[1]");
  EXPECT_EQ(field(R"({"keys":[{"":1}]})"), "keys[0]");
  EXPECT_EQ(field(R"({"keys":[{"a..b":1}]})"), "keys[0]");
  EXPECT_EQ(field(R"({"keys":[{"a.$b":1}]})"), "keys[0]");
  EXPECT_EQ(field(R"({"keys":[{"a":1}],"unique":1})"), "unique");
  EXPECT_EQ(field(R"({"keys":[{"a":1}],"sparse":"yes"})"), "sparse");
  EXPECT_EQ(field(R"({"keys":[{"a":1}],"partial":5})"), "partial");
  EXPECT_EQ(field(R"({"keys":[{"a":1}],"partial":{"a":{"$no":1}}})"), "partial.a.$no");
  EXPECT_EQ(field(R"({"keys":[{"a":1}],"sparse":true,"partial":{"b":1}})"), "sparse");
  EXPECT_EQ(field(R"({"keys":[{"a":1}],"expireAfterSeconds":-1})"), "expireAfterSeconds");
  EXPECT_EQ(field(R"({"keys":[{"a":1}],"expireAfterSeconds":1.5})"), "expireAfterSeconds");
  EXPECT_EQ(field(R"({"keys":[{"a":1},{"b":1}],"expireAfterSeconds":1})"), "expireAfterSeconds");
  EXPECT_EQ(field(R"({"keys":[{"_id":1}],"expireAfterSeconds":1})"), "expireAfterSeconds");
  EXPECT_EQ(field(R"({"keys":[{"a":1}],"collation":{"locale":"none"}})"), "collation.locale");
  EXPECT_EQ(field(R"({"keys":[{"a":1}],"else":1})"), "else");
  EXPECT_EQ(field(R"({"keys":[{"a":1}]})", ""), "name");
  EXPECT_EQ(field(R"({"keys":[{"a":1}]})", "$a"), "name");
  EXPECT_EQ(field(R"({"keys":[{"a":1}]})", "a\n"), "name");
  EXPECT_EQ(field(R"({"keys":[{"a":1}]})", std::string(129, 'a')), "name");
  std::string many = R"({"keys":[)";
  for (int i = 0; i < 17; ++i) many += (i == 0 ? "{\"p" : ",{\"p") + std::to_string(i) + "\":1}";
  EXPECT_EQ(field(many + "]}"), "keys");
  std::string deep = "a";
  for (std::size_t i = 0; i < tuning::kPathSteps; ++i) deep += ".a";
  EXPECT_EQ(field(R"({"keys":[{")" + deep + R"(":1}]})"), "keys[0]");
  EXPECT_FALSE(IndexDefinition::parse("i", "{\"keys\":[{\"a\":1}],\"partial\":{\"a\":\"" +
                                               std::string(tuning::kDefinitionBytes, 'x') + "\"}}"));
}

}  // namespace
}  // namespace quire::query
