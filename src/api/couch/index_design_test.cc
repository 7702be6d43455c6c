#include "api/couch/index_design.h"

#include <gtest/gtest.h>

namespace quire::api::couch {
namespace {

constexpr std::string_view kBody =
    R"({"language":"query","views":{"n":{"map":{"fields":{"a":"asc"},"partial_filter_selector":{}},)"
    R"("reduce":"_count","options":{"def":{"fields":["a"]}}}}})";

Result<std::string> with(std::string_view body, std::string_view name, std::string_view index) {
  document::Arena arena;
  return with_index(body, name, document::Value::parse(arena, index).value());
}

TEST(IndexDesign, ADocumentIsAsCouchDbWritesIt) {
  EXPECT_EQ(with({}, "n", R"({"fields":["a"]})").value(), kBody);
  EXPECT_EQ(with(kBody, "n", R"({"fields":["a"]})").value(), kBody) << "or the same index again would be new";
  EXPECT_EQ(
      with({}, "n", R"({"fields":[{"a":"desc"}],"partial_filter_selector":{"b":1}})").value(),
      R"({"language":"query","views":{"n":{"map":{"fields":{"a":"desc"},"partial_filter_selector":{"b":1}},)"
      R"("reduce":"_count","options":{"def":{"fields":[{"a":"desc"}],"partial_filter_selector":{"b":1}}}}}})");
}

TEST(IndexDesign, ADocumentHoldsSeveralAndLosesThemOneByOne) {
  const std::string two = with(kBody, "m", R"({"fields":["b"]})").value();
  const auto indexes = indexes_in("_design/dd", two);
  ASSERT_EQ(indexes.size(), 2U);
  EXPECT_EQ(indexes[0].name, "dd:n");
  EXPECT_EQ(indexes[0].definition.value(), R"({"keys":[{"a":1}]})");
  EXPECT_EQ(indexes[1].name, "dd:m");
  EXPECT_EQ(indexes_in("_design/n", kBody).at(0).name, "n");
  EXPECT_EQ(without_index(two, "x"), std::nullopt);
  EXPECT_EQ(without_index(two, "m"), std::string(kBody));
  EXPECT_EQ(without_index(kBody, "n"), std::string()) << "an empty document would stay";
  const std::string noted = R"({"note":1,"language":"query","views":{"n":{}}})";
  EXPECT_EQ(without_index(noted, "n"), R"({"note":1,"language":"query"})")
      << "what is not ours would be lost";
}

TEST(IndexDesign, WhatIsNoIndexIsPassedOver) {
  for (const std::string_view body :
       {R"({})", R"({"views":{"n":{"map":{"fields":{"a":"asc"}}}}})",
        R"({"language":"javascript","views":{"n":{"map":"function(doc) { emit(doc._id) }"}}})",
        R"({"language":"query"})", R"({"language":"query","views":[1]})",
        R"({"language":"query","views":{"a":1,"b":{"map":"x"},"c":{"map":{}},"d":{"map":{"fields":["a"]}}}})",
        R"({"language":"query","indexes":{"t":{"index":{"fields":"all_fields"}}}})"}) {
    EXPECT_TRUE(indexes_in("_design/dd", body).empty()) << body;
  }
  EXPECT_EQ(without_index(R"({"language":"javascript","views":{"n":{}}})", "n"), std::nullopt);
  EXPECT_FALSE(with(R"({"language":"javascript"})", "n", R"({"fields":["a"]})"));
  EXPECT_FALSE(with(R"({"views":{}})", "n", R"({"fields":["a"]})"));
  EXPECT_FALSE(indexes_in("_design/d", R"({"language":"query","views":{"n":{"map":{"fields":{"a":1}}}}})")
                   .at(0)
                   .definition);
}

}  // namespace
}  // namespace quire::api::couch
