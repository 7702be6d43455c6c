#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <thread>

#include "api/route.h"
#include "api/testing/test_api.h"

// All routes for all kinds of callers, against what is promised. The expectations stand here and are not made
// of the table of routes: a route that has no row here fails, and a row says which class of promise it is of.

namespace quire::api {
namespace {

using testing::Answer;
using testing::TestApi;

// Who asks. The database "things" belongs to `owner`, and is shared with `reader` and `writer`; `main`, the
// server's own, with the two as well.
enum CallerIndex : std::size_t {
  kAnonymous,
  kReader,
  kWriter,
  kOwner,
  kAdmin,
  kExpired,
  kRevoked,
  kOther,
  kCallers
};
constexpr std::array<const char*, kCallers> kNames{"anonymous", "reader",  "writer",  "owner",
                                                   "admin",     "expired", "revoked", "other"};

// What a class promises each of them: a status, or kIn for that of the route's good answer.
constexpr unsigned kIn = 0;
using Promise = std::array<unsigned, kCallers>;
struct Class {
  Promise free;  // nobody has reserved the database
  bool locks;    // while somebody has, everybody else who would get in gets 423
  bool of_main;  // it is about `main`, of which nobody but administrators is the owner
};

//                          anonymous reader writer owner admin expired revoked other
constexpr Class kPublic{{kIn, kIn, kIn, kIn, kIn, 401, 401, kIn}, false, false};
constexpr Class kIdentified{{401, kIn, kIn, kIn, kIn, 401, 401, kIn}, false, false};
constexpr Class kRead{{401, kIn, kIn, kIn, kIn, 401, 401, 404}, true, false};
constexpr Class kDescribe{{401, kIn, kIn, kIn, kIn, 401, 401, 404}, false, false};
constexpr Class kWrite{{401, 403, kIn, kIn, kIn, 401, 401, 404}, true, false};
constexpr Class kOwn{{401, 403, 403, kIn, kIn, 401, 401, 404}, true, false};
constexpr Class kServer{{401, 403, 403, 403, kIn, 401, 401, 403}, false, false};
// About the account "owner".
constexpr Class kSelf{{401, 403, 403, kIn, kIn, 401, 401, 403}, false, false};
// What is 401 elsewhere is 400 in the dialect of actions.
constexpr Class kActions{{kIn, kIn, kIn, kIn, kIn, 400, 400, kIn}, false, false};
constexpr Class kReadMain{{401, kIn, kIn, 404, kIn, 401, 401, 404}, true, true};
constexpr Class kWriteMain{{401, 403, kIn, 404, kIn, 401, 401, 404}, true, true};

struct Row {
  const char* name;
  const Class& promise;
  std::string target;
  unsigned good;  // the status of who gets in
  std::string body = {};
  std::string type = "application/json";
};

const std::string kDb = "/v1/databases/owner:things";
const std::string kCollection = kDb + "/collections/c";
const std::string kDocument = kCollection + "/documents/a";
const std::string kCouch = "/couch/owner:things";

std::vector<Row> rows() {
  const std::string user = R"({"username":"fresh","password":"long enough","email":"f@example.org"})";
  return {
      {"kv.get", kReadMain, "/kv/get?k=k", 200},
      {"kv.set", kWriteMain, "/kv/set?k=k&v=w", 200},
      {"kv.is", kReadMain, "/kv/is?k=k", 200},
      {"kv.rm", kWriteMain, "/kv/rm?k=k", 200},
      {"kv.clear", kWriteMain, "/kv/clear", 200},
      {"kv.getKeys", kReadMain, "/kv/getKeys", 200},
      {"kv.getValues", kReadMain, "/kv/getValues", 200},
      {"kv.getAll", kReadMain, "/kv/getAll", 200},
      {"kv.status", kReadMain, "/kv/status", 200},
      {"kv.ping", kIdentified, "/kv/ping", 200},
      {"kv.healthcheck", kPublic, "/kv/healthcheck", 200},
      {"rest.documents.get", kRead, kDocument, 200},
      {"rest.documents.head", kRead, kDocument, 200},
      {"rest.documents.put", kWrite, kDocument, 200, "{}"},
      {"rest.documents.patch", kWrite, kDocument, 200, R"({"$set":{"n":2}})"},
      {"rest.documents.delete", kWrite, kDocument, 200},
      {"rest.documents.post", kWrite, kCollection + "/documents", 201, "{}"},
      {"rest.documents.list", kRead, kCollection + "/documents", 200},
      {"rest.attachments.get", kRead, kDocument + "/attachments/file", 200},
      {"rest.attachments.head", kRead, kDocument + "/attachments/file", 200},
      {"rest.attachments.put", kWrite, kDocument + "/attachments/other", 201, "bytes", "text/plain"},
      {"rest.attachments.delete", kWrite, kDocument + "/attachments/file", 200},
      {"rest.exchange", kRead, kDb + "/exchange", 200, std::string("\x01\x01\x01n"),
       "application/x-quire-exchange"},
      {"rest.databases.list", kIdentified, "/v1/databases", 200},
      {"rest.databases.get", kDescribe, kDb, 200},
      {"rest.databases.put", kIdentified, "/v1/databases/fresh", 201},
      {"rest.databases.patch", kOwn, kDb, 200, R"({"public":"read"})"},
      {"rest.databases.delete", kOwn, kDb, 200},
      {"rest.collections.list", kDescribe, kDb + "/collections", 200},
      {"rest.collections.get", kDescribe, kCollection, 200},
      {"rest.collections.put", kWrite, kDb + "/collections/fresh", 201},
      {"rest.collections.delete", kWrite, kCollection, 200},
      {"rest.changes", kRead, kDb + "/changes", 200},
      {"rest.import", kWrite, kDb + "/import", 200, "{}\n", "application/x-ndjson"},
      {"rest.export", kRead, kDb + "/export?collection=c", 200},
      {"rest.backups.put", kServer, "/v1/backups/monday", 412},
      {"rest.status", kServer, "/v1/status", 200},
      {"rest.me", kIdentified, "/v1/me", 200},
      {"rest.users.post", kPublic, "/v1/users", 201, user},
      {"rest.users.list", kServer, "/v1/users", 200},
      {"rest.users.get", kSelf, "/v1/users/owner", 200},
      {"rest.users.patch", kSelf, "/v1/users/owner", 200,
       R"({"password":"another one","oldPassword":"password of owner"})"},
      {"rest.users.delete", kServer, "/v1/users/other", 200},
      {"rest.sessions.post", kPublic, "/v1/sessions", 201,
       R"({"username":"owner","password":"password of owner"})"},
      {"rest.sessions.delete", kIdentified, "/v1/sessions/current", 400},  // a key is no session
      {"rest.replications.post", kServer, "/v1/replications", 400, R"({"source":"main","target":"main"})"},
      {"rest.replications.list", kServer, "/v1/replications", 200},
      {"rest.replications.get", kServer, "/v1/replications/00", 404},
      {"rest.replications.delete", kServer, "/v1/replications/00", 404},
      {"rest.keys.list", kIdentified, "/v1/keys", 200},
      {"rest.keys.post", kIdentified, "/v1/keys", 201, R"({"right":"read"})"},
      {"rest.keys.delete", kIdentified, "/v1/keys/00000000", 404},
      {"rest.grants.list", kDescribe, kDb + "/grants", 200},
      {"rest.grants.put", kOwn, kDb + "/grants/other", 200, R"({"right":"read"})"},
      {"rest.grants.delete", kOwn, kDb + "/grants/reader", 200},
      {"rest.reservation.get", kDescribe, kDb + "/reservation", 404},
      {"rest.reservation.put", kRead, kDb + "/reservation", 200},
      {"rest.reservation.delete", kDescribe, kDb + "/reservation", 404},
      {"actions", kActions, "/api", 200, R"({"action":"getPublicDatabases"})"},
      {"streams.db", kPublic, "/db", 426},
      {"streams.search", kPublic, "/search", 426},
      {"streams.changes", kPublic, "/changes", 426},
      {"rest.query", kRead, kCollection + "/query", 200, "{}"},
      {"rest.count", kRead, kCollection + "/count", 200, "{}"},
      {"rest.distinct", kRead, kCollection + "/distinct", 200, R"({"path":"n"})"},
      {"rest.aggregate", kRead, kCollection + "/aggregate", 200, R"({"pipeline":[{"$count":"n"}]})"},
      {"rest.update", kWrite, kCollection + "/update", 200, R"({"update":{"$set":{"n":2}}})"},
      {"rest.delete", kWrite, kCollection + "/delete", 200, R"({"filter":{}})"},
      {"rest.findAndModify", kWrite, kCollection + "/find-and-modify", 200, R"({"remove":true})"},
      {"rest.indexes.list", kDescribe, kCollection + "/indexes", 200},
      {"rest.indexes.get", kDescribe, kCollection + "/indexes/i", 200},
      {"rest.indexes.put", kWrite, kCollection + "/indexes/j", 201, R"({"keys":[{"n":1}]})"},
      {"rest.indexes.delete", kWrite, kCollection + "/indexes/i", 200},
      {"rest.schema.get", kDescribe, kCollection + "/schema", 404},
      {"rest.schema.put", kWrite, kCollection + "/schema", 200, R"({"schema":{}})"},
      {"rest.schema.delete", kWrite, kCollection + "/schema", 404},
      {"rest.transactions", kWrite, kDb + "/transactions", 200,
       R"({"operations":[{"update":{"collection":"c","id":"a","update":{"$set":{"n":2}}}}]})"},
      {"couch.welcome", kPublic, "/couch/", 200},
      {"couch.welcome.head", kPublic, "/couch/", 200},
      {"couch.up", kPublic, "/couch/_up", 200},
      {"couch.uuids", kPublic, "/couch/_uuids", 200},
      {"couch.databases", kIdentified, "/couch/_all_dbs", 200},
      {"couch.databases.info", kIdentified, "/couch/_dbs_info", 200, R"({"keys":["owner:things"]})"},
      {"couch.membership", kServer, "/couch/_membership", 200},
      {"couch.utils", kPublic, "/couch/_utils/", 501},
      {"couch.session.get", kPublic, "/couch/_session", 200},
      {"couch.session.post", kPublic, "/couch/_session", 200,
       R"({"name":"owner","password":"password of owner"})"},
      {"couch.session.delete", kPublic, "/couch/_session", 200},
      {"couch.replicate", kServer, "/couch/_replicate", 400, R"({"source":"main","target":"main"})"},
      {"couch.activeTasks", kServer, "/couch/_active_tasks", 200},
      {"couch.scheduler.jobs", kServer, "/couch/_scheduler/jobs", 200},
      {"couch.scheduler.job", kServer, "/couch/_scheduler/jobs/00", 404},
      {"couch.scheduler.docs", kServer, "/couch/_scheduler/docs", 200},
      {"couch.scheduler.replicator", kServer, "/couch/_scheduler/docs/_replicator", 200},
      {"couch.scheduler.doc", kServer, "/couch/_scheduler/docs/_replicator/none", 404},
      {"couch.replicator.get", kServer, "/couch/_replicator", 200},
      {"couch.replicator.head", kServer, "/couch/_replicator/", 200},
      {"couch.replicator.put", kServer, "/couch/_replicator", 412},
      {"couch.replicator.post", kServer, "/couch/_replicator", 403, R"({"source":"main","target":"main"})"},
      {"couch.replicator.allDocs", kServer, "/couch/_replicator/_all_docs", 200},
      {"couch.replicator.allDocs.post", kServer, "/couch/_replicator/_all_docs", 200, R"({"keys":["r"]})"},
      {"couch.replicator.changes", kServer, "/couch/_replicator/_changes", 200},
      {"couch.replicator.changes.post", kServer, "/couch/_replicator/_changes?filter=_doc_ids", 200,
       R"({"doc_ids":["r"]})"},
      {"couch.replicator.bulkDocs", kServer, "/couch/_replicator/_bulk_docs", 201, R"({"docs":[]})"},
      {"couch.replicator.documents.get", kServer, "/couch/_replicator/none", 404},
      {"couch.replicator.documents.head", kServer, "/couch/_replicator/none", 404},
      {"couch.replicator.documents.put", kServer, "/couch/_replicator/r", 403,
       R"({"source":"main","target":"main"})"},
      {"couch.replicator.documents.delete", kServer, "/couch/_replicator/none", 404},
      {"couch.database.get", kDescribe, kCouch, 200},
      {"couch.database.head", kDescribe, kCouch + "/", 200},
      {"couch.database.put", kIdentified, "/couch/fresh", 201},
      {"couch.database.delete", kOwn, kCouch, 200},
      {"couch.documents.get", kRead, kCouch + "/c:a", 200},
      {"couch.documents.head", kRead, kCouch + "/c:a", 200},
      {"couch.documents.put", kWrite, kCouch + "/fresh", 201, "{}"},
      {"couch.documents.delete", kWrite, kCouch + "/nothing", 404},
      {"couch.documents.copy", kWrite, kCouch + "/nothing", 400},
      {"couch.design.get", kRead, kCouch + "/_design/d", 404},
      {"couch.design.head", kRead, kCouch + "/_design/d", 404},
      {"couch.design.put", kWrite, kCouch + "/_design/d", 201, "{}"},
      {"couch.design.delete", kWrite, kCouch + "/_design/d", 404},
      {"couch.design.copy", kWrite, kCouch + "/_design/d", 400},
      {"couch.documents.post", kWrite, kCouch, 201, "{}"},
      {"couch.documents.bulk", kWrite, kCouch + "/_bulk_docs", 201, R"({"docs":[{"_id":"b"}]})"},
      {"couch.allDocs.get", kRead, kCouch + "/_all_docs", 200},
      {"couch.allDocs.post", kRead, kCouch + "/_all_docs", 200, R"({"keys":["c:a"]})"},
      {"couch.designDocs.get", kRead, kCouch + "/_design_docs", 200},
      {"couch.designDocs.post", kRead, kCouch + "/_design_docs", 200, R"({"keys":["c:a"]})"},
      {"couch.localDocs.get", kRead, kCouch + "/_local_docs", 200},
      {"couch.localDocs.post", kRead, kCouch + "/_local_docs", 200, R"({"keys":["c:a"]})"},
      {"couch.partition.docs.get", kRead, kCouch + "/_partition/c/_all_docs", 200},
      {"couch.partition.docs.post", kRead, kCouch + "/_partition/c/_all_docs", 200, R"({"keys":["c:a"]})"},
      {"couch.partition.get", kDescribe, kCouch + "/_partition/c", 200},
      {"couch.attachments.get", kRead, kCouch + "/c:a/file", 200},
      {"couch.attachments.head", kRead, kCouch + "/c:a/file", 200},
      {"couch.attachments.put", kWrite, kCouch + "/fresh/a/b", 201, "bytes", "text/plain"},
      {"couch.attachments.delete", kWrite, kCouch + "/nothing/a", 404},
      {"couch.design.attachments.get", kRead, kCouch + "/_design/d/a", 404},
      {"couch.design.attachments.head", kRead, kCouch + "/_design/d/a", 404},
      {"couch.design.attachments.put", kWrite, kCouch + "/_design/d/a", 201, "bytes", "text/plain"},
      {"couch.design.attachments.delete", kWrite, kCouch + "/_design/d/a", 404},
      {"couch.local.attachment", kPublic, kCouch + "/_local/l/a", 400},
      {"couch.design.view.get", kIdentified, kCouch + "/_design/d/_view/v", 501},
      {"couch.design.view.post", kIdentified, kCouch + "/_design/d/_view/v", 501},
      {"couch.design.list.get", kIdentified, kCouch + "/_design/d/_list/v", 501},
      {"couch.design.list.post", kIdentified, kCouch + "/_design/d/_list/v", 501},
      {"couch.design.show.get", kIdentified, kCouch + "/_design/d/_show/v", 501},
      {"couch.design.show.post", kIdentified, kCouch + "/_design/d/_show/v", 501},
      {"couch.design.update.get", kIdentified, kCouch + "/_design/d/_update/v", 501},
      {"couch.design.update.post", kIdentified, kCouch + "/_design/d/_update/v", 501},
      {"couch.design.rewrite.get", kIdentified, kCouch + "/_design/d/_rewrite/v", 501},
      {"couch.design.rewrite.post", kIdentified, kCouch + "/_design/d/_rewrite/v", 501},
      {"couch.compact", kOwn, kCouch + "/_compact", 202},
      {"couch.viewCleanup", kOwn, kCouch + "/_view_cleanup", 202},
      {"couch.revsLimit.get", kDescribe, kCouch + "/_revs_limit", 200},
      {"couch.revsLimit.put", kOwn, kCouch + "/_revs_limit", 200, "10"},
      {"couch.purge", kOwn, kCouch + "/_purge", 201, R"({"c:a":["1-a"]})"},
      {"couch.purgedInfosLimit.get", kDescribe, kCouch + "/_purged_infos_limit", 200},
      {"couch.purgedInfosLimit.put", kOwn, kCouch + "/_purged_infos_limit", 200, "10"},
      {"couch.shards", kDescribe, kCouch + "/_shards", 200},
      {"couch.find", kRead, kCouch + "/_find", 200, R"({"selector":{}})"},
      {"couch.explain", kRead, kCouch + "/_explain", 200, R"({"selector":{}})"},
      {"couch.partition.find", kRead, kCouch + "/_partition/c/_find", 200, R"({"selector":{}})"},
      {"couch.partition.explain", kRead, kCouch + "/_partition/c/_explain", 200, R"({"selector":{}})"},
      {"couch.indexes.list", kDescribe, kCouch + "/_index", 200},
      {"couch.indexes.post", kWrite, kCouch + "/_index", 200, R"({"index":{"fields":["n"]}})"},
      {"couch.indexes.delete", kWrite, kCouch + "/_index/d/json/none", 404},
      {"couch.indexes.delete.design", kWrite, kCouch + "/_index/_design/d/json/none", 404},
      {"couch.local.get", kRead, kCouch + "/_local/l", 404},
      {"couch.local.head", kRead, kCouch + "/_local/l", 404},
      {"couch.local.put", kWrite, kCouch + "/_local/l", 201, "{}"},
      {"couch.local.delete", kWrite, kCouch + "/_local/l", 404},
      {"couch.revisions.diff", kRead, kCouch + "/_revs_diff", 200, R"({"c:a":["1-a"]})"},
      {"couch.revisions.missing", kRead, kCouch + "/_missing_revs", 200, R"({"c:a":["1-a"]})"},
      {"couch.changes.get", kRead, kCouch + "/_changes", 200},
      {"couch.changes.post", kRead, kCouch + "/_changes", 200},
      {"couch.commit", kRead, kCouch + "/_ensure_full_commit", 201},
      {"couch.security.get", kDescribe, kCouch + "/_security", 200},
      {"couch.security.put", kOwn, kCouch + "/_security", 200,
       R"({"members":{"names":["reader","writer"]}})"},
      {"couch.documents.bulkGet", kRead, kCouch + "/_bulk_get", 200, R"({"docs":[{"id":"c:a"}]})"},
      {"node.health", kPublic, "/healthz", 200},
      {"node.ready", kPublic, "/readyz", 200},
      {"node.metrics", kServer, "/metrics", 404},
  };
}

const Route& route_of(std::string_view name) {
  for (const Route& route : routes()) {
    if (route.name == name) return route;
  }
  ADD_FAILURE() << "there is no route " << name;
  return routes().front();
}

// A node with all of them.
struct World {
  World() {
    for (const char* const name : {"owner", "reader", "writer", "other"}) keys[name] = api.add_user(name);
    keys["admin"] = api.admin_key;
    keys["expired"] =
        api.make_key("owner", {.label = {}, .databases = {}, .life = std::chrono::milliseconds(1)});
    keys["revoked"] = api.make_key("owner");
    EXPECT_TRUE(api.accounts.revoke_key(engine::Caller::admin(), "owner", keys["revoked"]));
    EXPECT_EQ(as("owner", net::Method::put, "/v1/databases/things").status, 201U);
    EXPECT_EQ(as("owner", net::Method::put, kDocument, R"({"n":1})").status, 201U);
    EXPECT_EQ(as("owner", net::Method::put, kDocument + "/attachments/file", "bytes", "text/plain").status,
              201U);
    EXPECT_EQ(as("owner", net::Method::put, kCollection + "/indexes/i", R"({"keys":[{"n":1}]})").status,
              201U);
    EXPECT_EQ(as("admin", net::Method::get, "/kv/set?k=k&v=v").status, 200U);
    for (const std::string& db : {kDb, std::string("/v1/databases/main")}) {
      const char* const giver = db == kDb ? "owner" : "admin";
      EXPECT_EQ(as(giver, net::Method::put, db + "/grants/reader", R"({"right":"read"})").status, 200U);
      EXPECT_EQ(as(giver, net::Method::put, db + "/grants/writer", R"({"right":"write"})").status, 200U);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }

  Answer as(const std::string& who, net::Method method, const std::string& target,
            const std::string& body = {}, const std::string& type = "application/json") {
    testing::Request request{.method = method, .target = target, .body = body};
    if (!body.empty()) request.fields.emplace_back("Content-Type", type);
    return api.as(who == "anonymous" ? std::string() : keys.at(who), std::move(request));
  }
  Answer ask(const Row& row, const std::string& who) {
    return as(who, route_of(row.name).method, row.target, row.body, row.type);
  }

  TestApi api;
  std::map<std::string, std::string> keys;
};

bool gets_in(unsigned promised) { return promised == kIn; }

TEST(RouteMatrix, EveryRouteHasARow) {
  std::map<std::string, int> seen;
  for (const Row& row : rows()) ++seen[row.name];
  for (const Route& route : routes()) EXPECT_EQ(seen[std::string(route.name)], 1) << route.name;
  EXPECT_EQ(seen.size(), routes().size());
}

TEST(RouteMatrix, EverybodyGetsWhatIsPromised) {
  auto shared = std::make_unique<World>();
  for (const Row& row : rows()) {
    // Whoever is refused changes nothing.
    for (std::size_t i = 0; i < kCallers; ++i) {
      const unsigned promised = row.promise.free[i];
      if (gets_in(promised)) continue;
      const Answer answer = shared->ask(row, kNames[i]);
      EXPECT_EQ(answer.status, promised) << row.name << " by " << kNames[i] << ": " << answer.body;
    }
    const bool changes = route_of(row.name).csrf == Csrf::unsafe;
    for (std::size_t i = 0; i < kCallers; ++i) {
      if (!gets_in(row.promise.free[i])) continue;
      if (changes) shared = std::make_unique<World>();
      const Answer answer = shared->ask(row, kNames[i]);
      EXPECT_EQ(answer.status, row.good) << row.name << " by " << kNames[i] << ": " << answer.body;
    }
    if (changes) shared = std::make_unique<World>();
  }
}

// The writer holds the database.
TEST(RouteMatrix, WhileSomebodyHasTheDatabaseEverybodyElseIsLockedOut) {
  std::unique_ptr<World> world;
  const auto reserve = [&](bool of_main) {
    world = std::make_unique<World>();
    const std::string db = of_main ? "/v1/databases/main" : kDb;
    ASSERT_EQ(world->as("writer", net::Method::put, db + "/reservation").status, 200U);
  };
  for (const Row& row : rows()) {
    reserve(row.promise.of_main);
    for (std::size_t i = 0; i < kCallers; ++i) {
      if (i == kWriter) continue;
      const unsigned promised = row.promise.free[i];
      if (!row.promise.locks && route_of(row.name).csrf == Csrf::unsafe)
        continue;  // as without a reservation
      const Answer answer = world->ask(row, kNames[i]);
      const bool locked = row.promise.locks && gets_in(promised);
      const unsigned good = std::string(row.name) == "rest.reservation.get" ? 200 : row.good;
      // Who may read and not write may be told either.
      if (row.promise.locks && promised == 403 && answer.status == 423) continue;
      EXPECT_EQ(answer.status, locked              ? 423U
                               : gets_in(promised) ? good
                                                   : promised)
          << row.name << " by " << kNames[i] << ": " << answer.body;
      if (locked) {
        EXPECT_NE(answer.field("Retry-After"), "") << row.name;
      }
    }
    const unsigned promised = row.promise.free[kWriter];
    const std::string name = row.name;
    const unsigned good =
        name == "rest.reservation.get" || name == "rest.reservation.delete" ? 200 : row.good;
    const Answer answer = world->ask(row, "writer");
    EXPECT_EQ(answer.status, gets_in(promised) ? good : promised)
        << row.name << " by the holder: " << answer.body;
  }
}

// What a database grants to everybody is what an anonymous caller has, and no more.
TEST(RouteMatrix, WhatIsPublicIsForAnonymousCallersToo) {
  for (const std::string publicity : {"read", "write"}) {
    for (const Row& row : rows()) {
      const Class& promise = row.promise;
      const bool reads = &promise == &kRead || &promise == &kReadMain || &promise == &kDescribe;
      const bool writes = &promise == &kWrite || &promise == &kWriteMain;
      if (!reads && !writes) continue;
      World world;
      const std::string body = R"({"public":")" + publicity + "\"}";
      ASSERT_EQ(world.as("owner", net::Method::patch, kDb, body).status, 200U);
      ASSERT_EQ(world.as("admin", net::Method::patch, "/v1/databases/main", body).status, 200U);
      const bool in = (reads || publicity == "write") && route_of(row.name).who == Who::granted;
      const Answer answer = world.ask(row, "anonymous");
      EXPECT_EQ(answer.status, in ? row.good : 401U)
          << row.name << " with public " << publicity << ": " << answer.body;
    }
  }
}

}  // namespace
}  // namespace quire::api
