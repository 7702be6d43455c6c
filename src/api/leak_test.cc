#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <regex>
#include <set>
#include <thread>

#include "api/route.h"
#include "api/testing/test_api.h"
#include "base/testing/seeded_random.h"

// Whoever has no right to a database learns nothing of it. Databases, grants and what becomes of them are
// generated; after each step requests are sent by callers without a right, once about a private database and
// once, letter for letter, about one that does not exist: the answers must be the same but for the names that
// the request itself said. All that is stored is marked, and looked for in every answer. The routes are those
// of the table, so that a new one is asked too.
//
// QUIRE_LEAK_SEED and QUIRE_LEAK_STEPS make it another campaign than the suite's; with QUIRE_LEAK_TIMES it
// holds the times of the two kinds of answers against each other as well, which wants a machine of its own.

namespace quire::api {
namespace {

using engine::Right;
using testing::Answer;
using testing::Request;
using testing::TestApi;

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// The listeners that serve the key-value surface at their root, over `main` and over nothing.
constexpr std::uint32_t kPrivateKv = 1;
constexpr std::uint32_t kMissingKv = 2;

Options with_kv_roots() {
  Options options;
  for (const auto& [listener, database] : {std::pair(kPrivateKv, "main"), std::pair(kMissingKv, "gone")}) {
    Root root{.listener = listener, .surface = Surface::kv, .kv = {}};
    root.kv.database = database;
    options.roots.push_back(std::move(root));
  }
  return options;
}

// Every name that a request about a database can say.
struct Names {
  std::string database;  // its name
  std::string id;
  std::string collection;
  std::string document;
  std::string attachment;

  std::array<std::pair<const std::string*, const char*>, 5> all() const {
    return {{{&database, "<name>"},
             {&id, "<id>"},
             {&collection, "<collection>"},
             {&document, "<document>"},
             {&attachment, "<attachment>"}}};
  }
};

struct Database {
  Names names;
  std::vector<std::string> secrets;  // texts that stand in it
  std::map<std::string, Right> grants;
  Right everybody = Right::none;
  bool held = false;
};

// Who asks. A caller that is nobody, or that has ended, has no account.
struct Caller {
  std::string name;
  std::string key;
  std::string account;
  std::string only;  // the id of the one database that its key is for; empty: all
};

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) {
    text.replace(at, what.size(), by);
  }
  return text;
}

// What the two answers have to have in common: all but the names of the request, and what is another with
// each.
std::string comparable(const Answer& answer, const Names& names) {
  std::string text = std::to_string(answer.status) + "\n" + answer.content_type + "\n" + answer.fields +
                     "\n" + answer.body + (answer.streamed ? "\nstreamed" : "") +
                     (answer.aborted ? "\naborted" : "");
  for (const auto& [name, mark] : names.all()) text = replaced(std::move(text), *name, mark);
  static const std::regex ids(R"("id":"[^"]*"|"dbID":"[^"]*"|"owner":"u_[0-9a-f]*")");
  static const std::regex times(R"(\d{4}-\d\d-\d\dT[0-9:.]*Z)");
  return std::regex_replace(std::regex_replace(text, ids, "\"id\""), times, "<time>");
}

class Leaks {
 public:
  explicit Leaks(std::uint64_t seed) : dice_(seed) {
    for (const char* const account : {"owner", "friend", "other"}) {
      callers_.push_back({.name = account, .key = api_.add_user(account), .account = account, .only = {}});
    }
    owner_ = callers_.front();
    callers_.push_back({.name = "anonymous", .key = {}, .account = {}, .only = {}});
    // A key of the owner's that is for one other database.
    const std::string elsewhere = body_member(as_owner(net::Method::put, "/v1/databases/elsewhere"), "id");
    callers_.push_back({.name = "owner, by a key for another database",
                        .key = api_.make_key("owner", {.label = {}, .databases = {elsewhere}}),
                        .account = "owner",
                        .only = elsewhere});
    const std::string revoked = api_.make_key("owner");
    EXPECT_TRUE(api_.accounts.revoke_key(engine::Caller::admin(), "owner", revoked));
    callers_.push_back({.name = "a revoked key of the owner", .key = revoked, .account = {}, .only = {}});
    const auto session = api_.accounts.log_in("owner", Secret("password of owner"), "127.0.0.1");
    const auto by_session = api_.accounts.authenticate(session->token.reveal());
    EXPECT_TRUE(by_session && api_.accounts.log_out(*by_session));
    callers_.push_back({.name = "a session of the owner that has ended",
                        .key = std::string(session->token.reveal()),
                        .account = {},
                        .only = {}});
    callers_.push_back({.name = "a key of the owner whose time is over",
                        .key = api_.make_key("owner", {.life = std::chrono::milliseconds(1)}),
                        .account = {},
                        .only = {}});
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    for (int i = 0; i < 3; ++i) make_database();
    plant_in_main();
  }

  void step() {
    change(databases_[dice_.below(databases_.size())]);
    for (const Caller& caller : callers_) {
      look_at_lists(caller);
      for (const Database& database : databases_) {
        if (right_of(caller, database) == Right::none) {
          for (int i = 0; i < kProbes; ++i) probe(caller, database);
        } else if (right_of(caller, database) == Right::read) {
          try_to_write(caller, database);
        }
      }
      probe_kv(caller);
    }
  }

  std::uint64_t probes() const { return probes_; }
  const std::map<std::string, int>& asked() const { return asked_; }

  // The medians of the two kinds of answers, in microseconds, of each route.
  struct Times {
    std::vector<double> there;
    std::vector<double> missing;
  };
  std::map<std::string, Times>& times() { return times_; }

 private:
  static constexpr int kProbes = 3;

  std::string marked(const char* what) {
    std::string text = "canary" + std::string(what);
    for (int i = 0; i < 12; ++i) text += static_cast<char>('a' + dice_.below(26));
    return text;
  }

  Answer ask(const Caller& caller, net::Method method, const std::string& target,
             const std::string& body = {}, const std::string& type = "application/json",
             std::uint32_t listener = 0) {
    Request request{.method = method, .target = target, .body = body, .listener = listener};
    if (!body.empty()) request.fields.emplace_back("Content-Type", type);
    return api_.as(caller.key, std::move(request));
  }
  Answer as_owner(net::Method method, const std::string& target, const std::string& body = {},
                  const std::string& type = "application/json") {
    Answer answer = ask(owner_, method, target, body, type);
    EXPECT_LT(answer.status, 300U) << target << " " << answer.body;
    return answer;
  }

  static std::string body_member(const Answer& answer, const std::string& name) {
    std::smatch found;
    const std::regex member("\"" + name + "\":\"([^\"]*)\"");
    EXPECT_TRUE(std::regex_search(answer.body, found, member)) << answer.body;
    return found[1];
  }

  // --- what there is, and what becomes of it

  void make_database() {
    Database made;
    made.names = {.database = marked("name"),
                  .id = {},
                  .collection = marked("collection"),
                  .document = marked("document"),
                  .attachment = marked("attachment")};
    made.names.id = body_member(as_owner(net::Method::put, "/v1/databases/" + made.names.database), "id");
    databases_.push_back(std::move(made));
    plant(databases_.back());
  }

  void plant(Database& database) {
    const Names& names = database.names;
    const std::string document =
        "/v1/databases/" + names.id + "/collections/" + names.collection + "/documents/" + names.document;
    const std::string text = marked("text");
    const std::string member = marked("member");
    const std::string bytes = marked("bytes");
    as_owner(net::Method::put, document, "{\"" + member + "\":\"" + text + "\"}");
    as_owner(net::Method::put, document + "/attachments/" + names.attachment, bytes, "text/plain");
    for (const std::string& secret : {text, member, bytes}) database.secrets.push_back(secret);
  }

  // `main` is the server's; its records are found by the key-value surface.
  void plant_in_main() {
    main_secret_ = marked("value");
    EXPECT_EQ(api_.get("/kv/set?k=k&v=" + main_secret_).status, 200U);
  }

  void change(Database& database) {
    const std::string db = "/v1/databases/" + database.names.id;
    const std::string account = dice_.chance(50) ? "friend" : "other";
    switch (dice_.below(8)) {
      case 0:
      case 1: {
        const Right right = dice_.chance(50) ? Right::read : Right::write;
        as_owner(net::Method::put, db + "/grants/" + account,
                 R"({"right":")" + std::string(access::name(right)) + "\"}");
        database.grants[account] = right;
        return;
      }
      case 2:
        if (database.grants.erase(account) != 0) as_owner(net::Method::remove, db + "/grants/" + account);
        return;
      case 3: {
        database.everybody = dice_.chance(30) ? Right::read : Right::none;
        as_owner(net::Method::patch, db,
                 R"({"public":")" + std::string(access::name(database.everybody)) + "\"}");
        return;
      }
      case 4:
        as_owner(database.held ? net::Method::remove : net::Method::put, db + "/reservation");
        database.held = !database.held;
        return;
      case 5:
        as_owner(net::Method::remove, db);
        databases_.erase(databases_.begin() + (&database - databases_.data()));
        make_database();
        return;
      default: plant(database);
    }
  }

  Right right_of(const Caller& caller, const Database& database) const {
    if (!caller.only.empty() && caller.only != database.names.id) return Right::none;
    if (caller.account.empty() && !caller.key.empty()) return Right::none;  // it has ended
    if (caller.account == owner_.account) return Right::owner;
    const auto granted = database.grants.find(caller.account);
    return std::max(database.everybody, granted == database.grants.end() ? Right::none : granted->second);
  }

  // --- what is asked

  // In place of {database}, {collection} and so on; the same dice for both make the same request.
  std::string target_of(const Route& route, const Names& names, SeededRandom dice) {
    const std::string forms[] = {names.id, "owner:" + names.database, names.database,
                                 api_.id_of_user("owner") + ":" + names.database};
    std::string target(route.pattern);
    target = replaced(target, "{database}", forms[dice.below(std::size(forms))]);
    target = replaced(target, "{collection}", names.collection);
    target = replaced(target, "{id}", names.document);
    target = replaced(target, "{name}", names.attachment);
    target = replaced(target, "{name...}", names.attachment);
    for (const char* const capture : {"{design}", "{local}", "{partition}", "{index}"}) {
      target = replaced(target, capture, names.collection);
    }
    target = replaced(target, "{user}", dice.chance(50) ? "owner" : "other");
    char mark = '?';
    for (const Parameter& parameter : route.parameters) {
      if (!dice.chance(40)) continue;
      target += mark + std::string(parameter.name) + "=" + value_of(parameter, names, dice);
      mark = '&';
    }
    return target;
  }

  static std::string value_of(const Parameter& parameter, const Names& names, SeededRandom& dice) {
    if (parameter.name == "feed") return dice.chance(50) ? "longpoll" : "events";
    if (parameter.name == "timeout") return "1";
    if (parameter.name == "since") return dice.chance(50) ? "now" : "0";
    if (parameter.name == "collection") return names.collection;
    if (parameter.name == "format") return "ndjson";
    if (parameter.kind == Parameter::Kind::flag) return "true";
    if (parameter.kind == Parameter::Kind::number) return std::to_string(1 + dice.below(5));
    return dice.chance(50) ? names.document : "1-00000000000000000000000000000000";
  }

  static std::string body_of(const Route& route, const Names& names) {
    if (route.body == Body::none) return {};
    if (route.name == "rest.grants.put") return R"({"right":"read"})";
    if (route.name == "rest.databases.patch") return R"({"public":"read"})";
    if (route.name == "rest.databases.put" || route.name == "couch.database.put") return {};
    if (route.name == "rest.collections.put") return {};
    return R"({"_id":")" + names.document + "\"}";
  }

  Answer ask_route(const Caller& caller, const Route& route, const Names& names, std::uint64_t dice) {
    const std::string type = route.body == Body::records ? "application/x-ndjson" : "application/json";
    const std::string target = target_of(route, names, SeededRandom(dice));
    Answer answer = ask(caller, route.method, target, body_of(route, names), type);
    // One of the caller's own, of the same name.
    if (route.name == "rest.databases.put" && answer.status == 201) {
      EXPECT_EQ(ask(caller, net::Method::remove, "/v1/databases/" + body_member(answer, "id")).status, 200U);
    }
    if (route.name == "couch.database.put" && answer.status == 201) {
      EXPECT_EQ(ask(caller, net::Method::remove, target.substr(0, target.find('?'))).status, 200U);
    }
    return answer;
  }

  static std::string action_of(const Names& names, SeededRandom dice) {
    const std::string id = R"("dbID":")" + names.id + "\"";
    const std::string manage = R"({"action":"manageDatabase","payload":{"DataBaseID":")" + names.id +
                               R"(","collectionName":")" + names.collection + R"(","operation":)";
    const std::string document = R"("documentID":")" + names.document + "\"";
    const std::string actions[] = {
        R"({"action":"deleteDatabase","payload":{)" + id + "}}",
        R"({"action":"loadDatabase","payload":{)" + id + "}}",
        R"({"action":"unloadDatabase","payload":{)" + id + "}}",
        R"({"action":"shareDatabase","payload":{"userID":"other",)" + id + "}}",
        R"({"action":"unshareDatabase","payload":{"userID":"other",)" + id + "}}",
        manage + "\"Create\"}}",
        manage + "\"Add\",\"documentData\":{}}}",
        manage + "\"Read\"}}",
        manage + "\"Read\"," + document + "}}",
        manage + "\"Update\"," + document + ",\"documentData\":{}}}",
        manage + "\"Delete\"," + document + "}}",
    };
    return actions[dice.below(std::size(actions))];
  }

  // One request about the database, and the same about none.
  void probe(const Caller& caller, const Database& database) {
    std::vector<const Route*> about;
    for (const Route& route : routes()) {
      if (route.pattern.find("{database}") != std::string_view::npos) about.push_back(&route);
    }
    const std::uint64_t dice = dice_.next_u64();
    const std::size_t which = dice_.below(about.size() + about.size() / 3);
    const bool acts = which >= about.size();
    const std::string name = acts ? "actions" : std::string(about[which]->name);
    const auto send = [&](const Names& names) {
      if (!acts) return ask_route(caller, *about[which], names, dice);
      return ask(caller, net::Method::post, "/api", action_of(names, SeededRandom(dice)));
    };
    const Names missing{.database = marked("name"),
                        .id = "0123456789abcdef",
                        .collection = marked("collection"),
                        .document = marked("document"),
                        .attachment = marked("attachment")};
    const int opened = api_.node.catalog.uses(database.names.id);
    const auto began = std::chrono::steady_clock::now();
    const Answer there = send(database.names);
    const auto between = std::chrono::steady_clock::now();
    const Answer nowhere = send(missing);
    const auto ended = std::chrono::steady_clock::now();
    // Who asks twice is told by the time it takes, if one of the two opens something.
    EXPECT_EQ(api_.node.catalog.uses(database.names.id), opened)
        << name << " opens a database for " << caller.name;
    EXPECT_EQ(comparable(there, database.names), comparable(nowhere, missing))
        << name << " by " << caller.name;
    look_for_secrets(there, database.names, caller, name);
    const auto micros = [](auto from, auto to) {
      return std::chrono::duration<double, std::micro>(to - from).count();
    };
    times_[name].there.push_back(micros(began, between));
    times_[name].missing.push_back(micros(between, ended));
    ++probes_;
    ++asked_[name];
  }

  // Nothing of any database that the caller has no right to, but for what the request said itself.
  void look_for_secrets(const Answer& answer, const Names& said, const Caller& caller,
                        const std::string& what) {
    const std::string text = answer.fields + answer.body;
    const auto look = [&](const std::string& secret) {
      EXPECT_EQ(text.find(secret), std::string::npos) << what << " tells " << caller.name << ": " << text;
    };
    for (const Database& database : databases_) {
      if (right_of(caller, database) != Right::none) continue;
      for (const std::string& secret : database.secrets) look(secret);
      for (const auto& [name, mark] : database.names.all()) {
        bool known = false;
        for (const auto& [other, also] : said.all()) known |= *other == *name;
        if (!known) look(*name);
      }
    }
    look(main_secret_);
  }

  // Lists name what the caller may see, and count no more.
  void look_at_lists(const Caller& caller) {
    const Names none{"-", "-", "-", "-", "-"};
    std::size_t open = 0;
    std::size_t usable = 0;
    for (const Database& database : databases_) {
      open += database.everybody == Right::none ? 0 : 1;
      if (caller.account == owner_.account || database.grants.contains(caller.account)) ++usable;
    }
    if (caller.account == owner_.account) ++usable;  // what its keys are made for
    for (const std::string action : {"getPublicDatabases", "getDatabases"}) {
      const Answer answer = ask(caller, net::Method::post, "/api", R"({"action":")" + action + "\"}");
      if (action == "getDatabases") look_for_secrets(answer, none, caller, action);
      if (answer.status != 200) continue;
      const std::size_t total = action == "getPublicDatabases" ? open : caller.only.empty() ? usable : 1;
      EXPECT_NE(answer.body.find("\"total\":" + std::to_string(total) + "}"), std::string::npos)
          << action << " by " << caller.name << ": " << answer.body;
    }
    for (const std::string target : {"/v1/databases", "/v1/me", "/v1/keys", "/v1/users", "/v1/status"}) {
      look_for_secrets(ask(caller, net::Method::get, target), none, caller, target);
    }
  }

  // The key-value surface over a database that is there and private, and over none.
  void probe_kv(const Caller& caller) {
    const std::string targets[] = {"/get?k=k", "/set?k=k&v=w", "/is?k=k", "/rm?k=k", "/clear",
                                   "/getKeys", "/getValues",   "/getAll", "/status"};
    const std::string& target = targets[dice_.below(std::size(targets))];
    const Names none{"-", "-", "-", "-", "-"};
    const Answer there = ask(caller, net::Method::get, target, {}, {}, kPrivateKv);
    const Answer nowhere = ask(caller, net::Method::get, target, {}, {}, kMissingKv);
    EXPECT_EQ(comparable(there, none), comparable(nowhere, none)) << target << " by " << caller.name;
    look_for_secrets(there, none, caller, target);
    ++probes_;
    ++asked_["kv" + target.substr(0, target.find('?'))];
  }

  // Whoever reads sees it, and changes nothing.
  void try_to_write(const Caller& caller, const Database& database) {
    const std::string document = "/v1/databases/" + database.names.id + "/collections/" +
                                 database.names.collection + "/documents/" + database.names.document;
    const std::string before = as_owner(net::Method::get, document).body;
    for (const net::Method method : {net::Method::put, net::Method::remove}) {
      const Answer answer = ask(caller, method, document, method == net::Method::put ? "{}" : "");
      const bool refused = answer.status == 401 || answer.status == 403 || answer.status == 423;
      EXPECT_TRUE(refused) << caller.name << " got " << answer.status << ": " << answer.body;
      look_for_secrets(answer, database.names, caller, "a write of a reader");
    }
    EXPECT_EQ(as_owner(net::Method::get, document).body, before);
    ++probes_;
  }

  TestApi api_{with_kv_roots()};
  SeededRandom dice_;
  std::vector<Caller> callers_;
  Caller owner_;
  std::vector<Database> databases_;
  std::string main_secret_;
  std::uint64_t probes_ = 0;
  std::map<std::string, int> asked_;
  std::map<std::string, Times> times_;
};

double median(std::vector<double> times) {
  std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2), times.end());
  return times[times.size() / 2];
}

TEST(Leaks, WhoHasNoRightLearnsNothingOfADatabase) {
  const std::uint64_t seed = setting("QUIRE_LEAK_SEED", 1);
  const std::uint64_t steps = setting("QUIRE_LEAK_STEPS", 200);
  Leaks leaks(seed);
  for (std::uint64_t step = 0; step < steps; ++step) {
    leaks.step();
    ASSERT_FALSE(HasFailure()) << "step " << step << " of seed " << seed;
  }
  std::cout << leaks.probes() << " pairs of requests, of " << leaks.asked().size() << " kinds\n";
  for (const Route& route : routes()) {
    if (route.pattern.find("{database}") == std::string_view::npos) continue;
    EXPECT_TRUE(leaks.asked().contains(std::string(route.name))) << route.name << " was never asked";
  }
  if (setting("QUIRE_LEAK_TIMES", 0) == 0) return;
  for (auto& [route, times] : leaks.times()) {
    const double there = median(times.there);
    const double missing = median(times.missing);
    std::cout << route << ": " << there << " and " << missing << " us\n";
    EXPECT_LT(std::max(there, missing), std::min(there, missing) * 1.25 + 5) << route;
  }
}

}  // namespace
}  // namespace quire::api
