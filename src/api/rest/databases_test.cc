#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/testing/test_api.h"

namespace quire::api::rest {
namespace {

using ::testing::AllOf;
using testing::Answer;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::TestApi;

TEST(DatabasesOverHttp, AreMadeShownAndRemoved) {
  TestApi api;
  EXPECT_EQ(api.put("/v1/databases/other", "{}").status, 201U);
  const Answer made = api.call({.method = net::Method::put, .target = "/v1/databases/third"});
  EXPECT_EQ(made.status, 201U);
  EXPECT_THAT(made.body, AllOf(HasSubstr(R"("name":"third")"), HasSubstr(R"("id":")")));
  EXPECT_EQ(api.put("/v1/databases/other", "{}").status, 409U);
  EXPECT_EQ(api.put("/v1/databases/x", R"({"public":true})").status, 400U);
  EXPECT_EQ(api.put("/v1/databases/x", "[]").status, 400U);
  EXPECT_THAT(api.get("/v1/databases").body,
              AllOf(HasSubstr(R"("name":"main")"), HasSubstr(R"("name":"other")")));
  const Answer shown = api.get("/v1/databases/main");
  EXPECT_THAT(shown.body, AllOf(HasSubstr(R"("name":"main")"), HasSubstr(R"("documents":0)"),
                                HasSubstr(R"("position":")"), HasSubstr(R"("diskBytes":)")));
  const Answer removed = api.remove("/v1/databases/other");
  EXPECT_EQ(removed.status, 200U);
  EXPECT_EQ(removed.body, R"({"durable":"disk"})");
  EXPECT_EQ(api.remove("/v1/databases/other").status, 404U);
  EXPECT_EQ(api.get("/v1/databases/other").status, 404U);
  EXPECT_EQ(api.get("/v1/databases/nobody:main").status, 404U) << "an owner's database is another one";
}

// What a backup holds is seen over a server with a disk (tests/behaviour/serve.yaml); here, what a name may
// be.
TEST(BackupsOverHttp, GoWhereTheServerSaysAndNowhereElse) {
  const auto put = [](TestApi& api, const std::string& name) {
    return api.call({.method = net::Method::put, .target = "/v1/backups/" + name});
  };
  TestApi without;
  EXPECT_EQ(put(without, "monday").status, 412U);
  Options options;
  options.backups = "/dev/null";
  TestApi api(std::move(options));
  for (const std::string name : {"..", ".hidden", "a%2Fb", "%2Fetc", "a%00", "a%20b", "%C3%A4"}) {
    EXPECT_EQ(put(api, name).status, 400U) << name;
  }
  EXPECT_EQ(put(api, std::string(129, 'a')).status, 413U);
}

TEST(CollectionsOverHttp, AreMadeShownAndDropped) {
  TestApi api;
  const std::string at = "/v1/databases/main/collections";
  EXPECT_EQ(api.put(at + "/things", R"({"revisionLimit":5})").status, 201U);
  EXPECT_EQ(api.put(at + "/plain", "{}").status, 201U);
  EXPECT_EQ(api.put(at + "/short", R"({"history":false})").status, 201U);
  EXPECT_EQ(api.put(at + "/things", "{}").status, 409U);
  for (const std::string body :
       {R"({"revisionLimit":0})", R"({"revisionLimit":"5"})", R"({"revisionLimit":1.5})", R"({"limit":5})",
        R"({"revisionLimit":-1})", R"({"history":0})", "7"}) {
    EXPECT_EQ(api.put(at + "/x", body).status, 400U) << body;
  }
  EXPECT_EQ(api.put(at + "/a%3Ab", "{}").status, 400U);
  EXPECT_THAT(api.get(at + "/things").body, HasSubstr(R"("revisionLimit":5,"history":true)"));
  EXPECT_THAT(api.get(at + "/short").body, HasSubstr(R"("history":false)"));
  EXPECT_THAT(api.get(at).body, AllOf(HasSubstr(R"("name":"_default")"), HasSubstr(R"("name":"things")")));
  EXPECT_EQ(api.remove(at + "/things").status, 200U);
  EXPECT_EQ(api.remove(at + "/things").status, 404U);
  EXPECT_EQ(api.get(at + "/things").status, 404U);
  EXPECT_THAT(api.get(at).body, Not(HasSubstr(R"("name":"things")")));
}

}  // namespace
}  // namespace quire::api::rest
