#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "api/streams/socket.h"
#include "api/testing/stream_client.h"

namespace quire::api::streams {
namespace {

using ::testing::AllOf;
using testing::Client;
using ::testing::HasSubstr;
using testing::kStarted;
using ::testing::Not;
using ::testing::StartsWith;
using testing::TestApi;
using testing::text_in;
using testing::things;
using testing::upsert;

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
  Client from_now(api, "/changes");
  EXPECT_EQ(from_now.ask("{}"), kStarted);
  api.put(things("/last"), "{}");
  EXPECT_THAT(from_now.next(), HasSubstr(R"("_id":"last")"));
  EXPECT_EQ(none.socket().messages().size(), 1U) << "that time has not come";
}

TEST(ChangesSocket, AreFilteredByACollation) {
  TestApi api;
  Client client(api, "/changes");
  EXPECT_EQ(client.ask(R"({"pipeline":[{"$match":{"fullDocument.s":"X"}}],)"
                       R"("collation":{"locale":"en","strength":1}})"),
            kStarted);
  Client exact(api, "/changes");
  EXPECT_EQ(exact.ask(R"({"pipeline":[{"$match":{"fullDocument.s":"X"}}],"collation":null})"), kStarted);
  api.put(things("/other"), R"({"s":"y"})");
  api.put(things("/small"), R"({"s":"x"})");
  api.put(things("/large"), R"({"s":"X"})");
  EXPECT_THAT(client.next(), HasSubstr(R"("_id":"small")"));
  EXPECT_THAT(client.next(), HasSubstr(R"("_id":"large")"));
  EXPECT_THAT(exact.next(), HasSubstr(R"("_id":"large")"));
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

// Where the versions that writes replaced are not kept, a watch that was away is told that it missed one; one
// that was there goes on.
TEST(ChangesSocket, SayThatReplacedChangesAreNotKept) {
  TestApi api;
  EXPECT_EQ(api.patch("/v1/databases/main", R"({"historyMs":0})").status, 200U);
  Client first(api, "/changes");
  EXPECT_EQ(first.ask("{}"), kStarted);
  Client writer(api, "/db");
  std::vector<std::string> events;
  for (int i = 0; i < 4; ++i) {
    writer.ask(upsert("\"a\"", R"({"$inc":{"n":1}})"));
    events.push_back(first.next());
    EXPECT_THAT(events.back(), HasSubstr(R"("_id":"a")"));
  }
  Client lost(api, "/changes");
  EXPECT_THAT(lost.ask(R"({"resumeAfter":")" + text_in(events[0], "_data") + "\"}"),
              AllOf(StartsWith(R"({"error":{"code":"history_lost")"), HasSubstr(R"("field":"resumeAfter")")));
  EXPECT_EQ(lost.socket().wait_for_close(), close_code::kHistoryLost);
  Client client(api, "/changes");
  EXPECT_EQ(client.ask(R"({"resumeAfter":")" + text_in(events[2], "_data") + "\"}"), kStarted);
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
  for (const std::string name : {"", "a/b", "a:b", "_x", ".."})
    refused(R"({"collection":")" + name + "\"}", "collection\"");
  refused(R"({"since":"now"})", "since");
  refused(R"({"resumeAfter":{"_data":7}})", "resumeAfter");
  refused(R"({"resumeAfter":"x"})", "resumeAfter");
  refused(R"({"resumeAfter":{"_data":"1-1","more":1}})", "resumeAfter");
  refused(R"({"pipeline":{"$match":{}}})", "pipeline");
  refused(R"({"pipeline":[{"$match":{}},{"$project":{"n":1}}]})", "pipeline[1]");
  refused(R"({"pipeline":[{"$match":{}},{"$match":{"n":{"$no":1}}}]})", "pipeline[1].$match.n.$no\"");
  refused(R"({"pipeline":[{"$match":5}]})", "pipeline[0].$match\"");
  refused(R"({"pipeline":[],"collation":{"locale":"no such"}})", "collation.locale");
  refused(R"({"collation":"en"})", "collation");
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

}  // namespace
}  // namespace quire::api::streams
