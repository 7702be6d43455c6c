#include "api/api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/route.h"
#include "api/testing/test_api.h"

// What every request goes through before its handler: identity, pages of others, bodies, paths that are none.

namespace quire::api {
namespace {

using testing::Answer;
using testing::TestApi;
using testing::things;

TEST(Api, HealthNeedsNoIdentity) {
  TestApi api;
  api.as_admin = false;
  EXPECT_EQ(api.get("/healthz").body, R"({"status":"ok"})");
  const Answer answer = api.get("/v1/me");
  EXPECT_EQ(answer.status, 401U);
  EXPECT_EQ(answer.field("WWW-Authenticate"), "Bearer");
}

TEST(Api, AWrongTokenIsRefusedEvenWhereNoneIsNeeded) {
  Options options;
  options.open = true;
  TestApi api(options);
  api.as_admin = false;
  EXPECT_EQ(api.get("/v1/me").body,
            R"({"kind":"admin","may":["read","write","follow","describe","manage","administer"]})");
  for (const std::string& field :
       {std::string("Bearer mistaken"), std::string("Basic YTpi"), std::string("Bearer"), api.admin_key,
        std::string("Bearer  "), "Basic " + api.admin_key}) {
    const Answer answer = api.call({.target = "/v1/me", .fields = {{"Authorization", field}}});
    EXPECT_EQ(answer.status, 401U) << field;
    EXPECT_EQ(answer.body.find(api.admin_key), std::string::npos);
    EXPECT_EQ(answer.body.find("mistaken"), std::string::npos) << "a token is no business of an answer";
  }
  EXPECT_EQ(api.call({.target = "/v1/me", .fields = {{"Authorization", "bearer " + api.admin_key}}}).status,
            200U);
  EXPECT_EQ(api.as("mistaken", {.target = "/healthz"}).status, 401U);
  for (const auto& line : api.log.lines()) EXPECT_EQ(line.find("mistaken"), std::string::npos);
}

TEST(Api, WhoeverShowsNoIdentityIsNotReadOutFirst) {
  TestApi api;
  testing::FakeExchange large({.method = net::Method::put,
                               .target = things("/a"),
                               .body = std::string(1 << 20, ' '),
                               .fields = {{"Content-Type", "application/json"}}});
  const net::Plan plan = api.api->plan(large.request());
  EXPECT_EQ(plan.body, net::Plan::Body::streamed) << "it is answered without its body";
  testing::FakeExchange small({.method = net::Method::put, .target = things("/a"), .body = "{}"});
  EXPECT_EQ(api.api->plan(small.request()).body, net::Plan::Body::buffered);
  EXPECT_LE(api.api->plan(small.request()).body_limit, 4096U);
}

TEST(Api, PagesOfOthersMayNotDoHarm) {
  TestApi api;
  const auto with = [&](std::vector<std::pair<std::string, std::string>> fields, std::string target) {
    fields.emplace_back("Host", "localhost:8800");
    return api.call({.target = std::move(target), .fields = std::move(fields)}).status;
  };
  const std::string set = "/kv/set?k=a&v=b";
  EXPECT_EQ(with({}, set), 200U);
  EXPECT_EQ(with({{"Sec-Fetch-Site", "none"}}, set), 200U);
  EXPECT_EQ(with({{"Sec-Fetch-Site", "same-origin"}}, set), 200U);
  EXPECT_EQ(with({{"Sec-Fetch-Site", "cross-site"}}, set), 403U);
  EXPECT_EQ(with({{"Sec-Fetch-Site", "same-site"}}, set), 403U);
  EXPECT_EQ(with({{"Origin", "http://localhost:8800"}}, set), 200U);
  EXPECT_EQ(with({{"Origin", "https://localhost:8800"}}, set), 403U);
  EXPECT_EQ(with({{"Origin", "http://localhost:3000"}}, set), 403U);
  EXPECT_EQ(with({{"Origin", "null"}}, set), 403U);
  EXPECT_EQ(with({{"Referer", "http://localhost:8800/page"}}, set), 200U);
  EXPECT_EQ(with({{"Referer", "http://evil.example/localhost:8800"}}, set), 403U);
  EXPECT_EQ(with({{"Sec-Fetch-Site", "cross-site"}}, "/kv/get?k=a"), 200U) << "reading harms nobody";
  EXPECT_EQ(api.call({.method = net::Method::remove,
                      .target = things("/a"),
                      .fields = {{"Sec-Fetch-Site", "cross-site"}}})
                .status,
            403U);
}

TEST(Api, BodiesHaveTheTypeThatTheRouteTakes) {
  TestApi api;
  EXPECT_EQ(api.send(net::Method::put, things("/a"), "{}", "text/plain").status, 415U);
  EXPECT_EQ(api.send(net::Method::put, things("/a"), "{}", "application/json; charset=utf-8").status, 201U);
  EXPECT_EQ(api.send(net::Method::patch, things("/a"), "{}", "application/x-ndjson").status, 415U);
  EXPECT_EQ(api.send(net::Method::get, things("/a"), "{}", "application/json").status, 415U);
  EXPECT_EQ(api.call({.method = net::Method::put, .target = things("/a")}).status, 415U)
      << "no body, no type";
  EXPECT_THAT(api.send(net::Method::put, things("/a"), "{}", "application/x-www-form-urlencoded").body,
              ::testing::HasSubstr("its Content-Type is to be application/json\""));
  EXPECT_THAT(api.send(net::Method::patch, things("/a"), "{}", "text/plain").body,
              ::testing::HasSubstr("application/merge-patch+json"));
}

TEST(Api, ABodyPastTheLimitIsRefusedWithTheLimit) {
  Options options;
  options.body_bytes = 100;
  TestApi api(options);
  const Answer answer = api.put(things("/a"), R"({"a":")" + std::string(100, 'x') + "\"}");
  EXPECT_EQ(answer.status, 413U);
  EXPECT_NE(answer.body.find(R"("limit":100)"), std::string::npos);
}

TEST(Api, PathsAndMethodsThatAreNone) {
  TestApi api;
  EXPECT_EQ(api.get("/").status, 404U);
  EXPECT_EQ(api.get("/v1/nothing").status, 404U);
  EXPECT_NE(api.get("/v1/nothing").body.find(R"("error":"not_found")"), std::string::npos);
  EXPECT_EQ(api.get("/kv/nothing").body, R"({"error":"NOT_FOUND"})");
  const Answer post = api.post("/kv/get", "{}");
  EXPECT_EQ(post.status, 405U);
  EXPECT_EQ(post.field("Allow"), "GET, OPTIONS");
  const Answer options = api.call({.method = net::Method::options, .target = things("/a")});
  EXPECT_EQ(options.status, 204U);
  EXPECT_EQ(options.field("Allow"), "GET, HEAD, PUT, PATCH, DELETE, OPTIONS");
  EXPECT_EQ(api.call({.method = net::Method::options, .target = "/nothing"}).status, 404U);
  EXPECT_EQ(api.get("/v1/databases/%zz").status, 400U);
  EXPECT_EQ(api.get("/v1/databases/%ff").status, 400U);
  EXPECT_EQ(api.get("/v1/databases/\xff").status, 400U);
  EXPECT_EQ(Api::route_name(0), "none");
}

TEST(Api, ErrorsHaveAnIdAndOursSayNoMore) {
  TestApi api;
  const Answer first = api.get(things("/a"));
  const Answer second = api.get(things("/a"));
  EXPECT_NE(first.body, second.body);
  EXPECT_NE(first.body.find(R"(,"id":")"), std::string::npos);
  Error secret(ErrorCode::io, "/secret/place");
  const net::Response ours = api.api->refuse(nullptr, 500, secret);
  EXPECT_EQ(ours.body.find("secret"), std::string::npos);
  ASSERT_EQ(api.log.lines().size(), 1U);
  EXPECT_NE(api.log.lines()[0].find("/secret/place"), std::string::npos);
}

TEST(Api, HandlersComeAndGoWhileItRuns) {
  TestApi api;
  const auto hello = [](net::Exchange& exchange, const engine::Caller&) {
    net::Response response;
    response.body = std::string(exchange.body());
    exchange.send(std::move(response));
  };
  EXPECT_EQ(api.get("/hello").status, 404U);
  ASSERT_TRUE(api.api->add_handler(net::Method::post, "/hello", hello));
  EXPECT_EQ(api.post("/hello", "there").body, "there");
  EXPECT_EQ(api.get("/hello").status, 404U);
  EXPECT_EQ(api.api->add_handler(net::Method::post, "/hello", hello).error().code(), ErrorCode::exists);
  EXPECT_EQ(api.api->add_handler(net::Method::post, "/kv/get", hello).error().code(), ErrorCode::exists);
  EXPECT_EQ(api.api->add_handler(net::Method::post, "hello", hello).error().code(), ErrorCode::invalid);
  EXPECT_EQ(
      api.call(
             {.method = net::Method::post, .target = "/hello", .fields = {{"Sec-Fetch-Site", "cross-site"}}})
          .status,
      403U);
  api.as_admin = false;
  EXPECT_EQ(api.post("/hello", "there").status, 401U);
  EXPECT_EQ(
      api.call({.method = net::Method::post, .target = "/hello", .fields = {{"Authorization", "Bearer x"}}})
          .status,
      401U);
  ASSERT_TRUE(api.api->remove_handler(net::Method::post, "/hello"));
  EXPECT_EQ(api.api->remove_handler(net::Method::post, "/hello").error().code(), ErrorCode::not_found);
  EXPECT_EQ(api.post("/hello", "there").status, 404U);
}

TEST(Api, AFaultOfAHandlerEndsOneRequest) {
  TestApi api;
  ASSERT_TRUE(api.api->add_handler(net::Method::get, "/fault", [](net::Exchange&, const engine::Caller&) {
    throw std::runtime_error("fault");
  }));
  EXPECT_TRUE(api.get("/fault").aborted);
  EXPECT_EQ(api.get("/healthz").status, 200U);
}

TEST(Api, PastItsBoundsItRefusesAndSaysWhenToComeBack) {
  Options options;
  options.waiting_calls = 0;
  options.streams = 0;
  options.feeds = 0;
  TestApi api(options);
  for (const std::string target : {"/v1/databases", "/kv/getAll", "/v1/databases/main/changes?feed=longpoll",
                                   "/v1/databases/main/changes?feed=events"}) {
    const Answer answer = api.get(target);
    EXPECT_EQ(answer.status, 503U) << target;
    EXPECT_EQ(answer.field("Retry-After"), "1") << target;
  }
}

TEST(Node, ReadinessAndMetricsAreWhatTheServerSays) {
  bool ready = false;
  Options options;
  options.ready = [&]() -> Status {
    if (ready) return ok();
    return Error(ErrorCode::unavailable, "not yet");
  };
  options.metrics = [] { return "quire_up 1\n"; };
  TestApi api(options);
  EXPECT_EQ(api.get("/readyz").status, 503U);
  EXPECT_EQ(api.get("/kv/healthcheck").status, 503U);
  EXPECT_EQ(api.get("/healthz").status, 200U);
  ready = true;
  EXPECT_EQ(api.get("/readyz").body, R"({"status":"ok"})");
  EXPECT_EQ(api.get("/kv/healthcheck").body, R"({"status":"ok"})");
  EXPECT_EQ(api.get("/metrics").body, "quire_up 1\n");
  EXPECT_EQ(TestApi().get("/metrics").status, 404U);
  EXPECT_NE(api.get("/v1/status").body.find(R"("version":"1.2.3","ready":true,)"), std::string::npos);
}

}  // namespace
}  // namespace quire::api
