#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <chrono>

#include "api/streams/socket.h"
#include "api/testing/stream_client.h"

namespace quire::api::streams {
namespace {

using ::testing::AllOf;
using testing::becomes;
using testing::Client;
using ::testing::HasSubstr;
using testing::kOid;
using ::testing::Not;
using ::testing::StartsWith;
using testing::TestApi;
using testing::things;
using testing::upsert;

TEST(DbSocket, GivesDocumentsByTheirIds) {
  TestApi api;
  api.put(things("/a"), R"({"n":1})");
  api.put(things("/" + kOid), R"({"n":2})");
  api.put(things("/gone"), "{}");
  api.remove(things("/gone"));
  Client client(api, "/db");
  client.send(R"({"action":"getByIds","collection":"things","ids":["a","gone","none",{"$oid":")" + kOid +
              R"("}],"reqID":{"n":[1,null]}})");
  EXPECT_EQ(client.next(), R"({"reqID":{"n":[1,null]},"doc":{"_id":"a","n":1},"hasMore":true})");
  EXPECT_EQ(client.next(),
            R"({"reqID":{"n":[1,null]},"doc":{"_id":{"$oid":")" + kOid + R"("},"n":2},"hasMore":false})");
  // As a plain string it is the same id, and it is written in the one form.
  EXPECT_EQ(
      client.ask(R"({"action":"getByIds","collection":"things","ids":[")" + kOid + R"("],"reqID":"r"})"),
      R"({"reqID":"r","doc":{"_id":{"$oid":")" + kOid + R"("},"n":2},"hasMore":false})");
  EXPECT_EQ(client.ask(R"({"action":"getByIds","collection":"things","ids":["none","a","gone"],"reqID":0})"),
            R"({"reqID":0,"doc":{"_id":"a","n":1},"hasMore":false})")
      << "one that is missing behind the last does not make it look like there is more";
}

TEST(DbSocket, SaysOnceThatNoneIsThere) {
  TestApi api;
  api.put(things("/a"), "{}");
  Client client(api, "/db");
  EXPECT_THAT(client.ask(R"({"action":"getByIds","collection":"things","ids":["x","y"],"reqID":false})"),
              AllOf(StartsWith(R"({"reqID":false,"error":{"code":"not_found")"), Not(HasSubstr("doc\":{"))));
  EXPECT_THAT(client.ask(R"({"action":"getByIds","collection":"nothing","ids":["x"],"reqID":2})"),
              StartsWith(R"({"reqID":2,"error":{"code":"not_found")"));
  EXPECT_THAT(client.ask(R"({"action":"getByIds","collection":"things","ids":["a"]})"),
              HasSubstr(R"("doc")"));
  EXPECT_EQ(client.socket().messages().size(), 3U);
}

TEST(DbSocket, TakesObjectIdsInLettersOfBothSizes) {
  TestApi api;
  Client client(api, "/db");
  std::string large = kOid;
  std::transform(large.begin(), large.end(), large.begin(), [](unsigned char c) { return std::toupper(c); });
  const std::string small_id = R"({"$oid":")" + kOid + "\"}";
  EXPECT_EQ(
      client.ask(R"({"action":"insert","collection":"things","docs":[{"_id":{"$oid":")" + large + R"("}}]})"),
      R"({"insertedIds":[)" + small_id + R"(],"hasMore":false})");
  EXPECT_EQ(client.ask(R"({"action":"getByIds","collection":"things","ids":[{"$oid":")" + large + R"("}]})"),
            R"({"doc":{"_id":)" + small_id + R"(},"hasMore":false})");
  EXPECT_THAT(client.ask(upsert(R"({"$oid":")" + large + "\"}", R"({"$set":{"n":1}})")),
              StartsWith(R"({"modifiedCount":1,"upsertedId":)" + small_id));
  // A string is the id that it is.
  EXPECT_THAT(client.ask(R"({"action":"getByIds","collection":"things","ids":[")" + large + R"("]})"),
              HasSubstr("not_found"));
}

TEST(DbSocket, UpsertMakesAndChanges) {
  TestApi api;
  Client client(api, "/db");
  EXPECT_EQ(client.ask(upsert("\"a\"", R"({"$set":{"n":1},"$setOnInsert":{"first":true}})")),
            R"({"modifiedCount":0,"upsertedId":"a","hasMore":false})");
  const std::string made = api.get(things("/a")).body;
  EXPECT_THAT(made, AllOf(HasSubstr(R"("n":1)"), HasSubstr(R"("first":true)"),
                          HasSubstr(R"("createdDate":{"$date":)"), HasSubstr(R"("modifiedDate":{"$date":)")));
  EXPECT_EQ(client.ask(upsert("\"a\"", R"({"$inc":{"n":5},"$setOnInsert":{"second":true}})")),
            R"({"modifiedCount":1,"upsertedId":"a","hasMore":false})");
  const std::string changed = api.get(things("/a")).body;
  EXPECT_THAT(changed, AllOf(HasSubstr(R"("n":6)"), HasSubstr(R"("first":true)"), Not(HasSubstr("second"))));
  const std::string created = R"("createdDate":)";
  const auto date = [&](const std::string& json) { return json.substr(json.find(created), 60); };
  EXPECT_EQ(date(made).substr(0, date(made).find('}')), date(changed).substr(0, date(changed).find('}')));
  // Ids of 24 digits, in both forms.
  const std::string answer = R"(,"upsertedId":{"$oid":")" + kOid + R"("},"hasMore":false})";
  EXPECT_EQ(client.ask(upsert(R"({"$oid":")" + kOid + "\"}", R"({"$set":{"n":1}})")),
            R"({"modifiedCount":0)" + answer);
  EXPECT_EQ(client.ask(upsert("\"" + kOid + "\"", R"({"$set":{"n":2}})")), R"({"modifiedCount":1)" + answer);
}

TEST(DbSocket, UpsertMakesWhatWasDeletedAnew) {
  TestApi api;
  api.put(things("/a"), R"({"old":1})");
  api.remove(things("/a"));
  Client client(api, "/db");
  EXPECT_THAT(client.ask(upsert("\"a\"", R"({"$set":{"n":1}})")), StartsWith(R"({"modifiedCount":0)"));
  EXPECT_THAT(api.get(things("/a")).body,
              AllOf(HasSubstr("createdDate"), HasSubstr(R"("n":1)"), Not(HasSubstr("old"))));
}

TEST(DbSocket, InsertsAllOrNone) {
  TestApi api;
  Client client(api, "/db");
  EXPECT_EQ(client.ask(R"({"action":"insert","collection":"things","docs":[{"_id":"a"},{"_id":{"$oid":")" +
                       kOid + R"("}}],"reqID":7})"),
            R"({"reqID":7,"insertedIds":["a",{"$oid":")" + kOid + R"("}],"hasMore":false})");
  const std::string named = client.ask(R"({"action":"insert","collection":"things","docs":[{"n":1}]})");
  EXPECT_THAT(named, StartsWith(R"({"insertedIds":[)"));
  EXPECT_THAT(
      client.ask(R"({"action":"insert","collection":"things","docs":[{"_id":"b"},{"_id":"a"}],"reqID":8})"),
      AllOf(StartsWith(R"({"reqID":8,"error":{"code":"exists")"), HasSubstr(R"("field":"docs[1]")")));
  EXPECT_EQ(api.get(things("/b")).status, 404U);
}

TEST(DbSocket, SaysWhatIsWrongAndGoesOn) {
  TestApi api;
  Client client(api, "/db");
  for (const std::string text :
       {"", "x", "{", "[]", "7", "\"text\"", "null", R"({"reqID":1)", R"({"reqID":1}})", "\x01\x02{}"}) {
    EXPECT_THAT(client.ask(text), StartsWith(R"({"error":{"code":"invalid")")) << text;
  }
  const auto refused = [&](const std::string& members, const std::string& field) {
    EXPECT_THAT(client.ask("{\"reqID\":[1]" + (members.empty() ? "" : "," + members) + "}"),
                AllOf(StartsWith(R"({"reqID":[1],"error":{"code":"invalid","message":")"),
                      HasSubstr(R"("field":")" + field)))
        << members;
  };
  refused("", "action");
  refused(R"("action":"delete")", "action");
  refused(R"("action":5)", "action");
  refused(R"("action":"getByIds","collection":"things")", "ids");
  refused(R"("action":"getByIds","collection":"things","ids":[])", "ids");
  refused(R"("action":"getByIds","collection":"things","ids":"a")", "ids");
  refused(R"("action":"getByIds","collection":"things","ids":["a",5])", "ids[1]");
  refused(R"("action":"getByIds","collection":"things","ids":[{"$oid":"xyz"}])", "ids[0]");
  refused(R"("action":"getByIds","collection":"things","ids":[{"$oid":")" + kOid + R"(","more":1}])",
          "ids[0]");
  refused(R"("action":"getByIds","collection":5,"ids":["a"])", "collection");
  refused(R"("action":"getByIds","collection":"things","ids":["a"],"limit":5)", "limit");
  refused(R"("action":"getByIds","collection":"things","ids":["a"],"":5)", R"(\"\")");
  refused(R"("action":"upsert","collection":"things","updates":{"$set":{"n":1}})", "id");
  refused(R"("action":"upsert","collection":"things","id":"a")", "updates");
  refused(R"("action":"upsert","collection":"things","id":"a","updates":{"$no":{"n":1}})", "updates.$no");
  refused(R"("action":"upsert","collection":"things","id":"a","updates":{"$set":{"n":1}},"upsert":true)",
          "upsert");
  refused(R"("action":"getByIds","collection":"","ids":["a"])", "collection\"");
  refused(R"("action":"upsert","collection":"_x","id":"a","updates":{"$set":{"n":1}})", "collection\"");
  refused(R"("action":"upsert","collection":"things","id":"a","updates":{})", "updates\"");
  refused(R"("action":"upsert","collection":"things","id":"a","updates":{"$set":5})", "updates.$set\"");
  refused(
      R"("action":"upsert","collection":"things","id":"a","updates":{"$set":{"at":{"$date":"2018-03-20"}}})",
      "updates.at\"");
  refused(R"("action":"insert","collection":"_x","docs":[{}])", "collection\"");
  refused(R"("action":"insert","collection":"things","docs":[{},{"at":{"$date":"2018-03-20"}}])",
          "docs[1].at\"");
  refused(R"("action":"insert","collection":"things","docs":[{"_id":{"$oid":"zz"}}])", "docs[0]._id\"");
  refused(R"("action":"insert","collection":"things")", "docs");
  refused(R"("action":"insert","collection":"things","docs":[5])", "docs[0]");
  refused(
      R"("action":"insert","collection":"things","docs":[{"_id":"a","_rev":"1-00000000000000000000000000000000"}])",
      "docs[0]");
  EXPECT_EQ(api.get(things("/a")).status, 404U);
  EXPECT_THAT(client.ask(upsert("\"a\"", R"({"$set":{"n":1}})")), StartsWith(R"({"modifiedCount":0)"));
}

TEST(DbSocket, LetsTheFirstMessageProveWhoAsks) {
  TestApi api;
  const std::string key = api.add_user("ann");
  api.put(things("/a"), R"({"n":1})");
  EXPECT_EQ(api.put("/v1/databases/main/grants/ann", R"({"right":"write"})").status, 200U);
  api.as_admin = false;
  const std::string read = R"({"action":"getByIds","collection":"things","ids":["a"],"reqID":1})";
  Client client(api, "/db");
  EXPECT_LE(client.socket().message_limit(), 64U << 10) << "of one who has proven nothing little is taken";
  EXPECT_THAT(client.ask(read), StartsWith(R"({"reqID":1,"error":{"code":"unauthenticated")"));
  for (const std::string& wrong : {std::string("wrong"), key + "x", std::string()}) {
    const std::string answer = client.ask(R"({"action":"auth","apiKey":")" + wrong + R"(","reqID":2})");
    EXPECT_THAT(answer, StartsWith(R"({"reqID":2,"error":{"code":"unauthenticated")"));
    EXPECT_TRUE(wrong.empty() || answer.find(wrong) == std::string::npos) << answer;
  }
  EXPECT_THAT(client.ask(R"({"action":"auth","apiKey":5,"reqID":2})"), HasSubstr(R"("code":"invalid")"));
  EXPECT_THAT(client.ask(read), HasSubstr("unauthenticated"));
  EXPECT_EQ(client.ask(R"({"action":"auth","apiKey":")" + key + R"(","reqID":3})"),
            R"({"reqID":3,"authenticated":true})");
  EXPECT_GE(client.socket().message_limit(), 1U << 20);
  EXPECT_EQ(client.ask(read), R"({"reqID":1,"doc":{"_id":"a","n":1},"hasMore":false})");
}

TEST(DbSocket, RequestsBehindAProofWaitForIt) {
  TestApi api;
  const std::string key = api.add_user("ann");
  api.put(things("/a"), R"({"n":1})");
  EXPECT_EQ(api.put("/v1/databases/main/grants/ann", R"({"right":"read"})").status, 200U);
  api.as_admin = false;
  for (int i = 0; i < 20; ++i) {
    Client client(api, "/db");
    client.send(R"({"action":"auth","apiKey":")" + key + R"(","reqID":1})");
    client.send(R"({"action":"auth","apiKey":"wrong","reqID":2})");
    for (int request = 3; request < 10; ++request) {
      client.send(R"({"action":"getByIds","collection":"things","ids":["a"],"reqID":)" +
                  std::to_string(request) + "}");
    }
    EXPECT_EQ(client.next(), R"({"reqID":1,"authenticated":true})");
    EXPECT_THAT(client.next(), StartsWith(R"({"reqID":2,"error":{"code":"unauthenticated")"));
    for (int request = 3; request < 10; ++request)
      EXPECT_THAT(client.next(), HasSubstr(R"("doc":{"_id":"a")"));
  }
}

TEST(DbSocket, HoldsAReaderToReading) {
  TestApi api;
  const std::string reader = api.add_user("reader");
  const std::string outsider = api.add_user("outsider");
  api.put(things("/a"), R"({"n":1})");
  EXPECT_EQ(api.put("/v1/databases/main/grants/reader", R"({"right":"read"})").status, 200U);
  Client client(api, "/db", reader);
  EXPECT_THAT(client.ask(upsert("\"a\"", R"({"$set":{"n":2}})")),
              StartsWith(R"({"error":{"code":"forbidden")"));
  EXPECT_THAT(client.ask(R"({"action":"insert","collection":"things","docs":[{}]})"), HasSubstr("forbidden"));
  EXPECT_THAT(client.ask(R"({"action":"getByIds","collection":"things","ids":["a"]})"),
              HasSubstr(R"("n":1)"));
  EXPECT_EQ(api.put("/v1/databases/secrets", "").status, 201U);
  // What is there, and what is not, look alike to one who may see neither.
  const std::vector<std::string> requests = {R"({"action":"getByIds","collection":"things","ids":["a"]})",
                                             R"({"action":"getByIds","collection":"none","ids":["b"]})",
                                             upsert("\"a\"", R"({"$set":{"n":2}})"),
                                             R"({"action":"insert","collection":"things","docs":[{}]})"};
  Client there(api, "/db?database=root:secrets", outsider);
  Client none(api, "/db?database=root:nothing", outsider);
  for (const std::string& request : requests) {
    const std::string answer = there.ask(request);
    EXPECT_EQ(answer, none.ask(request));
    EXPECT_THAT(answer, StartsWith(R"({"error":{"code":)"));
  }
}

TEST(DbSocket, IsLockedWhileAnotherHoldsTheDatabase) {
  TestApi api;
  const std::string holder = api.add_user("holder");
  const std::string other = api.add_user("other");
  for (const std::string name : {"holder", "other"}) {
    EXPECT_EQ(api.put("/v1/databases/main/grants/" + name, R"({"right":"write"})").status, 200U);
  }
  api.put(things("/a"), R"({"n":1})");
  EXPECT_EQ(api.as(holder, {.method = net::Method::put, .target = "/v1/databases/main/reservation"}).status,
            200U);
  Client its(api, "/db?database=root:main", other);
  Client client(api, "/db", other);
  EXPECT_THAT(client.ask(upsert("\"a\"", R"({"$set":{"n":2}})")), StartsWith(R"({"error":{"code":"locked")"));
  EXPECT_THAT(client.ask(R"({"action":"getByIds","collection":"things","ids":["a"]})"),
              StartsWith(R"({"error":{"code":"locked")"));
  Client by_holder(api, "/db", holder);
  EXPECT_THAT(by_holder.ask(upsert("\"a\"", R"({"$set":{"n":3}})")), StartsWith(R"({"modifiedCount":1)"));
  EXPECT_EQ(
      api.as(holder, {.method = net::Method::remove, .target = "/v1/databases/main/reservation"}).status,
      200U);
  EXPECT_THAT(client.ask(upsert("\"a\"", R"({"$set":{"n":4}})")), StartsWith(R"({"modifiedCount":1)"));
}

TEST(DbSocket, DoesNotReadOnWhileManyRequestsAreUnderWay) {
  TestApi api;
  for (const std::string id : {"a", "b", "c"}) {
    ASSERT_EQ(api.put(things("/" + id), R"({"text":")" + std::string(600'000, 'x') + "\"}").status, 201U);
  }
  Client client(api, "/db");
  client.socket().stop_reading_after(0);
  constexpr int kRequests = 40;
  for (int i = 0; i < kRequests; ++i) {
    client.send(R"({"action":"getByIds","collection":"things","ids":["a","b","c"],"reqID":)" +
                std::to_string(i) + "}");
  }
  EXPECT_TRUE(becomes([&] { return client.socket().paused(); }));
  EXPECT_LT(client.socket().waiting(), 3U << 20);
  client.socket().take_all();
  const auto messages = client.socket().wait_for_messages(kRequests * 3);
  ASSERT_EQ(messages.size(), kRequests * 3U);
  std::vector<int> last(kRequests);
  for (const std::string& message : messages) {
    const int request = std::stoi(message.substr(message.find(':') + 1));
    EXPECT_EQ(last[request] < 2, message.find(R"("hasMore":true)") != std::string::npos);
    ++last[request];
  }
  EXPECT_THAT(last, ::testing::Each(3));
  EXPECT_TRUE(becomes([&] { return !client.socket().paused(); }));
}

TEST(DbSocket, EndsWhoAsksAndDoesNotRead) {
  TestApi api;
  Client client(api, "/db");
  client.socket().stop_reading_after(0);
  for (int i = 0; i < 20'000; ++i) client.send("garbage");
  EXPECT_EQ(client.socket().wait_for_close(), close_code::kTooSlow);
}

TEST(SearchSocket, IsNotThereYet) {
  TestApi api;
  Client client(api, "/search");
  EXPECT_THAT(client.ask(R"({"action":"search","body":{},"reqID":1})"),
              StartsWith(R"({"reqID":1,"error":{"code":"not_implemented")"));
}

}  // namespace
}  // namespace quire::api::streams
