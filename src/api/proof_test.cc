#include "api/proof.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/testing/test_api.h"
#include "base/bytes.h"

// Every way of proving who asks, and what a page of somebody else's can make of one.

namespace quire::api {
namespace {

using testing::Answer;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using testing::TestApi;

using Pairs = std::vector<std::pair<std::string, std::string>>;

std::string basic(const std::string& pair) { return "Basic " + to_base64(pair); }

// The token of a cookie that an answer sets.
std::string cookie_of(const Answer& answer) {
  const std::string field = answer.field("Set-Cookie");
  return field.substr(0, field.find(';'));
}

struct Proofs : ::testing::Test {
  Proofs() {
    api.add_user("ann");
    api.as_admin = false;
  }
  Answer me(Pairs fields, const std::string& target = "/v1/me") {
    return api.call({.target = target, .fields = std::move(fields)});
  }
  Answer log_in(bool cookie) {
    return api.post("/v1/sessions",
                    std::string(R"({"username":"ann","password":"password of ann","cookie":)") +
                        (cookie ? "true}" : "false}"));
  }
  TestApi api;
};

TEST_F(Proofs, AKeyASessionAPasswordAndACookieAreTheSameAccount) {
  const std::string ann = R"("name":"ann")";
  EXPECT_THAT(me({{"Authorization", "Bearer " + api.make_key("ann")}}).body, HasSubstr(ann));
  EXPECT_THAT(me({{"Authorization", basic("ann:password of ann")}}).body, HasSubstr(ann));
  EXPECT_THAT(me({{"Authorization", basic("ANN:password of ann")}}).body, HasSubstr(ann));
  const Answer session = log_in(false);
  ASSERT_EQ(session.status, 201U);
  const std::size_t at = session.body.find("qr_session_");
  ASSERT_NE(at, std::string::npos);
  const std::string token = session.body.substr(at, session.body.find('"', at) - at);
  EXPECT_THAT(me({{"Authorization", "Bearer " + token}}).body, HasSubstr(ann));
  const Answer with_cookie = log_in(true);
  EXPECT_THAT(with_cookie.body, Not(HasSubstr("qr_session_"))) << "a page's script does not see it";
  EXPECT_THAT(with_cookie.field("Set-Cookie"), StartsWith("quire=qr_session_"));
  EXPECT_THAT(with_cookie.field("Set-Cookie"), HasSubstr("; Path=/; HttpOnly; SameSite=Strict"));
  EXPECT_THAT(with_cookie.field("Set-Cookie"), Not(HasSubstr("Secure")));
  EXPECT_THAT(me({{"Cookie", "other=x; " + cookie_of(with_cookie)}}).body, HasSubstr(ann));
}

TEST_F(Proofs, WhatProvesNothingIsRefusedWhateverTheRoute) {
  for (const std::string& field :
       {basic("ann"), std::string("Basic ****"), std::string("Bearer qr_user_00000000_x"),
        std::string("Digest x"), std::string("Basic")}) {
    EXPECT_EQ(me({{"Authorization", field}}).status, 401U) << field;
    EXPECT_EQ(me({{"Authorization", field}}, "/kv/get?k=a").status, 401U) << field;
    EXPECT_EQ(me({{"Authorization", field}}, "/healthz").status, 401U) << field;
  }
  EXPECT_EQ(me({{"Authorization", basic("ann:password of bob")}}).status, 401U);
  EXPECT_EQ(me({{"Authorization", basic("nobody:password of ann")}}, "/healthz").status, 401U);
}

TEST_F(Proofs, ASessionEndsWithItsLogoutAndTheCookieIsTakenBack) {
  const std::string cookie = cookie_of(log_in(true));
  const auto log_out = [&](const std::string& with) {
    return api.call({.method = net::Method::remove,
                     .target = "/v1/sessions/current",
                     .fields = {{"Cookie", with}, {"Sec-Fetch-Site", "same-origin"}}});
  };
  const Answer out = log_out(cookie);
  EXPECT_EQ(out.status, 200U) << out.body;
  EXPECT_THAT(out.field("Set-Cookie"), HasSubstr("quire=; "));
  EXPECT_THAT(out.field("Set-Cookie"), HasSubstr("Max-Age=0"));
  const Answer after = me({{"Cookie", cookie}});
  EXPECT_EQ(after.status, 401U);
  EXPECT_THAT(after.field("Set-Cookie"), HasSubstr("Max-Age=0"));
  EXPECT_EQ(me({{"Cookie", cookie}}, "/healthz").status, 200U) << "it keeps nobody out";
  EXPECT_EQ(api.call({.method = net::Method::post,
                      .target = "/v1/sessions",
                      .body = R"({"username":"ann","password":"password of ann"})",
                      .fields = {{"Cookie", cookie},
                                 {"Sec-Fetch-Site", "same-origin"},
                                 {"Content-Type", "application/json"}}})
                .status,
            201U);
}

TEST_F(Proofs, ACookieCountsOnlyWhereTheRequestSaysWhichPageItComesFrom) {
  Options options;
  options.origins = {"https://app.example"};
  TestApi open(options);
  open.add_user("ann");
  open.as_admin = false;
  const std::string cookie = cookie_of(
      open.post("/v1/sessions", R"({"username":"ann","password":"password of ann","cookie":true})"));
  const auto make = [&](Pairs fields) {
    static int made = 0;
    fields.emplace_back("Cookie", cookie);
    fields.emplace_back("Host", "localhost:8800");
    return open
        .call({.method = net::Method::put,
               .target = "/v1/databases/new" + std::to_string(++made),
               .fields = std::move(fields)})
        .status;
  };
  EXPECT_EQ(make({}), 403U);
  EXPECT_EQ(make({{"Sec-Fetch-Site", "cross-site"}}), 403U);
  EXPECT_EQ(make({{"Sec-Fetch-Site", "same-site"}}), 403U);
  EXPECT_EQ(make({{"Origin", "http://localhost:3000"}}), 403U);
  EXPECT_EQ(make({{"Origin", "null"}}), 403U);
  EXPECT_EQ(make({{"Referer", "http://evil.example/http://localhost:8800"}}), 403U);
  EXPECT_EQ(make({{"Sec-Fetch-Site", "same-origin"}}), 201U);
  EXPECT_EQ(make({{"Origin", "http://localhost:8800"}}), 201U);
  EXPECT_EQ(make({{"Referer", "http://localhost:8800/page"}}), 201U);
  EXPECT_EQ(make({{"Origin", "https://app.example"}}), 201U);
  EXPECT_EQ(make({{"Origin", "https://app.example.evil"}}), 403U);
  EXPECT_EQ(open.call({.target = "/v1/me", .fields = {{"Cookie", cookie}}}).status, 200U)
      << "reading is safe";
  EXPECT_EQ(open.call({.method = net::Method::post,
                       .target = "/v1/keys",
                       .body = "{}",
                       .fields = {{"Cookie", cookie},
                                  {"Sec-Fetch-Site", "same-origin"},
                                  {"Content-Type", "text/plain"}}})
                .status,
            415U)
      << "a form cannot send JSON";
}

TEST_F(Proofs, CookiesOfTheTwoNamesAreNotMistakenForEachOther) {
  net::Field field{"Cookie", "__Host-quire=secure; quire=plain; quire=second"};
  net::RequestHead request;
  request.fields = {&field, 1};
  request.peer = "127.0.0.1";
  EXPECT_EQ(Proof::of(request).text, "plain");
  request.secure = true;
  EXPECT_EQ(Proof::of(request).text, "secure");
  EXPECT_THAT(session_cookie(request, "x"),
              ::testing::StrEq("__Host-quire=x; Path=/; HttpOnly; SameSite=Strict; Secure"));
  request.secure = false;
  request.peer = "192.0.2.1";
  EXPECT_EQ(Proof::of(request).kind, Proof::Kind::none) << "in plain, from elsewhere, a cookie is no proof";
}

TEST_F(Proofs, WrongPasswordsAreSlowedDownAndTheAnswerSaysForHowLong) {
  Answer last;
  for (int i = 0; i < 12; ++i) last = me({{"Authorization", basic("ann:wrong password")}});
  EXPECT_EQ(last.status, 429U) << last.body;
  EXPECT_NE(last.field("Retry-After"), "");
  EXPECT_THAT(last.body, HasSubstr(R"("error":"exhausted")"));
  EXPECT_EQ(me({{"Authorization", "Bearer " + api.make_key("ann")}}).status, 200U) << "a key goes on";
}

TEST_F(Proofs, NothingThatIsSecretIsLoggedOrAnswered) {
  const std::string key = api.make_key("ann");
  (void)me({{"Authorization", basic("ann:canary-password")}});
  (void)api.post("/v1/users", R"({"username":"bob","password":"canary-password","email":7})");
  (void)api.post("/v1/users", R"({"username":"b/b","password":"canary-password","email":"b@example.org"})");
  const Answer twice =
      api.post("/v1/users", R"({"username":"ann","password":"canary-password","password":"x"})");
  EXPECT_EQ(twice.status, 400U);
  EXPECT_THAT(twice.body, Not(HasSubstr("canary")));
  const Answer bad = api.action("", "login", R"({"username":"ann","password":"canary-password)");
  EXPECT_THAT(bad.body, Not(HasSubstr("canary")));
  for (const auto& line : api.log.lines()) {
    EXPECT_THAT(line, Not(HasSubstr("canary")));
    EXPECT_THAT(line, Not(HasSubstr(key)));
  }
}

}  // namespace
}  // namespace quire::api
