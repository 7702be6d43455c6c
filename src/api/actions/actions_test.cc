#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/actions/action.h"
#include "api/actions/request.h"
#include "api/testing/test_api.h"
#include "document/arena.h"

namespace quire::api::actions {
namespace {

using ::testing::AllOf;
using testing::Answer;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::TestApi;

// The text of a member anywhere in an answer.
std::string text_of(const Answer& answer, const std::string& name) {
  const std::string start = "\"" + name + "\":\"";
  const std::size_t at = answer.body.find(start);
  if (at == std::string::npos) return {};
  const std::size_t begin = at + start.size();
  return answer.body.substr(begin, answer.body.find('"', begin) - begin);
}

struct Actions : ::testing::Test {
  Answer call(std::string_view name, const std::string& payload) { return api.action("", name, payload); }
  Answer as(const std::string& key, std::string_view name, const std::string& payload) {
    return api.action(key, name, payload);
  }
  std::string create(const std::string& key, const std::string& name) {
    return text_of(as(key, "createDatabase", R"({"dbName":")" + name + "\"}"), "dbID");
  }
  static std::string id(const std::string& database) { return R"({"dbID":")" + database + "\"}"; }
  // A caller with a database that is loaded and has the collection "c".
  std::string loaded(const std::string& key, const std::string& name) {
    const std::string database = create(key, name);
    EXPECT_EQ(as(key, "loadDatabase", id(database)).status, 200U);
    EXPECT_EQ(as(key, "manageDatabase", R"({"operation":"create","collectionName":"c"})").status, 200U);
    return database;
  }
  void refused(const Answer& answer, const std::string& code, const std::string& field) {
    EXPECT_EQ(answer.status, 400U) << answer.body;
    EXPECT_THAT(answer.body, AllOf(HasSubstr("{\"status\":400,\"message\":\"" + field),
                                   HasSubstr("\"error\":\"" + code + "\"")));
  }

  TestApi api;
};

TEST_F(Actions, AWholeSessionOfOneAccount) {
  const Answer made =
      call("register", R"({"username":"ann","password":"correct horse","email":"ann@example.org"})");
  EXPECT_EQ(made.status, 200U) << made.body;
  EXPECT_THAT(made.body, HasSubstr(R"({"status":200,"message":{"userID":"u_)"));
  const Answer session = call("login", R"({"username":"Ann","password":"correct horse"})");
  EXPECT_EQ(text_of(session, "userID"), text_of(made, "userID"));
  EXPECT_NE(text_of(session, "token"), "");
  EXPECT_NE(text_of(session, "expires"), "");
  const Answer key = call("getAPIkey", R"({"username":"ann","password":"correct horse"})");
  const std::string first = text_of(key, "apiKey");
  EXPECT_NE(first, "");
  EXPECT_NE(text_of(key, "expires"), "");
  const std::string second =
      text_of(call("getAPIkey", R"({"username":"ann","password":"correct horse"})"), "apiKey");
  refused(as(first, "getDatabases", "{}"), "unauthenticated", "");
  const Answer created =
      call("createDatabase", R"({"apiKey":")" + second + R"(","dbName":"things","public":true})");
  EXPECT_EQ(text_of(created, "dbName"), "things");
  EXPECT_EQ(as(second, "getDatabases", "{}").body,
            R"({"status":200,"message":{"databases":[{"dbID":")" + text_of(created, "dbID") +
                R"(","dbName":"things","owner":"ann","role":"owner"}],"total":1}})");
  EXPECT_THAT(call("getPublicDatabases", R"({"limit":10,"offset":0})").body,
              HasSubstr(R"("dbName":"things","owner":"ann"}],"total":1}})"));
  EXPECT_THAT(call("getPublicDatabases", R"({"limit":10,"offset":1})").body,
              HasSubstr(R"({"databases":[],"total":1}})"));
  refused(as(second, "createDatabase", R"({"dbName":"things"})"), "exists", "payload.dbName");
  const std::string revoke = R"({"username":"ann","password":"correct horse","apiKey":")" + second + "\"}";
  EXPECT_EQ(call("revokeAPIkey", revoke).status, 200U);
  refused(call("revokeAPIkey", revoke), "not_found", "payload.apiKey");
  refused(as(second, "getDatabases", "{}"), "unauthenticated", "");
  refused(call("register", R"({"username":"ANN","password":"correct horse","email":"b@example.org"})"),
          "exists", "payload.username");
}

TEST_F(Actions, AKeyStandsInTheFieldOrInThePayload) {
  const std::string ann = api.add_user("ann");
  const std::string bob = api.add_user("bob");
  EXPECT_EQ(call("getDatabases", R"({"apiKey":")" + ann + "\"}").status, 200U);
  EXPECT_EQ(as(ann, "getDatabases", R"({"apiKey":")" + ann + "\"}").status, 200U);
  refused(as(ann, "getDatabases", R"({"apiKey":")" + bob + "\"}"), "invalid", "payload.apiKey");
  refused(as(ann, "getDatabases", R"({"apiKey":"x"})"), "unauthenticated", "payload.apiKey");
  refused(call("getDatabases", "{}"), "unauthenticated", "payload.apiKey");
  refused(call("getPublicDatabases", R"({"apiKey":"wrong"})"), "unauthenticated", "payload.apiKey");
}

TEST_F(Actions, DeleteDatabaseTakesTheOtherFormToo) {
  const std::string ann = api.add_user("ann");
  const auto other = [&](const std::string& fields) {
    return api.as("", {.method = net::Method::post,
                       .target = "/api",
                       .body = R"({"action":"deleteDatabase","apiKey":{)" + fields + "}}",
                       .fields = {{"Content-Type", "application/json"}}});
  };
  const std::string database = create(ann, "things");
  refused(other(R"("APIkey":")" + ann + "\""), "invalid", "apiKey.dbID");
  refused(other(R"("APIkey":"x","dbID":")" + database + "\""), "unauthenticated", "payload.apiKey");
  EXPECT_EQ(other(R"("APIkey":")" + ann + R"(","dbID":")" + database + "\"").status, 200U);
  EXPECT_THAT(as(ann, "getDatabases", "{}").body, HasSubstr(R"("total":0)"));
  EXPECT_EQ(as(ann, "deleteDatabase", id(create(ann, "again"))).status, 200U);
}

TEST_F(Actions, EveryOperationOfManageDatabase) {
  const std::string ann = api.add_user("ann");
  const std::string database = loaded(ann, "things");
  const auto manage = [&](const std::string& fields) {
    return as(ann, "manageDatabase", R"({"DataBaseID":")" + database + "\"," + fields + "}");
  };
  refused(manage(R"("operation":"CREATE","collectionName":"c")"), "exists", "payload.collectionName");
  const Answer added = manage(
      R"("operation":"Add","collectionName":"c","documentData":[{"_id":"a","n":1},{"_id":"b"},{"_id":"x"}])");
  EXPECT_THAT(added.body, HasSubstr(R"({"status":200,"message":{"ids":["a","b","x"],"revs":["1-)"));
  EXPECT_EQ(
      manage(R"("operation":"add","collectionName":"c","documentID":"y","documentData":{"n":7})").status,
      200U);
  EXPECT_THAT(manage(R"("operation":"Read","collectionName":"c","documentID":"a")").body,
              HasSubstr(R"("message":{"document":{"_id":"a","_rev":"1-)"));
  const Answer page = manage(R"("operation":"read","collectionName":"c","limit":1,"offset":1)");
  EXPECT_THAT(page.body,
              AllOf(HasSubstr(R"("documents":[{"_id":"b",)"), HasSubstr(R"("total":4,"next":"b")")));
  EXPECT_THAT(manage(R"("operation":"read","collectionName":"c","after":"x")").body,
              AllOf(HasSubstr(R"("documents":[{"_id":"y",)"), HasSubstr(R"("next":null)")));
  EXPECT_THAT(manage(R"("operation":"READ")").body, HasSubstr(R"({"collectionName":"c","documents":4})"));
  const Answer merged =
      manage(R"("operation":"Update","collectionName":"c","documentID":"a","documentData":{"m":2,"n":null})");
  EXPECT_THAT(merged.body, HasSubstr(R"("message":{"id":"a","rev":"2-)"));
  const std::string revision = text_of(merged, "rev");
  const Answer operators =
      manage(R"("operation":"update","collectionName":"c","documentID":"a","documentData":{"_rev":")" +
             revision + R"(","$inc":{"m":40},"$push":{"l":1}})");
  EXPECT_EQ(operators.status, 200U) << operators.body;
  EXPECT_THAT(manage(R"("operation":"Read","collectionName":"c","documentID":"a")").body,
              HasSubstr(R"("m":42,"l":[1]}}})"));
  refused(manage(R"("operation":"update","collectionName":"c","documentID":"a","documentData":{"_rev":")" +
                 revision + R"(","m":1})"),
          "conflict", "");
  EXPECT_THAT(manage(R"("operation":"Delete","collectionName":"c","documentID":"a")").body,
              HasSubstr(R"("message":"1 document deleted")"));
  refused(manage(R"("operation":"Delete","collectionName":"c","documentID":"a")"), "not_found",
          "payload.documentID");
  refused(manage(R"("operation":"Read","collectionName":"c","documentID":"a")"), "not_found",
          "payload.documentID");
  EXPECT_THAT(manage(R"("operation":"Delete","collectionName":"c","documentID":null)").body,
              HasSubstr(R"(3 documents deleted)"));
  refused(manage(R"("operation":"Delete","collectionName":"c")"), "not_found", "payload.collectionName");
}

TEST_F(Actions, AddIsWholeOrNotAtAll) {
  const std::string ann = api.add_user("ann");
  loaded(ann, "things");
  const auto add = [&](const std::string& data) {
    return as(ann, "manageDatabase",
              R"({"operation":"Add","collectionName":"c","documentData":)" + data + "}");
  };
  const auto count = [&] {
    return as(ann, "manageDatabase", R"({"operation":"Read","collectionName":"c","limit":0})").body;
  };
  EXPECT_EQ(add(R"({"_id":"b"})").status, 200U);
  refused(add(R"([{"_id":"a"},{"_id":"b"}])"), "exists", "");
  refused(add(R"([{"_id":"a"},{"_id":"c","_rev":"1-0123456789abcdef0123456789abcdef"}])"), "invalid",
          "payload.documentData[1]._rev");
  refused(add(R"([{"_id":"a"},{"_other":"c"}])"), "invalid", "payload.documentData[1]._other");
  refused(add(R"([{"_id":"a"},{"_id":"a"}])"), "invalid", "");
  refused(add("[]"), "invalid", "payload.documentData");
  refused(add("[7]"), "invalid", "payload.documentData");
  refused(add("7"), "invalid", "payload.documentData");
  EXPECT_THAT(count(), HasSubstr(R"("total":1)"));
}

TEST_F(Actions, OnlyTheLoadedDatabaseIsManaged) {
  const std::string ann = api.add_user("ann");
  const std::string first = create(ann, "first");
  const std::string second = create(ann, "second");
  const auto read = [&](const std::string& database) {
    return as(ann, "manageDatabase", R"({"operation":"Read","DataBaseID":")" + database + "\"}");
  };
  refused(as(ann, "manageDatabase", R"({"operation":"Read"})"), "precondition", "payload.DataBaseID");
  refused(read(first), "precondition", "payload.DataBaseID");
  EXPECT_EQ(as(ann, "loadDatabase", id(first)).status, 200U);
  EXPECT_EQ(read(first).status, 200U);
  refused(read(second), "invalid", "payload.DataBaseID");
  refused(read("0000000000000000"), "invalid", "payload.DataBaseID");
  EXPECT_EQ(as(ann, "unloadDatabase", id(first)).status, 200U);
  refused(read(first), "precondition", "payload.DataBaseID");
  refused(as(ann, "unloadDatabase", id(first)), "not_found", "");
}

TEST_F(Actions, ASharedDatabaseIsLockedForTheOthersOnEverySurface) {
  const std::string ann = api.add_user("ann");
  const std::string bob = api.add_user("bob");
  const std::string database = loaded(ann, "things");
  EXPECT_EQ(as(ann, "shareDatabase", R"({"userID":"bob"})").status, 200U) << "the loaded one";
  const Answer locked = as(bob, "loadDatabase", id(database));
  refused(locked, "locked", "");
  EXPECT_THAT(locked.body, HasSubstr("Z at the latest"));
  EXPECT_NE(locked.field("Retry-After"), "");
  refused(as(bob, "manageDatabase", R"({"operation":"Read","DataBaseID":")" + database + "\"}"), "locked",
          "payload.DataBaseID");
  const std::string path = "/v1/databases/" + database + "/collections/c/documents";
  const Answer rest = api.as(bob, {.target = path});
  EXPECT_EQ(rest.status, 423U);
  EXPECT_NE(rest.field("Retry-After"), "");
  EXPECT_THAT(rest.body, HasSubstr(R"("error":"locked")"));
  EXPECT_EQ(api.as(ann, {.target = path}).status, 200U);
  EXPECT_THAT(api.as(bob, {.target = "/v1/databases/" + database}).body, HasSubstr(R"("reservation":{)"));
  EXPECT_EQ(as(ann, "unloadDatabase", id(database)).status, 200U);
  EXPECT_EQ(as(bob, "loadDatabase", id(database)).status, 200U);
  refused(as(ann, "loadDatabase", id(database)), "locked", "");
  EXPECT_EQ(as(bob, "unloadDatabase", id(database)).status, 200U);
  EXPECT_EQ(as(ann, "unshareDatabase", R"({"userID":"bob","dbID":")" + database + "\"}").status, 200U);
  refused(as(bob, "loadDatabase", id(database)), "not_found", "payload.dbID");
}

TEST_F(Actions, AReaderLoadsAndReadsAndWritesNothing) {
  const std::string ann = api.add_user("ann");
  const std::string bob = api.add_user("bob");
  const std::string database = loaded(ann, "things");
  EXPECT_EQ(as(ann, "unloadDatabase", id(database)).status, 200U);
  EXPECT_EQ(as(ann, "shareDatabase", R"({"userID":"bob","role":"read","dbID":")" + database + "\"}").status,
            200U);
  EXPECT_EQ(as(bob, "loadDatabase", id(database)).status, 200U);
  EXPECT_EQ(as(bob, "manageDatabase", R"({"operation":"Read","collectionName":"c"})").status, 200U);
  refused(as(bob, "manageDatabase", R"({"operation":"Add","collectionName":"c","documentData":{}})"),
          "forbidden", "");
  refused(as(bob, "manageDatabase", R"({"operation":"Delete","collectionName":"c"})"), "forbidden", "");
  refused(as(bob, "deleteDatabase", id(database)), "forbidden", "");
  refused(as(bob, "shareDatabase", R"({"userID":"root"})"), "forbidden", "");
}

TEST_F(Actions, WhatOneMayNotSeeIsAsGoodAsNotThere) {
  const std::string ann = api.add_user("ann");
  const std::string bob = api.add_user("bob");
  const std::string database = create(ann, "private name");
  for (const std::string name : {"loadDatabase", "unloadDatabase", "deleteDatabase"}) {
    const Answer hidden = as(bob, name, id(database));
    EXPECT_EQ(hidden.body, as(bob, name, id("0123456789abcdef")).body);
    EXPECT_THAT(hidden.body, Not(HasSubstr("private name")));
  }
  const std::string share = R"({"userID":"bob","dbID":")";
  EXPECT_EQ(as(bob, "shareDatabase", share + database + "\"}").body,
            as(bob, "shareDatabase", share + "0123456789abcdef\"}").body);
}

TEST_F(Actions, BadInputNamesTheFieldAndChangesNothing) {
  const std::string ann = api.add_user("ann");
  const std::string database = loaded(ann, "things");
  const auto raw = [&](const std::string& body) {
    return api.as(ann, {.method = net::Method::post,
                        .target = "/api",
                        .body = body,
                        .fields = {{"Content-Type", "application/json"}}});
  };
  refused(raw("no JSON"), "invalid", "body");
  refused(raw("[]"), "invalid", "body");
  refused(raw("{}"), "invalid", "action");
  refused(raw(R"({"action":7})"), "invalid", "action");
  refused(raw(R"({"action":"register","action":"login"})"), "invalid", "action");
  refused(raw(R"({"action":"LOGIN","payload":{}})"), "invalid", "action");
  refused(raw(R"({"action":"login","payload":[]})"), "invalid", "payload");
  refused(raw(R"({"action":"login"})"), "invalid", "payload.username");
  refused(raw(R"({"action":"login","extra":1})"), "invalid", "extra");
  refused(raw(R"({"action":"login","":1})"), "invalid", R"(\"\": )");
  refused(as(ann, "login", R"({"":1})"), "invalid", R"(payload.\"\": )");
  refused(raw(R"({"action":"createDatabase","apiKey":{"APIkey":"x","dbID":"y"}})"), "invalid", "apiKey");
  refused(as(ann, "login", R"({"username":"ann","password":7})"), "invalid", "payload.password");
  refused(as(ann, "login", R"({"username":{"$gt":""},"password":{"$gt":""}})"), "invalid",
          "payload.username");
  refused(as(ann, "login", R"({"username":"ann"})"), "invalid", "payload.password");
  refused(as(ann, "login", R"({"username":"ann","password":"x","role":"admin"})"), "invalid", "payload.role");
  for (const std::string name : {"a/b", "a\\u0000b", "a\\u001fb", "a\\u007fb", ""}) {
    refused(as(ann, "createDatabase", R"({"dbName":")" + name + "\"}"), "invalid", "payload.dbName");
  }
  refused(as(ann, "createDatabase", R"({"dbName":")" + std::string(129, 'x') + "\"}"), "too_large",
          "payload.dbName");
  EXPECT_EQ(as(ann, "createDatabase", R"({"dbName":")" + std::string(128, 'x') + "\"}").status, 200U);
  refused(as(ann, "createDatabase", R"({"dbName":"p","public":"all"})"), "invalid", "payload.public");
  refused(as(ann, "manageDatabase", R"({"operation":"Create","collectionName":"a/b"})"), "invalid",
          "payload.collectionName");
  for (const std::string limit : {"-1", "1.5", "\"7\"", "1001", "1e4", "99999999999999999999", "true"}) {
    refused(as(ann, "getDatabases", R"({"limit":)" + limit + "}"), "invalid", "payload.limit");
  }
  refused(as(ann, "getPublicDatabases", R"({"offset":-1})"), "invalid", "payload.offset");
  refused(as(ann, "manageDatabase", R"({"operation":"Read","collectionName":"c","limit":-1})"), "invalid",
          "payload.limit");
  refused(as(ann, "register", R"({"username":"bob","password":"seven77","email":"b@example.org"})"),
          "invalid", "payload.password");
  refused(
      as(ann, "register",
         R"({"username":"bob","password":")" + std::string(1 << 20, 'x') + R"(","email":"b@example.org"})"),
      "too_large", "payload.password");
  refused(call("register", R"({"username":"bob","password":")" + std::string(1 << 20, 'x') +
                               R"(","email":"b@example.org"})"),
          "too_large", "payload.password");
  refused(as(ann, "register", R"({"username":"bob","password":"long enough","email":"nothing"})"), "invalid",
          "payload.email");
  refused(as(ann, "manageDatabase",
             R"({"operation":"Add","collectionName":"c","documentData":)" + std::string(10'000, '[') +
                 std::string(10'000, ']') + "}"),
          "too_large", "payload.documentData");
  refused(as(ann, "manageDatabase", R"({"operation":"Sort"})"), "invalid", "payload.operation");
  refused(as(ann, "manageDatabase", R"({"collectionName":"c"})"), "invalid", "payload.operation");
  refused(as(ann, "manageDatabase", R"({"operation":"Update","collectionName":"c","documentData":{}})"),
          "invalid", "payload.documentID");
  refused(as(ann, "manageDatabase", R"({"operation":"Read","documentID":"a"})"), "invalid",
          "payload.collectionName");
  refused(as(ann, "manageDatabase", R"({"operation":"Delete","documentID":"a"})"), "invalid",
          "payload.collectionName");
  refused(
      as(ann, "manageDatabase", R"({"operation":"Delete","collectionName":"c","documentData":{"_id":"a"}})"),
      "invalid", "payload.documentData");
  refused(as(ann, "shareDatabase", R"({"userID":"root","role":"owner"})"), "invalid", "payload.role");
  refused(as(ann, "shareDatabase", R"({"userID":"nobody"})"), "not_found", "payload.userID");
  refused(as(ann, "shareDatabase", R"({"userID":"ann"})"), "invalid", "payload.userID");
  refused(as(ann, "loadDatabase", R"({"dbID":7})"), "invalid", "payload.dbID");
  refused(as(ann, "loadDatabase", "{}"), "invalid", "payload.dbID");
  EXPECT_THAT(as(ann, "getDatabases", "{}").body, HasSubstr(R"("total":2)"));
  EXPECT_THAT(
      as(ann, "manageDatabase", R"({"operation":"Read"})").body,
      HasSubstr(
          R"("message":{"collections":[{"collectionName":"_default","documents":0},{"collectionName":"c","documents":0}]})"));
  EXPECT_EQ(api.accounts.owner_id("bob"), "");
}

TEST_F(Actions, LongBodiesAreReadForAKnownKeyAlone) {
  const std::string ann = api.add_user("ann");
  const std::string database = loaded(ann, "things");
  const std::string data = R"({"t":")" + std::string(100'000, 'x') + "\"}";
  const auto add = [&](const std::string& key) {
    return call("manageDatabase", R"({"documentData":)" + data +
                                      R"(,"operation":"Add","collectionName":"c","apiKey":")" + key + "\"}");
  };
  EXPECT_EQ(add(ann).status, 200U);
  refused(add("wrong"), "unauthenticated", "payload.apiKey");
  refused(call("manageDatabase", R"({"operation":"Add","collectionName":"c","documentData":)" + data + "}"),
          "too_large", "payload.documentData");
  Options options;
  options.body_bytes = 1000;
  TestApi small(options);
  const Answer large = small.action("", "login", R"({"username":")" + std::string(2000, 'x') + "\"}");
  EXPECT_EQ(large.status, 413U);
  EXPECT_THAT(large.body, HasSubstr(R"({"status":413,"message":)"));
}

TEST_F(Actions, TheRouteAnswersInItsOwnWords) {
  EXPECT_EQ(api.get("/api").status, 405U);
  EXPECT_THAT(api.get("/api").body, HasSubstr(R"({"status":405,)"));
  const Answer form = api.post("/api", "action=login", "application/x-www-form-urlencoded");
  EXPECT_EQ(form.status, 400U);
  const Answer foreign =
      api.call({.method = net::Method::post,
                .target = "/api",
                .body = "{}",
                .fields = {{"Content-Type", "application/json"}, {"Sec-Fetch-Site", "cross-site"}}});
  refused(foreign, "forbidden", "Sec-Fetch-Site");
  Options options;
  options.roots.push_back({.listener = 1, .surface = Surface::actions, .kv = {}});
  TestApi root(options);
  const auto post = [&](std::uint32_t listener) {
    return root.call({.method = net::Method::post,
                      .target = "/",
                      .body = R"({"action":"getPublicDatabases"})",
                      .fields = {{"Content-Type", "application/json"}},
                      .listener = listener});
  };
  EXPECT_EQ(post(1).status, 200U);
  EXPECT_EQ(post(0).status, 404U);
  EXPECT_EQ(root.call({.target = "/", .listener = 1}).status, 405U);
  EXPECT_EQ(root.call({.target = "/healthz", .listener = 1}).status, 200U);
}

TEST_F(Actions, WrongPasswordsAreSlowedDown) {
  api.add_user("ann");
  Answer last;
  for (int i = 0; i < 12; ++i) last = call("login", R"({"username":"ann","password":"wrong password"})");
  EXPECT_EQ(last.status, 429U);
  EXPECT_NE(last.field("Retry-After"), "");
  EXPECT_THAT(last.body, HasSubstr(R"({"status":429,)"));
}

TEST_F(Actions, RegistrationCanBeClosed) {
  auto accounts = testing::cheap_accounts();
  accounts.registration = false;
  TestApi closed({}, accounts);
  const std::string payload = R"({"username":"bob","password":"long enough","email":"b@example.org"})";
  refused(closed.action("", "register", payload), "forbidden", "");
  EXPECT_EQ(closed.action(closed.admin_key, "register", payload).status, 200U);
}

TEST(Glance, FindsAKeyWithoutBelievingTheText) {
  EXPECT_EQ(glance_at(R"({"action":"x","payload":{"a":{"apiKey":"no"},"apiKey":"yes"}})").key, "yes");
  EXPECT_EQ(glance_at(R"({"payload" : { "l" : [ "apiKey", "no" ] , "apiKey" : "yes" , "z": 1 } })").key,
            "yes");
  EXPECT_EQ(glance_at(R"({"action":"deleteDatabase","apiKey":{"APIkey":"yes","dbID":"x"}})").key, "yes");
  EXPECT_EQ(glance_at(R"({"apiKey":"no"})").key, "");
  EXPECT_EQ(glance_at(R"({"other":{"apiKey":"no"}})").key, "");
  EXPECT_EQ(glance_at(R"({"payload":{"apiKey":"n\u006f"}})").key, "");
  EXPECT_EQ(glance_at(R"({"payload":{"a":1,"password":"long","b":2}})").longest, "password");
  EXPECT_EQ(glance_at(R"({"payload":{"apiKey":"unfinished)").key, "unfinished");
  EXPECT_EQ(glance_at("}]\"\\").key, "");
  EXPECT_EQ(glance_at("").key, "");
}

}  // namespace
}  // namespace quire::api::actions
