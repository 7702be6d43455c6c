#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/testing/test_api.h"

// Import and export.

namespace quire::api::rest {
namespace {

using ::testing::AllOf;
using testing::Answer;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using testing::TestApi;
using testing::things;

constexpr std::string_view kLines = "application/x-ndjson";
const std::string kImport = "/v1/databases/main/import?collection=things";
const std::string kExport = "/v1/databases/main/export?collection=things";

TEST(Import, TakesThreeFormats) {
  TestApi api;
  EXPECT_EQ(api.post(kImport, "{\"_id\":\"a\",\"n\":1}\n{\"_id\":\"b\"}\n", kLines).body,
            R"({"imported":2,"existing":0,"bad":0,"errors":[],"durable":"disk"})");
  EXPECT_THAT(api.post(kImport, R"([{"_id":"c"}])").body, StartsWith(R"({"imported":1,)"));
  EXPECT_THAT(
      api.post(kImport + "&idField=key&inferTypes=true&separator=;", "key;n\nd;7\ne;x\n", "text/csv").body,
      StartsWith(R"({"imported":2,)"));
  EXPECT_THAT(api.get(things("/d")).body, HasSubstr(R"("key":"d","n":7})"));
  EXPECT_EQ(api.post("/v1/databases/main/import", R"([{"_id":"x"}])").status, 200U);
  EXPECT_EQ(api.get("/v1/databases/main/collections/_default/documents/x").status, 200U);
  EXPECT_EQ(api.post(kImport, "{}", "text/plain").status, 415U);
  EXPECT_EQ(api.post(kImport + "&separator=ab", "a\n1\n", "text/csv").status, 400U);
}

TEST(Import, StopsAtTheFirstBadRecordAndKeepsWhatStandsInFrontOfIt) {
  TestApi api;
  const Answer answer = api.post(kImport, "{\"_id\":\"a\"}\n{\"_id\":\n{\"_id\":\"c\"}\n", kLines);
  EXPECT_EQ(answer.status, 400U);
  EXPECT_THAT(answer.body, AllOf(HasSubstr(R"("field":"line 2)"), HasSubstr("1 documents were imported")));
  EXPECT_EQ(api.get(things("/a")).status, 200U);
  EXPECT_EQ(api.get(things("/c")).status, 404U);
  EXPECT_EQ(api.post(kImport, "[{\"_id\":\"x\"},{", "application/json").status, 400U) << "it breaks off";
  EXPECT_EQ(api.get(things("/x")).status, 200U);
}

TEST(Import, MaySkipWhatIsBadOrThere) {
  TestApi api;
  const std::string text = "{\"_id\":\"a\"}\n{\n{\"_id\":\"b\",\"_deleted\":true}\n{\"_id\":\"c\"}\n";
  const Answer first = api.post(kImport + "&skipBad=true", text, kLines);
  EXPECT_THAT(first.body, AllOf(HasSubstr(R"("imported":2,"existing":0,"bad":2,"errors":[{"place":"line 2)"),
                                HasSubstr(R"("error":"invalid")")));
  EXPECT_EQ(api.post(kImport, "{\"_id\":\"a\"}", kLines).status, 409U);
  EXPECT_THAT(api.post(kImport + "&existing=skip", "{\"_id\":\"a\",\"n\":2}", kLines).body,
              StartsWith(R"({"imported":0,"existing":1,)"));
  EXPECT_THAT(api.post(kImport + "&existing=replace", "{\"_id\":\"a\",\"n\":2}", kLines).body,
              StartsWith(R"({"imported":1,)"));
  EXPECT_THAT(api.get(things("/a")).body, HasSubstr(R"("n":2})"));
  EXPECT_EQ(api.post(kImport + "&existing=keep", "", kLines).status, 400U);
}

TEST(Import, ManyRecordsTakeManyBatches) {
  TestApi api;
  std::string lines;
  for (int i = 0; i < 3000; ++i) lines += R"({"_id":")" + std::to_string(i) + "\"}\n";
  EXPECT_THAT(api.post(kImport, lines, kLines).body, StartsWith(R"({"imported":3000,)"));
  EXPECT_THAT(api.get("/v1/databases/main/collections/things").body, HasSubstr(R"("documents":3000)"));
}

TEST(Import, ARetryWithItsKeyImportsNothingTwice) {
  TestApi api;
  const auto import = [&] {
    return api.send(net::Method::post, kImport, "{\"n\":1}\n{\"n\":2}\n", kLines, {{"Idempotency-Key", "k"}});
  };
  EXPECT_THAT(import().body, StartsWith(R"({"imported":2,)"));
  EXPECT_THAT(import().body, StartsWith(R"({"imported":2,)"));
  EXPECT_THAT(api.get("/v1/databases/main/collections/things").body, HasSubstr(R"("documents":2)"));
}

TEST(Export, GivesThreeFormats) {
  TestApi api;
  api.put(things("/a"), R"({"n":1,"s":"x,y"})");
  api.put(things("/b"), R"({"m":true})");
  const Answer lines = api.get(kExport);
  EXPECT_EQ(lines.content_type, "application/x-ndjson");
  EXPECT_EQ(lines.body, "{\"_id\":\"a\",\"n\":1,\"s\":\"x,y\"}\n{\"_id\":\"b\",\"m\":true}\n");
  EXPECT_THAT(api.get(kExport + "&format=json").body, StartsWith("["));
  EXPECT_EQ(api.get(kExport + "&format=csv").body, "_id,n,s,m\r\na,1,\"x,y\",\r\nb,,,true\r\n");
  EXPECT_EQ(api.get(kExport + "&format=csv&columns=m,_id").body, "m,_id\r\n,a\r\ntrue,b\r\n");
  EXPECT_THAT(api.get(kExport + "&revs=true").body, HasSubstr(R"("_rev":"1-)"));
  EXPECT_EQ(api.get(kExport + "&format=xml").status, 400U);
  EXPECT_EQ(api.get("/v1/databases/main/export?collection=none").status, 404U);
  EXPECT_EQ(api.get("/v1/databases/main/export?collection=none&format=csv").status, 404U);
  EXPECT_EQ(api.get("/v1/databases/main/export?format=csv").body, "");
}

TEST(Export, ComesBackByImport) {
  TestApi api;
  std::string lines;
  for (int i = 1000; i < 3000; ++i) {
    lines += R"({"_id":")" + std::to_string(i) + R"(","x":")" + std::string(100, 'x') + "\"}\n";
  }
  api.post(kImport, lines, kLines);
  EXPECT_EQ(api.get(kExport).body, lines);
}

TEST(Export, SlowClientsHoldNoThread) {
  TestApi api;
  std::string lines;
  for (int i = 1000; i < 3000; ++i) {
    lines += R"({"_id":")" + std::to_string(i) + R"(","x":")" + std::string(100, 'x') + "\"}\n";
  }
  api.post(kImport, lines, kLines);
  const auto begin = [&](const std::string& target) {
    auto exchange = std::make_shared<testing::FakeExchange>(
        testing::Request{.target = target, .fields = {{"Authorization", "Bearer " + api.admin_key}}});
    exchange->stop_reading_after(1000);
    api.start(*exchange);
    EXPECT_TRUE(exchange->wait_for("1000"));
    return exchange;
  };
  std::vector<std::shared_ptr<testing::FakeExchange>> slow;
  for (int i = 0; i < 40; ++i) slow.push_back(begin(kExport));
  EXPECT_EQ(api.get(kExport).body, lines) << "there are two threads for streams";
  EXPECT_EQ(api.post(kImport + "&existing=replace", lines, kLines).status, 200U);
  for (std::size_t i = 0; i < slow.size(); ++i) i % 2 == 0 ? slow[i]->take_all() : slow[i]->leave();
  for (std::size_t i = 0; i < slow.size(); ++i) {
    ASSERT_TRUE(slow[i]->wait());
    EXPECT_EQ(slow[i]->answer().aborted, i % 2 == 1);
    if (i % 2 == 0) {
      EXPECT_EQ(slow[i]->answer().body, lines) << "of the state in which it began";
    }
  }
}

}  // namespace
}  // namespace quire::api::rest
