#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/testing/test_api.h"

namespace quire::api::rest {
namespace {

using ::testing::AllOf;
using testing::Answer;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using testing::TestApi;
using testing::things;

const std::string kChanges = "/v1/databases/main/changes";

std::string next_of(const Answer& answer) {
  const std::size_t at = answer.body.find(R"("next":")") + 8;
  return answer.body.substr(at, answer.body.find('"', at) - at);
}
std::size_t changes_in(const std::string& body) {
  std::size_t count = 0;
  for (std::size_t at = body.find(R"({"position":)"); at != std::string::npos;
       at = body.find(R"({"position":)", at + 1)) {
    ++count;
  }
  return count;
}

TEST(Changes, OfOneAccountHaveABound) {
  Options options;
  options.feeds_each = 2;
  TestApi api(options);
  const std::string key = api.add_user("ann");
  const std::string other = api.add_user("bob");
  EXPECT_EQ(api.patch("/v1/databases/main", R"({"public":"read"})").status, 200U);
  const std::string since = next_of(api.get(kChanges));
  const auto follow = [&](const std::string& by, const std::string& feed) {
    return api.begin({.target = kChanges + "?feed=" + feed + "&since=" + since + "&timeout=50000",
                      .fields = {{"Authorization", "Bearer " + by}}});
  };
  const auto stream = follow(key, "events");
  const auto poll = follow(key, "longpoll");
  const auto third = follow(key, "events");
  ASSERT_TRUE(third->wait());
  EXPECT_EQ(third->answer().status, 429U);
  EXPECT_EQ(third->answer().field("Retry-After"), "5");
  EXPECT_THAT(third->answer().body, HasSubstr(R"("limit":2)"));
  const auto of_another = follow(other, "events");
  EXPECT_TRUE(of_another->wait_for("retry: 1000")) << "one account's feeds are not another's";
  // What has ended leaves its place.
  EXPECT_EQ(api.put(things("/a"), "{}").status, 201U);
  ASSERT_TRUE(poll->wait());
  const auto again = follow(key, "events");
  EXPECT_TRUE(again->wait_for("retry: 1000"));
  api.api->end_feeds();
  for (const auto& feed : {stream, of_another, again}) EXPECT_TRUE(feed->wait());
}

TEST(Changes, AreReadInPages) {
  TestApi api;
  for (const std::string id : {"a", "b", "c"}) api.put(things("/" + id), R"({"n":1})");
  api.remove(things("/a"));
  const Answer all = api.get(kChanges + "?collection=things&documents=true");
  EXPECT_EQ(all.status, 200U);
  EXPECT_THAT(all.body,
              AllOf(HasSubstr(R"("operation":"insert","collection":"things","id":"b","revision":"1-)"),
                    HasSubstr(R"("operation":"remove")"), HasSubstr(R"("deleted":true)"),
                    HasSubstr(R"("document":{"n":1})"), HasSubstr(R"("more":false})")));
  const Answer first = api.get(kChanges + "?limit=2");
  EXPECT_EQ(changes_in(first.body), 2U);
  EXPECT_THAT(first.body, HasSubstr(R"("more":true})"));
  const Answer rest = api.get(kChanges + "?since=" + next_of(first));
  EXPECT_EQ(changes_in(rest.body), changes_in(all.body) - 2);
  EXPECT_EQ(next_of(rest), next_of(all));
  const Answer now = api.get(kChanges + "?since=now");
  EXPECT_EQ(changes_in(now.body), 0U);
  EXPECT_EQ(next_of(now), next_of(all));
  EXPECT_EQ(changes_in(api.get(kChanges + "?current=true&collection=things").body), 3U + 1U);
}

TEST(Changes, AreFiltered) {
  TestApi api;
  api.put(things("/a"), R"({"n":1})");
  api.put(things("/b"), R"({"n":2})");
  api.put(things("/c"), R"({"n":2})");
  api.remove(things("/c"));
  const Answer answer = api.get(kChanges + "?collection=things&filter=%7B%22n%22%3A1%7D");
  EXPECT_THAT(answer.body, AllOf(HasSubstr(R"("id":"a")"), Not(HasSubstr(R"("id":"b")")),
                                 HasSubstr(R"("operation":"remove")"), Not(HasSubstr(R"("document")"))));
}

TEST(Changes, FaultsOfTheRequest) {
  TestApi api;
  for (const std::string query : {"?since=x", "?feed=fast", "?filter=%7B", "?filter=%7B%22%24no%22%3A1%7D",
                                  "?limit=1001", "?limit=0", "?timeout=60000", "?since=1-1&since=2-1"}) {
    const Answer answer = api.get(kChanges + query);
    EXPECT_EQ(answer.status, 400U) << query;
    EXPECT_THAT(answer.body, HasSubstr(R"("field":")")) << query;
  }
  EXPECT_THAT(api.get(kChanges + "?filter=%7B%22%24no%22%3A1%7D").body, HasSubstr(R"("field":"filter.$no")"));
  EXPECT_EQ(api.get(kChanges + "?collection=none").status, 404U);
  EXPECT_EQ(api.get("/v1/databases/none/changes?feed=events").status, 404U);
  EXPECT_EQ(api.get("/v1/databases/none/changes?feed=longpoll").status, 404U);
  const Answer lost = api.get(kChanges + "?since=1-77");
  EXPECT_EQ(lost.status, 409U);
  EXPECT_THAT(lost.body, HasSubstr(R"("error":"history_lost")"));
}

TEST(LongPoll, AnswersAtOnceWhatIsThere) {
  TestApi api;
  api.put(things("/a"), "{}");
  EXPECT_GE(changes_in(api.get(kChanges + "?feed=longpoll").body), 1U);
}

TEST(LongPoll, WaitsForTheFirstChange) {
  TestApi api;
  api.put(things("/a"), "{}");
  const std::string since = kChanges + "?feed=longpoll&since=" + next_of(api.get(kChanges));
  const auto poll = api.begin({.target = since + "&documents=true"});
  const auto filtered = api.begin({.target = since + "&filter=%7B%22n%22%3A2%7D"});
  while (api.get("/v1/status").body.find(R"("feeds":2)") == std::string::npos) {
  }
  api.put(things("/b"), R"({"n":1})");
  ASSERT_TRUE(poll->wait());
  EXPECT_EQ(poll->answer().status, 200U);
  EXPECT_THAT(poll->answer().body, HasSubstr(R"("document":{"n":1})"));
  EXPECT_FALSE(filtered->ended());
  api.put(things("/c"), R"({"n":2})");
  ASSERT_TRUE(filtered->wait());
  EXPECT_EQ(changes_in(filtered->answer().body), 1U);
}

TEST(LongPoll, EndsEmptyWhenItsTimeIsOver) {
  TestApi api;
  api.put(things("/a"), "{}");
  const Answer answer = api.get(kChanges + "?feed=longpoll&since=now&timeout=10");
  EXPECT_EQ(answer.status, 200U);
  EXPECT_THAT(answer.body, StartsWith(R"({"changes":[],"next":")"));
}

TEST(LongPoll, EndsWithTheServer) {
  TestApi api;
  api.put(things("/a"), "{}");
  const auto poll = api.begin({.target = kChanges + "?feed=longpoll&since=now"});
  while (api.get("/v1/status").body.find(R"("feeds":1)") == std::string::npos) {
  }
  api.api->end_feeds();
  ASSERT_TRUE(poll->wait());
  EXPECT_EQ(poll->answer().status, 200U);
  EXPECT_EQ(api.get(kChanges + "?feed=longpoll").status, 503U) << "and no other begins";
}

class Events : public ::testing::Test {
 protected:
  std::shared_ptr<testing::FakeExchange> follow(
      const std::string& query = "", std::vector<std::pair<std::string, std::string>> fields = {}) {
    return api_.begin({.target = kChanges + "?feed=events" + query, .fields = std::move(fields)});
  }
  TestApi api_;
};

TEST_F(Events, FollowWithPositionsAsIds) {
  api_.put(things("/a"), R"({"n":1})");
  const auto feed = follow("&documents=true&collection=things");
  ASSERT_TRUE(feed->wait_for(R"("id":"a")"));
  const Answer begun = feed->answer();
  EXPECT_EQ(begun.content_type, "text/event-stream");
  EXPECT_THAT(begun.body, AllOf(StartsWith("retry: 1000\nid: 0\n\n"), HasSubstr("\nevent: change\ndata: {"),
                                HasSubstr(R"("document":{"n":1}})"
                                          "\n\n")));
  api_.put(things("/b"), R"({"n":2})");
  ASSERT_TRUE(feed->wait_for(R"("id":"b")"));
  EXPECT_FALSE(feed->ended());
  feed->leave();
  ASSERT_TRUE(feed->wait());
}

TEST_F(Events, GoOnBehindTheLastId) {
  api_.put(things("/a"), "{}");
  const std::string next = next_of(api_.get(kChanges));
  api_.put(things("/b"), "{}");
  const auto feed = follow("&since=0", {{"Last-Event-ID", next}});
  ASSERT_TRUE(feed->wait_for(R"("id":"b")"));
  EXPECT_THAT(feed->answer().body, Not(HasSubstr(R"("id":"a")")));
  feed->leave();
  ASSERT_TRUE(feed->wait());
}

TEST_F(Events, ShowSignsOfLifeAndHowFarTheyHaveCome) {
  api_.put(things("/a"), "{}");
  const std::string next = next_of(api_.get(kChanges));
  const auto feed = follow("&heartbeat=1&filter=%7B%22n%22%3A7%7D&collection=things");
  ASSERT_TRUE(feed->wait_for("\n\nid: " + next + "\n\n"));
  EXPECT_THAT(feed->answer().body, Not(HasSubstr(R"("id":"a")")));
  feed->leave();
  ASSERT_TRUE(feed->wait());
}

TEST_F(Events, TellWhereTheHistoryIsLostAndBeginAgain) {
  api_.put(things("/a"), R"({"n":1})");
  api_.put(things("/a"), R"({"n":2})");
  const auto feed = follow("&since=1-77&documents=true");
  ASSERT_TRUE(feed->wait_for(R"("document":{"n":2})"));
  EXPECT_THAT(feed->answer().body,
              AllOf(HasSubstr("\nid: 0\nevent: reset\ndata: {\"error\":\"history_lost\""),
                    Not(HasSubstr(R"("document":{"n":1})"))))
      << "each document as it is now";
  feed->leave();
  ASSERT_TRUE(feed->wait());
}

TEST_F(Events, WaitForASlowClientWithoutLosingAnything) {
  const auto feed = std::make_shared<testing::FakeExchange>(
      testing::Request{.target = kChanges + "?feed=events&collection=things&since=0&documents=true",
                       .fields = {{"Authorization", "Bearer " + api_.admin_key}}});
  feed->stop_reading_after(1);
  for (int i = 0; i < 2500; ++i) {
    // The last one is synced, and with it all: a follower sees no change before that.
    const std::string how = i == 2499 ? "" : "?durability=memory";
    ASSERT_EQ(api_.put(things("/" + std::to_string(i) + how), R"({"n":1})").status, 201U);
  }
  api_.start(*feed);
  ASSERT_TRUE(feed->wait_for(R"("id":"0")"));
  EXPECT_FALSE(feed->ended());
  EXPECT_LT(changes_in(feed->answer().body), 1100U) << "no page is read before there is room";
  feed->take_all();
  ASSERT_TRUE(feed->wait_for(R"("id":"2499")"));
  EXPECT_EQ(changes_in(feed->answer().body), 2501U) << "the collection's making is one";
  feed->leave();
  ASSERT_TRUE(feed->wait());
}

TEST_F(Events, EndWithTheServer) {
  api_.put(things("/a"), "{}");
  const auto feed = follow();
  ASSERT_TRUE(feed->wait_for(R"("id":"a")"));
  api_.api->end_feeds();
  ASSERT_TRUE(feed->wait());
  EXPECT_FALSE(feed->answer().aborted);
  EXPECT_EQ(follow()->answer().status, 503U);
}

}  // namespace
}  // namespace quire::api::rest
