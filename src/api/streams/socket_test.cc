#include "api/streams/socket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "api/testing/stream_client.h"

namespace quire::api::streams {
namespace {

using testing::Client;
using ::testing::HasSubstr;
using testing::kStarted;
using testing::TestApi;
using testing::text_in;

TEST(Sockets, EndWithTheKey) {
  TestApi api;
  api.add_user("ann");
  EXPECT_EQ(api.put("/v1/databases/main/grants/ann", R"({"right":"read"})").status, 200U);
  const auto made = api.post("/v1/keys", R"({"user":"ann"})");
  const std::string key = text_in(made.body, "key");
  Client watching(api, "/changes", key);
  Client idle(api, "/changes", key);
  Client asking(api, "/db", key);
  EXPECT_EQ(watching.ask("{}"), kStarted);
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(api.remove("/v1/keys/" + text_in(made.body, "id") + "?user=ann").status, 200U);
  for (Client* client : {&watching, &idle, &asking}) {
    EXPECT_EQ(client->socket().wait_for_close(), close_code::kNotAllowed);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(10));
}

TEST(Sockets, OfOneAccountHaveABound) {
  Options options;
  options.feeds_each = 2;
  TestApi api(options);
  const std::string key = api.add_user("ann");
  // Each is open when it has answered.
  Client first(api, "/changes", key);
  EXPECT_THAT(first.ask(R"({"action":"no"})"), HasSubstr("action"));
  {
    Client second(api, "/changes", key);
    EXPECT_THAT(second.ask(R"({"action":"no"})"), HasSubstr("action"));
    Client third(api, "/changes", key);
    EXPECT_THAT(third.next(), HasSubstr(R"("code":"exhausted")"));
    EXPECT_EQ(third.socket().wait_for_close(), net::websocket_code::kPolicy);
  }
  Client again(api, "/db", key);
  EXPECT_THAT(again.ask(R"({"action":"no"})"), HasSubstr("action"));
}

TEST(Sockets, EndWithTheServer) {
  TestApi api;
  Client client(api, "/changes");
  EXPECT_EQ(client.ask("{}"), kStarted);
  api.api->end_feeds();
  EXPECT_EQ(client.socket().wait_for_close(), net::websocket_code::kGoingAway);
  // Nobody is told that there are too many.
  Client late(api, "/changes");
  EXPECT_EQ(late.socket().wait_for_close(), net::websocket_code::kGoingAway);
  EXPECT_TRUE(late.socket().messages().empty());
}

TEST(Sockets, OfPagesOfOthersAreRefused) {
  Options options;
  options.origins = {"https://app.example"};
  TestApi api(options);
  const auto status = [&](std::vector<std::pair<std::string, std::string>> fields) {
    const auto exchange = api.begin(testing::websocket_request("/changes", std::move(fields)));
    EXPECT_TRUE(exchange->wait());
    if (const auto socket = exchange->socket()) socket->end();
    return exchange->answer().status;
  };
  EXPECT_EQ(status({}), 101U);
  EXPECT_EQ(status({{"Origin", "https://evil.example"}}), 403U);
  EXPECT_EQ(status({{"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "cross-site"}}), 403U);
  EXPECT_EQ(status({{"Origin", "null"}}), 403U);
  EXPECT_EQ(status({{"Origin", "https://app.example.evil.example"}}), 403U);
  EXPECT_EQ(status({{"Origin", "http://app.example"}}), 403U);
  EXPECT_EQ(status({{"Origin", "https://app.example"}}), 101U);
  EXPECT_EQ(status({{"Origin", "https://app.example"}, {"Sec-Fetch-Site", "cross-site"}}), 101U);
}

}  // namespace
}  // namespace quire::api::streams
