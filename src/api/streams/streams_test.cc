#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "api/streams/socket.h"
#include "api/testing/test_api.h"

namespace quire::api::streams {
namespace {

using ::testing::AllOf;
using testing::FakeExchange;
using testing::FakeWebSocket;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using testing::TestApi;
using testing::things;

// The value of a member that is a string.
std::string text_in(const std::string& json, const std::string& member) {
  const std::string start = "\"" + member + R"(":")";
  const std::size_t at = json.find(start);
  if (at == std::string::npos) return {};
  return json.substr(at + start.size(), json.find('"', at + start.size()) - at - start.size());
}

// A client with an open connection.
class Client {
 public:
  Client(TestApi& api, const std::string& target, const std::string& key = {}) {
    std::vector<std::pair<std::string, std::string>> fields;
    if (!key.empty()) fields.emplace_back("Authorization", "Bearer " + key);
    exchange_ = api.begin(testing::websocket_request(target, std::move(fields)));
    EXPECT_TRUE(exchange_->wait());
    EXPECT_EQ(exchange_->answer().status, 101U) << exchange_->answer().body;
    socket_ = exchange_->socket();
  }
  ~Client() { socket_->end(); }

  FakeWebSocket& socket() { return *socket_; }
  void send(std::string text) { socket_->receive(std::move(text)); }
  // The message that comes next.
  std::string next() {
    const auto all = socket_->wait_for_messages(seen_ + 1);
    return seen_ < all.size() ? all[seen_++] : "none";
  }
  std::string ask(std::string text) {
    send(std::move(text));
    return next();
  }

 private:
  std::shared_ptr<FakeExchange> exchange_;
  std::shared_ptr<FakeWebSocket> socket_;
  std::size_t seen_ = 0;
};

constexpr std::string_view kStarted = R"({"started":true})";
const std::string kOid = "507f1f77bcf86cd799439011";

std::string upsert(const std::string& id, const std::string& updates) {
  return R"({"action":"upsert","collection":"things","id":)" + id + R"(,"updates":)" + updates + "}";
}

// Whether it became so in time.
template <class Condition>
bool becomes(const Condition& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

// --- /db

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
  refused(R"("action":"upsert","collection":"things","updates":{"$set":{"n":1}})", "id");
  refused(R"("action":"upsert","collection":"things","id":"a")", "updates");
  refused(R"("action":"upsert","collection":"things","id":"a","updates":{"$no":{"n":1}})", "updates.$no");
  refused(R"("action":"upsert","collection":"things","id":"a","updates":{"$set":{"n":1}},"upsert":true)",
          "upsert");
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

// --- /search

TEST(SearchSocket, IsNotThereYet) {
  TestApi api;
  Client client(api, "/search");
  EXPECT_THAT(client.ask(R"({"action":"search","body":{},"reqID":1})"),
              StartsWith(R"({"reqID":1,"error":{"code":"not_implemented")"));
}

// --- /changes

TEST(ChangesSocket, ComeInTheirOrder) {
  TestApi api;
  api.put(things("/before"), "{}");
  Client client(api, "/changes");
  EXPECT_EQ(client.ask(R"({"collection":"things","reqID":"w"})"), R"({"reqID":"w","started":true})");
  api.put(things("/a"), R"({"n":1,"m":{"k":1,"gone":1}})");
  api.put("/v1/databases/main/collections/others/documents/x", "{}");
  Client writer(api, "/db");
  writer.ask(upsert("\"a\"", R"({"$set":{"m.k":2},"$unset":{"m.gone":1}})"));
  api.remove(things("/a"));
  const std::string inserted = client.next();
  EXPECT_THAT(
      inserted,
      AllOf(StartsWith(R"({"doc":{"_id":{"_data":")"), HasSubstr(R"("operationType":"insert")"),
            HasSubstr(R"("ns":{"db":"main","coll":"things"})"), HasSubstr(R"("documentKey":{"_id":"a"})"),
            HasSubstr(R"("fullDocument":{"_id":"a","n":1,"m":{"k":1,"gone":1}})"),
            HasSubstr(R"("clusterTime":{"$timestamp":)"), HasSubstr(R"("wallTime":{"$date":)")));
  const std::string updated = client.next();
  EXPECT_THAT(updated, AllOf(HasSubstr(R"("operationType":"update")"), HasSubstr(R"("m.k":2)"),
                             HasSubstr(R"("removedFields":["m.gone"])"), HasSubstr(R"("m":{"k":2})")));
  EXPECT_THAT(client.next(), AllOf(HasSubstr(R"("operationType":"delete")"), Not(HasSubstr("fullDocument"))));
  EXPECT_EQ(api.remove("/v1/databases/main/collections/things").status, 200U);
  EXPECT_THAT(client.next(), AllOf(HasSubstr(R"("operationType":"drop")"), HasSubstr(R"("coll":"things")"),
                                   Not(HasSubstr("documentKey"))));
  EXPECT_EQ(client.socket().messages().size(), 5U);
}

TEST(ChangesSocket, ResumeExactlyBehindAToken) {
  TestApi api;
  Client first(api, "/changes");
  EXPECT_EQ(first.ask("{}"), kStarted);
  std::vector<std::string> events;
  for (int i = 0; i < 10; ++i) {
    api.put(things("/d" + std::to_string(i)), "{}");
    events.push_back(first.next());
  }
  for (std::size_t behind = 0; behind < events.size(); ++behind) {
    const std::string token = text_in(events[behind], "_data");
    // The whole _id, or what it says.
    const std::string form = behind % 2 == 0 ? R"({"_data":")" + token + "\"}" : "\"" + token + "\"";
    Client client(api, "/changes");
    EXPECT_EQ(client.ask(R"({"resumeAfter":)" + form + "}"), kStarted);
    for (std::size_t i = behind + 1; i < events.size(); ++i) EXPECT_EQ(client.next(), events[i]);
    const std::string id = "n" + std::to_string(behind);
    api.put(things("/" + id), "{}");
    const std::string now = client.next();
    EXPECT_THAT(now, HasSubstr(R"("_id":"n)"));
  }
}

TEST(ChangesSocket, StartAtATime) {
  TestApi api;
  Client first(api, "/changes");
  EXPECT_EQ(first.ask(R"({"collection":"things"})"), kStarted);
  std::vector<std::string> events;
  Client writer(api, "/db");
  // Of a few documents, so that most changes are followed by another one of the same.
  for (int i = 0; i < 12; ++i) {
    writer.ask(upsert("\"d" + std::to_string(i % 3) + "\"", R"({"$inc":{"n":1}})"));
    events.push_back(first.next());
  }
  const std::string start = R"("clusterTime":)";
  for (std::size_t i = 0; i < events.size(); ++i) {
    const std::size_t at = events[i].find(start) + start.size();
    const std::string time = events[i].substr(at, events[i].find("}}", at) + 2 - at);
    Client client(api, "/changes");
    EXPECT_EQ(client.ask(R"({"startAtOperationTime":)" + time + "}"), kStarted);
    EXPECT_EQ(client.next(), events[i]) << time;
  }
  Client all(api, "/changes");
  EXPECT_EQ(all.ask(R"({"collection":"things","startAtOperationTime":{"$date":"1999-01-01T00:00:00Z"}})"),
            kStarted);
  EXPECT_EQ(all.next(), events[0]);
  Client none(api, "/changes");
  EXPECT_EQ(none.ask(R"({"startAtOperationTime":{"$date":"2199-01-01T00:00:00Z"}})"), kStarted);
  api.put(things("/last"), "{}");
  EXPECT_THAT(none.next(), HasSubstr(R"("_id":"last")"));
}

TEST(ChangesSocket, AreFiltered) {
  TestApi api;
  Client client(api, "/changes");
  EXPECT_EQ(client.ask(R"({"pipeline":[{"$match":{"operationType":{"$in":["insert","delete"]}}},)"
                       R"({"$match":{"$or":[{"fullDocument.n":{"$gt":5}},{"operationType":"delete"}]}}]})"),
            kStarted);
  api.put(things("/small"), R"({"n":1})");
  api.put(things("/large"), R"({"n":9})");
  Client writer(api, "/db");
  writer.ask(upsert("\"large\"", R"({"$set":{"n":10}})"));
  api.remove(things("/small"));
  EXPECT_THAT(client.next(), AllOf(HasSubstr(R"("_id":"large")"), HasSubstr("insert")));
  EXPECT_THAT(client.next(), AllOf(HasSubstr(R"("_id":"small")"), HasSubstr("delete")));
}

TEST(ChangesSocket, ShowTheDocumentAsAskedFor) {
  TestApi api;
  struct Case {
    std::string form;
    bool at_insert;
    bool at_update;
  };
  const Case cases[] = {{"\"default\"", true, false}, {"\"updateLookup\"", true, true},
                        {"\"off\"", false, false},    {"\"whenAvailable\"", true, true},
                        {"\"required\"", true, true}, {"true", true, true},
                        {"false", false, false},      {"null", true, true}};
  int number = 0;
  for (const Case& one : cases) {
    Client client(api, "/changes");
    EXPECT_EQ(client.ask(R"({"fullDocument":)" + one.form + "}"), kStarted);
    Client writer(api, "/db");
    const std::string id = "\"d" + std::to_string(++number) + "\"";
    writer.ask(upsert(id, R"({"$set":{"n":1}})"));
    writer.ask(upsert(id, R"({"$set":{"n":2}})"));
    const auto shows = [&](const std::string& event) {
      return event.find(R"("fullDocument":{)") != std::string::npos;
    };
    EXPECT_EQ(shows(client.next()), one.at_insert) << one.form;
    const std::string update = client.next();
    EXPECT_EQ(shows(update), one.at_update) << one.form;
    EXPECT_THAT(update, HasSubstr(R"("updateDescription":{"updatedFields":{)"));
  }
}

TEST(ChangesSocket, SayThatTheHistoryIsLost) {
  TestApi api;
  api.put(things("/a"), "{}");
  Client client(api, "/changes");
  EXPECT_THAT(client.ask(R"({"resumeAfter":{"_data":"1-77"},"reqID":4})"),
              StartsWith(R"({"reqID":4,"error":{"code":"history_lost")"));
  EXPECT_EQ(client.socket().wait_for_close(), close_code::kHistoryLost);
  EXPECT_EQ(client.socket().close_reason(), "history_lost");
}

// Where the versions that writes replaced are not kept, a watch that was away sees the last change of each
// document.
TEST(ChangesSocket, ResumeAtTheLastChangesWithoutHistory) {
  TestApi api;
  EXPECT_EQ(api.patch("/v1/databases/main", R"({"historyMs":0})").status, 200U);
  Client first(api, "/changes");
  EXPECT_EQ(first.ask("{}"), kStarted);
  Client writer(api, "/db");
  std::vector<std::string> events;
  for (int i = 0; i < 4; ++i) {
    writer.ask(upsert("\"a\"", R"({"$inc":{"n":1}})"));
    events.push_back(first.next());
  }
  Client client(api, "/changes");
  EXPECT_EQ(client.ask(R"({"resumeAfter":")" + text_in(events[0], "_data") + "\"}"), kStarted);
  EXPECT_EQ(client.next(), events[3]);
}

TEST(ChangesSocket, FaultsOfTheFirstMessageLeaveAnotherTry) {
  TestApi api;
  Client client(api, "/changes");
  const auto refused = [&](const std::string& text, const std::string& field) {
    EXPECT_THAT(client.ask(text),
                AllOf(HasSubstr(R"("error":{"code":"invalid")"), HasSubstr("\"field\":\"" + field)))
        << text;
  };
  refused(R"({"action":"getByIds","ids":["a"]})", "action");
  refused(R"({"action":"watch"})", "action");
  refused(R"({"collection":7})", "collection");
  refused(R"({"since":"now"})", "since");
  refused(R"({"resumeAfter":{"_data":7}})", "resumeAfter");
  refused(R"({"resumeAfter":"x"})", "resumeAfter");
  refused(R"({"resumeAfter":{"_data":"1-1","more":1}})", "resumeAfter");
  refused(R"({"pipeline":{"$match":{}}})", "pipeline");
  refused(R"({"pipeline":[{"$match":{}},{"$project":{"n":1}}]})", "pipeline[1]");
  refused(R"({"pipeline":[{"$match":{"n":{"$no":1}}}]})", "pipeline");
  refused(R"({"fullDocument":"always"})", "fullDocument");
  refused(R"({"startAtOperationTime":5})", "startAtOperationTime");
  refused(R"({"startAtOperationTime":{"$timestamp":{"t":-1,"i":1}}})", "startAtOperationTime");
  refused(R"({"startAtOperationTime":{"$timestamp":{"t":1,"i":1}},"resumeAfter":"1-1"})",
          "startAtOperationTime");
  EXPECT_THAT(client.ask("no JSON"), HasSubstr(R"("error":{"code":"invalid")"));
  EXPECT_EQ(client.ask(R"({"collection":"things"})"), kStarted);
  EXPECT_THAT(client.ask(R"({"collection":"others","reqID":2})"),
              StartsWith(R"({"reqID":2,"error":{"code":"invalid")"));
  api.put(things("/a"), "{}");
  EXPECT_THAT(client.next(), HasSubstr(R"("_id":"a")")) << "the first watch goes on";
}

TEST(ChangesSocket, EndWhoDoesNotReadThem) {
  TestApi api;
  Client client(api, "/changes");
  Client quick(api, "/changes");
  EXPECT_EQ(client.ask("{}"), kStarted);
  EXPECT_EQ(quick.ask("{}"), kStarted);
  for (int i = 0; i < 20; ++i) {
    api.put(things("/d" + std::to_string(i)), "{}");
    client.next();
    quick.next();
  }
  client.socket().stop_reading_after(client.socket().messages().size());
  for (int i = 0; i < 40; ++i) {
    api.put(things("/big" + std::to_string(i)), R"({"text":")" + std::string(100'000, 'x') + "\"}");
  }
  EXPECT_EQ(client.socket().wait_for_close(), close_code::kTooSlow);
  for (int i = 0; i < 40; ++i) EXPECT_THAT(quick.next(), HasSubstr("\"big" + std::to_string(i) + "\""));
  // It says where to go on.
  const std::string reason = client.socket().close_reason();
  EXPECT_THAT(reason, StartsWith("lagging; resume after "));
  const auto taken = client.socket().messages();
  Client again(api, "/changes");
  EXPECT_EQ(again.ask(R"({"resumeAfter":")" + text_in(taken.back(), "_data") + "\"}"), kStarted);
  EXPECT_THAT(again.next(), HasSubstr(R"("_id":"big0")"));
}

TEST(ChangesSocket, EndWithTheKey) {
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

TEST(ChangesSocket, EndWithTheRight) {
  TestApi api;
  const std::string key = api.add_user("ann");
  EXPECT_EQ(api.put("/v1/databases/main/grants/ann", R"({"right":"read"})").status, 200U);
  Client client(api, "/changes", key);
  EXPECT_EQ(client.ask("{}"), kStarted);
  EXPECT_EQ(api.remove("/v1/databases/main/grants/ann").status, 200U);
  api.put(things("/secret"), "{}");
  EXPECT_EQ(client.socket().wait_for_close(), close_code::kNotAllowed);
  for (const std::string& message : client.socket().messages())
    EXPECT_THAT(message, Not(HasSubstr("secret")));
}

TEST(ChangesSocket, AreNotForOutsiders) {
  TestApi api;
  const std::string key = api.add_user("ann");
  api.put(things("/a"), "{}");
  EXPECT_EQ(api.put("/v1/databases/secrets", "").status, 201U);
  Client there(api, "/changes?database=root:secrets", key);
  Client none(api, "/changes?database=root:nothing", key);
  for (const std::string message :
       {"{}", R"({"collection":"things"})", R"({"resumeAfter":"1-77"})", R"({"resumeAfter":"1-1"})",
        R"({"startAtOperationTime":{"$date":1000}})"}) {
    const std::string answer = there.ask(message);
    EXPECT_EQ(answer, none.ask(message)) << message;
    EXPECT_THAT(answer, HasSubstr(R"("error":{"code":)"));
  }
}

TEST(ChangesSocket, OfOneAccountHaveABound) {
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

TEST(ChangesSocket, EndWithTheServer) {
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

// --- pages

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
