#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "api/testing/test_api.h"

// Sequences of good and bad actions by two people, beside a simple model of what there is: each answer is the
// one that the model gives, and what is there in the end is what the model has.

namespace quire::api::actions {
namespace {

using testing::Answer;
using testing::TestApi;

struct Database {
  std::string owner;
  std::string name;
  std::map<std::string, std::string> shared;  // a user's role
  std::string holder;
  std::map<std::string, std::set<std::string>> collections;  // and the ids in them
};

class Model {
 public:
  std::map<std::string, Database> databases;               // by id
  std::map<std::string, std::vector<std::string>> loaded;  // by user, the last one taken last

  // What a user may do with a database: "", "read", "write" or "owner".
  std::string role(const std::string& user, const std::string& id) const {
    const auto at = databases.find(id);
    if (at == databases.end()) return "";
    if (at->second.owner == user) return "owner";
    const auto shared = at->second.shared.find(user);
    return shared == at->second.shared.end() ? "" : shared->second;
  }
  bool held_by_other(const std::string& user, const std::string& id) const {
    const std::string& holder = databases.at(id).holder;
    return !holder.empty() && holder != user;
  }
  void give_back(const std::string& id) {
    for (auto& [user, ids] : loaded) std::erase(ids, id);
    if (databases.count(id) != 0) databases.at(id).holder.clear();
  }
};

class World {
 public:
  explicit World(unsigned seed) : random_(seed) {
    for (const std::string& user : {std::string("ann"), std::string("bob")})
      keys_[user] = api_.add_user(user);
  }

  void step() {
    const std::string user = pick({"ann", "bob"});
    switch (random_() % 9) {
      case 0: return create(user);
      case 1: return random_() % 4 == 0 ? remove(user) : share(user);
      case 2: return share(user);
      case 3: return random_() % 2 == 0 ? unshare(user) : load(user);
      case 4: return load(user);
      case 5: return unload(user);
      default: return manage(user);
    }
  }

  // All that is there, as its owners read it.
  void compare() {
    for (auto& [id, database] : model_.databases) {
      if (!database.holder.empty()) act(database.holder, "unloadDatabase", R"("dbID":")" + id + "\"");
      act(database.owner, "loadDatabase", R"("dbID":")" + id + "\"");
      std::string expected = R"({"collections":[{"collectionName":"_default","documents":0})";
      for (const auto& [name, ids] : database.collections) {
        expected += R"(,{"collectionName":")" + name + R"(","documents":)" + std::to_string(ids.size()) + "}";
      }
      EXPECT_EQ(act(database.owner, "manageDatabase", R"("operation":"Read")").body,
                R"({"status":200,"message":)" + expected + "]}}");
      for (const auto& [name, ids] : database.collections) {
        const Answer page =
            act(database.owner, "manageDatabase", R"("operation":"Read","collectionName":")" + name + "\"");
        std::size_t at = 0;
        for (const std::string& one : ids) {
          at = page.body.find(R"({"_id":")" + one + "\"", at);
          EXPECT_NE(at, std::string::npos) << one << " in " << page.body;
        }
      }
      act(database.owner, "unloadDatabase", R"("dbID":")" + id + "\"");
    }
    for (const auto& [user, key] : keys_) {
      const auto usable =
          std::count_if(model_.databases.begin(), model_.databases.end(),
                        [&, who = user](const auto& one) { return !model_.role(who, one.first).empty(); });
      EXPECT_THAT(act(user, "getDatabases", "").body,
                  ::testing::HasSubstr("\"total\":" + std::to_string(usable) + "}"));
    }
  }

 private:
  std::string pick(std::vector<std::string> of) { return of[random_() % of.size()]; }
  std::string pick_database() {
    std::vector<std::string> ids{"0123456789abcdef"};
    for (const auto& [id, database] : model_.databases) ids.push_back(id);
    return pick(std::move(ids));
  }

  Answer act(const std::string& user, const std::string& action, const std::string& fields) {
    return api_.action(keys_.at(user), action, "{" + fields + "}");
  }
  // The answer is good, or has the error.
  bool check(const Answer& answer, const std::string& user, const std::string& what,
             const std::string& error) {
    EXPECT_EQ(answer.status, error.empty() ? 200U : 400U) << user << " " << what << ": " << answer.body;
    if (!error.empty()) {
      EXPECT_THAT(answer.body, ::testing::HasSubstr("\"error\":\"" + error + "\"")) << user << " " << what;
    }
    return error.empty();
  }
  // Why not even an owner's act is done; empty: it is.
  std::string refusal_of_owner(const std::string& user, const std::string& id) const {
    const std::string role = model_.role(user, id);
    if (role.empty()) return "not_found";
    if (role != "owner") return "forbidden";
    return model_.held_by_other(user, id) ? "locked" : "";
  }

  void create(const std::string& user) {
    const std::string name = pick({"x", "y", "z/z"});
    std::string error = name == "z/z" ? "invalid" : "";
    for (const auto& [id, database] : model_.databases) {
      if (database.owner != user || database.name != name) continue;
      error = "exists";
    }
    const Answer answer = act(user, "createDatabase", R"("dbName":")" + name + "\"");
    if (!check(answer, user, "creates " + name, error)) return;
    const std::string start = R"("dbID":")";
    model_.databases[answer.body.substr(answer.body.find(start) + start.size(), 16)] = {
        .owner = user, .name = name, .shared = {}, .holder = {}, .collections = {}};
  }

  void remove(const std::string& user) {
    const std::string id = pick_database();
    const std::string error = refusal_of_owner(user, id);
    if (!check(act(user, "deleteDatabase", R"("dbID":")" + id + "\""), user, "deletes", error)) return;
    model_.give_back(id);
    model_.databases.erase(id);
  }

  void share(const std::string& user) {
    const std::string id = pick_database();
    const std::string other = pick({"ann", "bob", "nobody"});
    const std::string role = pick({"read", "write", "all"});
    std::string error = refusal_of_owner(user, id);
    if (error.empty() && other == "nobody") error = "not_found";
    if (error.empty() && other == user) error = "invalid";
    if (role == "all") error = "invalid";
    const Answer answer = act(user, "shareDatabase",
                              R"("dbID":")" + id + R"(","userID":")" + other + R"(","role":")" + role + "\"");
    if (check(answer, user, "shares", error)) model_.databases.at(id).shared[other] = role;
  }

  void unshare(const std::string& user) {
    const std::string id = pick_database();
    const std::string other = user == "ann" ? "bob" : "ann";
    const std::string error = refusal_of_owner(user, id);
    const Answer answer = act(user, "unshareDatabase", R"("dbID":")" + id + R"(","userID":")" + other + "\"");
    // Whether taking away what nobody has is an error is not what is looked at.
    if (error.empty() && model_.role(other, id).empty()) return;
    if (check(answer, user, "unshares", error)) model_.databases.at(id).shared.erase(other);
  }

  void load(const std::string& user) {
    const std::string id = pick_database();
    const std::string error = model_.role(user, id).empty()    ? "not_found"
                              : model_.held_by_other(user, id) ? "locked"
                                                               : "";
    if (!check(act(user, "loadDatabase", R"("dbID":")" + id + "\""), user, "loads", error)) return;
    std::erase(model_.loaded[user], id);  // where it is renewed
    model_.databases.at(id).holder = user;
    model_.loaded[user].push_back(id);
  }

  void unload(const std::string& user) {
    const std::string id = pick_database();
    const std::string error = model_.role(user, id).empty()            ? "not_found"
                              : model_.held_by_other(user, id)         ? "locked"
                              : model_.databases.at(id).holder.empty() ? "not_found"
                                                                       : "";
    if (check(act(user, "unloadDatabase", R"("dbID":")" + id + "\""), user, "unloads", error))
      model_.give_back(id);
  }

  void manage(const std::string& user) {
    const std::string operation = pick({"Create", "Add", "Add", "Delete", "Sort"});
    const std::string collection = pick({"c", "d"});
    const std::string id = pick({"1", "2", "3"});
    std::string fields = R"("operation":")" + operation + R"(","collectionName":")" + collection + "\"";
    const bool whole = operation == "Delete" && random_() % 4 == 0;
    if (operation == "Add") fields += R"(,"documentData":[{"_id":"n)" + id + R"("},{"_id":")" + id + "\"}]";
    if (operation == "Delete" && !whole) fields += R"(,"documentID":")" + id + "\"";
    const Answer answer = act(user, "manageDatabase", fields);
    const std::string what = "manages {" + fields + "}";
    if (operation == "Sort") return (void)check(answer, user, what, "invalid");
    const auto& mine = model_.loaded[user];
    if (mine.empty()) return (void)check(answer, user, what, "precondition");
    const std::string& database = mine.back();
    auto& collections = model_.databases.at(database).collections;
    const auto at = collections.find(collection);
    std::string error;
    if (model_.role(user, database) == "read") {
      // Dropping a collection counts it first, which a reader may.
      error = whole && at == collections.end() ? "not_found" : "forbidden";
    } else if (operation == "Create") {
      error = at == collections.end() ? "" : "exists";
    } else if (at == collections.end()) {
      error = "not_found";
    } else if (operation == "Add") {
      error = at->second.count(id) + at->second.count("n" + id) == 0 ? "" : "exists";
    } else if (!whole) {
      error = at->second.count(id) == 0 ? "not_found" : "";
    }
    if (!check(answer, user, what, error)) return;
    if (operation == "Create") collections[collection];
    if (operation == "Add") at->second.insert({id, "n" + id});
    if (operation == "Delete" && whole) collections.erase(at);
    if (operation == "Delete" && !whole) at->second.erase(id);
  }

  TestApi api_;
  Model model_;
  std::map<std::string, std::string> keys_;
  std::mt19937 random_;
};

TEST(ActionsModel, AnswersAndStateAreThoseOfASimpleModel) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    World world(seed);
    for (int step = 0; step < 200; ++step) {
      world.step();
      if (::testing::Test::HasFailure()) {
        ADD_FAILURE() << "seed " << seed << ", step " << step;
        return;
      }
    }
    world.compare();
  }
}

}  // namespace
}  // namespace quire::api::actions
