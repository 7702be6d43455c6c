#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "api/testing/couch.h"

// Changes in pages, by long poll and without an end.

namespace quire::api::couch {
namespace {

using testing::Answer;
using testing::Couch;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST_F(Couch, ChangesComeInPagesThatSayWhatIsLeft) {
  for (const char* const id : {"a", "b", "c"}) written(id, "{}");
  const Answer two = get("/_changes?limit=2");
  EXPECT_THAT(two.body, HasSubstr(R"("pending":1)"));
  std::smatch last;
  const std::regex seq(R"("last_seq":(\d+))");
  ASSERT_TRUE(std::regex_search(two.body, last, seq)) << two.body;
  const Answer rest = get("/_changes?since=" + last[1].str());
  EXPECT_THAT(rest.body, HasSubstr(R"("id":"c")"));
  EXPECT_THAT(rest.body, Not(HasSubstr(R"("id":"b")")));
  EXPECT_THAT(rest.body, HasSubstr(R"("pending":0)"));
  EXPECT_THAT(get("/_changes?since=now").body, HasSubstr("\"results\":[\n\n]"));
  EXPECT_THAT(get("/_changes?limit=0").body, HasSubstr("\"results\":[\n\n]"));
  EXPECT_EQ(get("/_changes?last-event-id=" + last[1].str()).body, rest.body);
  EXPECT_THAT(get("/_changes?feed=live&limit=1").body, StartsWith("\n{\"seq\":"));
  EXPECT_EQ(get("/_changes?seq_interval=10").body, get("/_changes").body);
  EXPECT_THAT(get("/_changes?descending=true&limit=1").body, HasSubstr(R"("id":"c")"));
  EXPECT_THAT(post("/_changes?filter=_doc_ids", R"({"doc_ids":["b"]})").body, HasSubstr(R"("id":"b")"));
  EXPECT_THAT(post("/_changes?filter=_doc_ids", R"({"doc_ids":["b"]})").body, Not(HasSubstr(R"("id":"a")")));
  EXPECT_EQ(get("/_changes?filter=_doc_ids").status, 400U);
  EXPECT_EQ(get("/_changes?filter=design/function").status, 404U);
  EXPECT_EQ(get("/_changes?since=x").status, 400U);
  written("_design%2Fdesign", "{}");
  EXPECT_EQ(get("/_changes?filter=design/function").status, 501U);
  EXPECT_THAT(get("/_changes?filter=_design").body, HasSubstr(R"("id":"_design/design")"));
  // A sequence of another life of the database begins at the first change.
  EXPECT_THAT(get("/_changes?since=999999").body, HasSubstr(R"("id":"a")"));
}

TEST_F(Couch, ALongPollAnswersWithTheFirstChange) {
  const auto poll = api_.begin({.target = "/couch/db/_changes?feed=longpoll&since=now&heartbeat=5"});
  EXPECT_TRUE(poll->wait_for("{\"results\":["));
  EXPECT_TRUE(poll->wait_for("\n\n\n")) << "signs of life come";
  written("a", "{}");
  ASSERT_TRUE(poll->wait());
  EXPECT_TRUE(
      std::regex_search(poll->answer().body, std::regex(R"("id":"a".*\n\],"last_seq":\d+,"pending":0\}\n$)")))
      << poll->answer().body;
  const Answer none = get("/_changes?feed=longpoll&since=now&timeout=10");
  EXPECT_THAT(none.body, HasSubstr("\"last_seq\":"));
}

TEST_F(Couch, ContinuousFeedsGiveALineAChangeAndEndWithTheDatabase) {
  written("a", "{}");
  const auto lines =
      api_.begin({.target = "/couch/db/_changes?feed=continuous&include_docs=true&heartbeat=true"});
  EXPECT_TRUE(lines->wait_for("\"doc\":{\"_id\":\"a\""));
  const auto events = api_.begin({.target = "/couch/db/_changes?feed=eventsource&heartbeat=true"});
  EXPECT_TRUE(events->wait_for("data: {\"seq\":"));
  written("b", "{}");
  EXPECT_TRUE(lines->wait_for("\"id\":\"b\""));
  EXPECT_TRUE(events->wait_for("\"id\":\"b\""));
  EXPECT_EQ(remove("").status, 200U);
  EXPECT_TRUE(lines->wait());
  EXPECT_TRUE(events->wait());
}

}  // namespace
}  // namespace quire::api::couch
