#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <regex>

#include "api/testing/couch.h"

// Mango.

namespace quire::api::couch {
namespace {

using testing::Answer;
using testing::Couch;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST_F(Couch, MangoFindsPicksAndSorts) {
  for (int i = 0; i < 30; ++i) {
    written("d" + std::to_string(i),
            R"({"n":)" + std::to_string(i) + R"(,"o":{"k":)" + std::to_string(i % 3) + "}}");
  }
  written("none", "{}");
  const auto count = [](const std::string& text) {
    std::size_t found = 0;
    for (std::size_t at = text.find("\"_id\""); at != std::string::npos; at = text.find("\"_id\"", at + 1))
      ++found;
    return found;
  };
  const Answer page = post("/_find", R"({"selector":{"n":{"$gt":null}}})");
  EXPECT_EQ(page.status, 200U) << page.body;
  EXPECT_EQ(count(page.body), 25U) << "the usual limit";
  EXPECT_THAT(page.body, HasSubstr("\"warning\":\"No matching index"));
  std::smatch mark;
  const std::regex bookmark(R"re("bookmark":"([^"]*)")re");
  ASSERT_TRUE(std::regex_search(page.body, mark, bookmark));
  const Answer rest =
      post("/_find", R"({"selector":{"n":{"$gt":null}},"bookmark":")" + mark[1].str() + "\"}");
  EXPECT_EQ(count(rest.body), 5U) << rest.body;
  EXPECT_EQ(count(post("/_find", R"({"selector":{"o":{"k":1}}})").body), 10U) << "an object is a path";
  EXPECT_EQ(count(post("/_find", R"({"selector":{"o":{"$eq":{"k":1}}}})").body), 10U)
      << "and a literal in $eq";
  EXPECT_EQ(count(post("/_find", R"({"selector":{"n":{"$ne":5}},"limit":100})").body), 29U);
  EXPECT_EQ(count(post("/_find", R"({"selector":{"n":{"$or":[{"$eq":1},{"$eq":2}]}}})").body), 2U);
  EXPECT_THAT(post("/_find", R"({"selector":{"n":7},"fields":["_id","o.k"]})").body,
              HasSubstr(R"({"_id":"d7","o":{"k":1}})"));
  const auto refused = [&](const std::string& body, const std::string& word) {
    const Answer answer = post("/_find", body);
    EXPECT_EQ(answer.status, 400U) << body;
    EXPECT_THAT(answer.body, StartsWith(R"({"error":")" + word + "\"")) << body;
  };
  refused("{}", "missing_required_key");
  refused(R"({"selector":{"n":{"$x":1}}})", "invalid_operator");
  refused(R"({"selector":[]})", "invalid_selector_json");
  refused(R"({"selector":{},"sort":5})", "invalid_sort_json");
  refused(R"({"selector":{},"sort":["n"]})", "no_usable_index");
  refused(R"({"selector":{},"bookmark":"x"})", "invalid_bookmark");
  refused(R"({"selector":{},"bookmark":"dropped/x"})", "invalid_bookmark");
  refused(R"({"selector":{},"bookmark":5})", "invalid_bookmark");
  EXPECT_EQ(post("/_find", R"({"selector":{"n":7},"bookmark":"nil"})").status, 200U);
  const Answer made = post("/_index", R"({"index":{"fields":["n"]},"ddoc":"dd","name":"by-n"})");
  EXPECT_EQ(made.body, R"({"result":"created","id":"_design/dd","name":"by-n"})");
  EXPECT_THAT(get("/_index").body, HasSubstr(R"("indexes":[{"ddoc":null,"name":"_all_docs")"));
  EXPECT_THAT(get("/_index").body, HasSubstr(R"({"ddoc":"_design/dd","name":"by-n","type":"json")"));
  Answer sorted;
  for (int i = 0; i < 200 && sorted.status != 200; ++i) {
    sorted = post("/_find", R"({"selector":{"n":{"$gte":0}},"sort":[{"n":"desc"}],"limit":1})");
    if (sorted.status != 200) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_THAT(sorted.body, HasSubstr(R"("_id":"d29")"));
  EXPECT_THAT(sorted.body, Not(HasSubstr("warning")));
  EXPECT_EQ(remove("/_index/dd/json/by-n").status, 200U);
}

}  // namespace
}  // namespace quire::api::couch
