#include "api/couch/bulk_in.h"

#include <gtest/gtest.h>

#include "api/couch/error.h"
#include "api/tuning.h"

namespace quire::api::couch {
namespace {

std::string documents(std::size_t count) {
  std::string body = R"({"docs":[)";
  for (std::size_t i = 0; i < count; ++i) body += i == 0 ? R"({"id":"a"})" : R"(,{"id":"a"})";
  return body + "]}";
}

TEST(BulkInTest, AListOfAsManyRevisionsAsMayBeIsTakenAndALongerOneIsTooLarge) {
  const auto all = parse_wanted(documents(tuning::kBulkDocuments));
  ASSERT_TRUE(all.has_value());
  EXPECT_EQ(all->size(), tuning::kBulkDocuments);
  const auto more = parse_wanted(documents(tuning::kBulkDocuments + 1));
  ASSERT_FALSE(more.has_value());
  EXPECT_EQ(more.error().code(), ErrorCode::too_large);
  EXPECT_EQ(more.error().limit(), tuning::kBulkDocuments);
}

TEST(BulkInTest, ARevisionThatIsNoneIsARowOfItsOwn) {
  const auto all = parse_wanted(R"({"docs":[{"id":"a","rev":"1-x"},{"id":"b","rev":"x"},{"id":"c"}]})");
  ASSERT_TRUE(all.has_value());
  ASSERT_EQ(all->size(), 3U);
  EXPECT_EQ((*all)[0].revision->to_string(), "1-x");
  EXPECT_FALSE((*all)[1].revision.has_value());
  EXPECT_TRUE((*all)[1].bad.has_value());
  EXPECT_EQ((*all)[1].revision_text, "x");
  EXPECT_FALSE((*all)[2].revision.has_value());
  EXPECT_FALSE((*all)[2].bad.has_value());
}

TEST(BulkInTest, RevisionsAreAskedAboutByDocumentAndARevisionThatIsNoneFailsTheQuestion) {
  const auto all = parse_asked(R"({"a":["1-x","2-y"],"b":[]})");
  ASSERT_TRUE(all.has_value());
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ((*all)[0].id, "a");
  ASSERT_EQ((*all)[0].revisions.size(), 2U);
  EXPECT_EQ((*all)[0].revisions[1].to_string(), "2-y");
  for (const char* const body : {R"({"a":["x"]})", R"({"a":[1]})", R"({"a":"1-x"})", R"([])", "{"}) {
    const auto refused = parse_asked(body);
    ASSERT_FALSE(refused.has_value()) << body;
    EXPECT_EQ(words_of(refused.error()).error, "bad_request") << body;
  }
}

TEST(BulkInTest, EditsAreNewUnlessTheBodySaysOtherwise) {
  EXPECT_TRUE(parse_new_edits(R"({"docs":[]})").value());
  EXPECT_TRUE(parse_new_edits(R"({"new_edits":true})").value());
  EXPECT_FALSE(parse_new_edits(R"({"new_edits":false})").value());
  EXPECT_FALSE(parse_new_edits(R"({"new_edits":0})").has_value());
}

}  // namespace
}  // namespace quire::api::couch
