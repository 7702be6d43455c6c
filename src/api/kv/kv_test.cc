#include <gtest/gtest.h>

#include "api/kv/storage.h"
#include "api/testing/test_api.h"

// The key-value surface, word for word.

namespace quire::api::kv {
namespace {

using testing::Answer;
using testing::TestApi;

std::string error(std::string_view word) { return R"({"error":")" + std::string(word) + "\"}"; }
constexpr std::string_view kSuccess = R"({"success":true})";

TEST(Kv, SetGetIsRm) {
  TestApi api;
  EXPECT_EQ(api.get("/kv/set?k=a&v=b").body, kSuccess);
  const Answer got = api.get("/kv/get?k=a");
  EXPECT_EQ(got.status, 200U);
  EXPECT_EQ(got.content_type, "application/json");
  EXPECT_EQ(got.body, R"("b")");
  EXPECT_EQ(api.get("/kv/is?k=a").body, kSuccess);
  EXPECT_EQ(api.get("/kv/rm?k=a").body, kSuccess);
  for (const std::string route : {"get", "is", "rm"}) {
    const Answer answer = api.get("/kv/" + route + "?k=a");
    EXPECT_EQ(answer.status, 404U) << route;
    EXPECT_EQ(answer.body, error("MISSING_RECORD")) << route;
  }
}

TEST(Kv, MissingRecordsBeforeThereIsAnyRecord) {
  TestApi api;
  for (const std::string route : {"get", "is", "rm"}) {
    EXPECT_EQ(api.get("/kv/" + route + "?k=a").body, error("MISSING_RECORD")) << route;
  }
  EXPECT_EQ(api.get("/kv/getKeys").body, "[]");
  EXPECT_EQ(api.get("/kv/getValues").body, "[]");
  EXPECT_EQ(api.get("/kv/getAll").body, "[]");
  EXPECT_EQ(api.get("/kv/clear").body, kSuccess);
}

TEST(Kv, FaultsOfTheKeyHaveTheirWords) {
  TestApi api;
  const std::string long_key(64, 'k');
  for (const std::string route : {"set", "get", "is", "rm"}) {
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"", "MISSING_KEY_PARAM"},
        {"?v=a", "MISSING_KEY_PARAM"},
        {"?K=a", "MISSING_KEY_PARAM"},
        {"?k=", "EMPTY_KEY"},
        {"?k", "EMPTY_KEY"},
        {"?k=&v=a", "EMPTY_KEY"},
        {"?v=a&k=" + long_key, "MAXIMUM_KEY_LENGTH_REACHED"},
        {"?v=a&k=%", "INVALID"},
        {"?v=a&k=%ff", "INVALID"},
        {"?v=a&k=%c0%af", "INVALID"},
        {"?v=a&k=%ed%a0%80", "INVALID"},
        {"?v=a&k=a%00b", "INVALID"},
        {"?v=a&k=\xff", "INVALID"}};
    for (const auto& [query, word] : cases) {
      const Answer answer = api.get("/kv/" + route + query);
      EXPECT_EQ(answer.status, 400U) << route << query;
      EXPECT_EQ(answer.body, error(word)) << route << query;
    }
  }
}

TEST(Kv, FaultsOfTheValueHaveTheirWords) {
  TestApi api;
  EXPECT_EQ(api.get("/kv/set?k=a").body, error("MISSING_VALUE_PARAM"));
  EXPECT_EQ(api.get("/kv/set?k=a&v=" + std::string(256, 'v')).body, error("MAXIMUM_VALUE_LENGTH_REACHED"));
  EXPECT_EQ(api.get("/kv/set?k=a&v=%e9").body, error("INVALID"));
  EXPECT_EQ(api.get("/kv/set?k=a&v=" + std::string(255, 'v')).body, kSuccess);
  EXPECT_EQ(api.get("/kv/set?k=" + std::string(63, 'k') + "&v=").body, kSuccess);
  EXPECT_EQ(api.get("/kv/get?k=" + std::string(63, 'k')).body, R"("")");
  EXPECT_EQ(api.get("/kv/set?k=b&v").body, kSuccess) << "a value may be empty";
}

TEST(Kv, LengthsCountCodePoints) {
  TestApi api;
  std::string key;
  std::string value;
  for (int i = 0; i < 63; ++i) key += "%F0%9F%8D%83";
  for (int i = 0; i < 255; ++i) value += "%C3%A9";
  EXPECT_EQ(api.get("/kv/set?k=" + key + "&v=" + value).body, kSuccess);
  EXPECT_EQ(api.get("/kv/set?k=a" + key + "&v=b").body, error("MAXIMUM_KEY_LENGTH_REACHED"));
  EXPECT_EQ(api.get("/kv/set?k=b&v=a" + value).body, error("MAXIMUM_VALUE_LENGTH_REACHED"));
}

TEST(Kv, LimitsAreSettings) {
  Options options;
  options.kv.max_key_length = 1000;
  options.kv.max_value_length = 3;
  TestApi api(options);
  EXPECT_EQ(api.get("/kv/set?k=" + std::string(500, 'k') + "&v=12").body, kSuccess);
  EXPECT_EQ(api.get("/kv/set?k=" + std::string(513, 'k') + "&v=12").body, error("MAXIMUM_KEY_LENGTH_REACHED"))
      << "an id has 512 bytes";
  EXPECT_EQ(api.get("/kv/set?k=a&v=123").body, error("MAXIMUM_VALUE_LENGTH_REACHED"));
}

TEST(Kv, EscapesAreDecodedAndAnswersAreJson) {
  TestApi api;
  EXPECT_EQ(api.get("/kv/set?k=a%2Fb+c&v=%22%5C%0A%00+%26%3D%2B").body, kSuccess);
  EXPECT_EQ(api.get("/kv/get?k=a/b%20c").body, R"("\"\\\n\u0000 &=+")");
  EXPECT_EQ(api.get("/kv/getAll").body, R"([{"k":"a/b c","v":"\"\\\n\u0000 &=+"}])");
}

TEST(Kv, ListsAreInTheOrderOfKeys) {
  TestApi api;
  for (const std::string key : {"b", "a", "c"}) api.get("/kv/set?k=" + key + "&v=" + key + key);
  EXPECT_EQ(api.get("/kv/getKeys").body, R"(["a","b","c"])");
  EXPECT_EQ(api.get("/kv/getValues").body, R"(["aa","bb","cc"])");
  EXPECT_EQ(api.get("/kv/getAll").body, R"([{"k":"a","v":"aa"},{"k":"b","v":"bb"},{"k":"c","v":"cc"}])");
  EXPECT_TRUE(api.get("/kv/getAll").streamed);
  EXPECT_EQ(api.get("/kv/clear").body, kSuccess);
  EXPECT_EQ(api.get("/kv/getKeys").body, "[]");
  EXPECT_EQ(api.get("/kv/set?k=b&v=1").body, kSuccess);
  EXPECT_EQ(api.get("/kv/getKeys").body, R"(["b"])");
}

TEST(Kv, StatusAndPingTellOfThisNode) {
  Options options;
  options.kv.hostname = "node-1";
  TestApi api(options);
  api.api->listening(0, 8800);
  api.get("/kv/set?k=a&v=b");
  EXPECT_EQ(api.get("/kv/status").body, R"({"version":"1.2.3","hostname":"node-1","port":8800,)"
                                        R"("maxKeyLength":64,"maxValueLength":256,"availableRecords":1})");
  EXPECT_EQ(api.get("/kv/ping?nodes=other:1|third:2").body,
            R"({"nodes":[{"host":"node-1","port":8800,"isDown":false}]})");
}

TEST(Kv, AListenerMayServeItAtItsRoot) {
  Options options;
  Root root;
  root.listener = 1;
  root.kv.collection = "other";
  root.kv.port = 8081;
  options.roots.push_back(root);
  TestApi api(options);
  const auto at_root = [&](std::string target) {
    return api.call({.target = std::move(target), .listener = 1});
  };
  EXPECT_EQ(at_root("/set?k=a&v=root").body, kSuccess);
  EXPECT_EQ(at_root("/get?k=a").body, R"("root")");
  EXPECT_EQ(api.get("/get?k=a").status, 404U) << "the other listener has no root";
  EXPECT_EQ(at_root("/kv/get?k=a").body, error("MISSING_RECORD")) << "the prefix is another place";
  EXPECT_EQ(at_root("/none").body, error("NOT_FOUND"));
  EXPECT_EQ(at_root("/healthcheck").body, R"({"status":"ok"})");
  EXPECT_EQ(at_root("/healthz").status, 200U);
  EXPECT_EQ(at_root("/v1/me").status, 200U);
  EXPECT_NE(at_root("/status").body.find(R"("port":8081)"), std::string::npos);
  EXPECT_EQ(api.call({.method = net::Method::post, .target = "/get", .listener = 1}).field("Allow"),
            "GET, OPTIONS");
}

TEST(Kv, AnotherStorageMayStandBehindIt) {
  Options options;
  options.kv.storage = make_memory_storage();
  TestApi api(options);
  EXPECT_EQ(api.get("/kv/set?k=a&v=b").body, kSuccess);
  EXPECT_EQ(api.get("/kv/get?k=a").body, R"("b")");
  EXPECT_EQ(api.get("/v1/databases/main/collections/kv").status, 404U);
}

TEST(Kv, AListIsSentAsFastAsTheClientReads) {
  TestApi api;
  for (int i = 0; i < 2000; ++i) {
    ASSERT_EQ(api.get("/kv/set?k=" + std::to_string(i) + "&v=" + std::string(200, 'x')).status, 200U);
  }
  auto slow = std::make_shared<testing::FakeExchange>(
      testing::Request{.target = "/kv/getAll", .fields = {{"Authorization", "Bearer " + api.admin_key}}});
  slow->stop_reading_after(100'000);
  api.start(*slow);
  ASSERT_TRUE(slow->wait_for("{\"k\":\"10\""));
  EXPECT_FALSE(slow->ended());
  EXPECT_LT(slow->answer().body.size(), 300'000U) << "no more waits than fits";
  slow->take_all();
  ASSERT_TRUE(slow->wait());
  EXPECT_GT(slow->answer().body.size(), 400'000U);
  EXPECT_FALSE(slow->answer().aborted);

  auto leaving = std::make_shared<testing::FakeExchange>(
      testing::Request{.target = "/kv/getAll", .fields = {{"Authorization", "Bearer " + api.admin_key}}});
  leaving->stop_reading_after(1);
  api.start(*leaving);
  ASSERT_TRUE(leaving->wait_for("{"));
  leaving->leave();
  ASSERT_TRUE(leaving->wait());
  EXPECT_TRUE(leaving->answer().aborted);
}

}  // namespace
}  // namespace quire::api::kv
