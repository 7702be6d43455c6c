#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>

#include "access/testing/access_world.h"

namespace quire::access {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using testing::AccessWorld;

// Accounts, keys, grants and reservations as plain maps, by the same calls.
struct Model {
  struct Account {
    std::string password;
    bool disabled = false;
    std::map<std::string, std::string> keys;  // text, id
  };
  struct Hold {
    std::string holder;
    WallMs ends = 0;
  };
  std::map<std::string, Account> accounts;                      // by name
  std::map<std::pair<std::string, std::string>, Right> grants;  // database, name
  std::map<std::string, Right> everybody;                       // by database
  std::map<std::string, Hold> holds;                            // by database
  std::map<std::string, std::uint64_t> epochs;                  // by database
  std::set<std::string> dead_keys;
};

class Run {
 public:
  explicit Run(std::uint64_t seed) : random_(seed), world_({}, seed) {
    for (const char* name : {"orders", "letters"}) places_.push_back(world_.database(name));
  }

  void step() {
    switch (random_.below(14)) {
      case 0: return add();
      case 1: return remove();
      case 2: return set_password();
      case 3: return set_disabled();
      case 4:
      case 5: return make_key();
      case 6: return revoke_key();
      case 7: return share();
      case 8: return set_public();
      case 9:
      case 10: return reserve();
      case 11: return release();
      case 12: return world_.pass(minutes(random_.below(4)));
      default: return random_.chance(50) ? world_.crash() : world_.reopen();
    }
  }

  void compare() {
    std::size_t count = 0;
    for (const User& user : world_->users({}, 100)) {
      const auto known = model_.accounts.find(user.name);
      RC_ASSERT(known != model_.accounts.end());
      RC_ASSERT(user.disabled == known->second.disabled);
      ++count;
    }
    RC_ASSERT(count == model_.accounts.size());
    for (const auto& [name, account] : model_.accounts) {
      RC_ASSERT(world_->keys(name).size() == account.keys.size());
      for (const auto& [text, id] : account.keys) {
        const auto identity = world_->authenticate(text);
        RC_ASSERT(identity != nullptr);
        RC_ASSERT(identity->user_name == name);
        RC_ASSERT(identity->credential == id);
        compare_rights(name, *identity);
      }
    }
    for (const std::string& text : model_.dead_keys) RC_ASSERT(world_->authenticate(text) == nullptr);
    for (const Place& place : places_) compare_place(place);
  }

 private:
  static constexpr const char* kNames[] = {"ada", "bob", "carl"};

  std::string some_name() { return kNames[random_.below(3)]; }
  const Place& some_place() { return places_[random_.below(places_.size())]; }
  WallMs now() const { return world_.clock.wall_ms(); }
  bool known(const std::string& name) const { return model_.accounts.contains(name); }
  void bury(Model::Account& account) {
    for (const auto& [text, id] : account.keys) model_.dead_keys.insert(text);
    account.keys.clear();
  }
  std::optional<Model::Hold> hold(const std::string& database) const {
    const auto found = model_.holds.find(database);
    if (found == model_.holds.end() || found->second.ends <= now()) return std::nullopt;
    return found->second;
  }

  void compare_rights(const std::string& name, const Identity& identity) {
    for (const Place& place : places_) {
      const std::string id(place.id);
      const auto grant = model_.grants.find({id, name});
      const auto all = model_.everybody.find(id);
      const Right expected = std::max(grant == model_.grants.end() ? Right::none : grant->second,
                                      all == model_.everybody.end() ? Right::none : all->second);
      RC_ASSERT(world_->right(&identity, place) == expected);
      const auto held = hold(id);
      RC_ASSERT(world_->held_by_other(&identity, id).has_value() == (held && held->holder != name));
    }
  }

  void compare_place(const Place& place) {
    const std::string id(place.id);
    const auto held = world_->reservation(id);
    const auto expected = hold(id);
    RC_ASSERT(held.has_value() == expected.has_value());
    if (held) {
      RC_ASSERT(world_->find_user(held->holder)->name == expected->holder);
      RC_ASSERT(held->expires_ms == expected->ends);
      RC_ASSERT(held->epoch == model_.epochs[id]);
    }
    RC_ASSERT(world_->fence(id).prepared == model_.epochs[id]);
  }

  void add() {
    const std::string name = some_name();
    const std::string password = "password " + std::to_string(random_.below(1000));
    const auto made = world_->add_user({.name = name, .password = Secret(password), .email = {}});
    RC_ASSERT(made.has_value() != known(name));
    if (made) model_.accounts[name].password = password;
  }

  void remove() {
    const std::string name = some_name();
    RC_ASSERT(world_->remove_user(name).has_value() == known(name));
    if (!known(name)) return;
    bury(model_.accounts[name]);
    model_.accounts.erase(name);
    std::erase_if(model_.grants, [&](const auto& grant) { return grant.first.second == name; });
    std::erase_if(model_.holds, [&](const auto& held) { return held.second.holder == name; });
  }

  void set_password() {
    const std::string name = some_name();
    const std::string password = "changed " + std::to_string(random_.below(1000));
    RC_ASSERT(world_->set_password(name, Secret(password), nullptr).has_value() == known(name));
    if (!known(name)) return;
    Model::Account& account = model_.accounts[name];
    account.password = password;
    bury(account);
    const auto proved = world_->check_password(name, Secret(password), "a");
    RC_ASSERT(proved.has_value() || account.disabled || proved.error().code() == ErrorCode::exhausted);
  }

  void set_disabled() {
    const std::string name = some_name();
    const bool disabled = random_.chance(40);
    RC_ASSERT(world_->set_disabled(name, disabled).has_value() == known(name));
    if (!known(name)) return;
    model_.accounts[name].disabled = disabled;
    if (disabled) bury(model_.accounts[name]);
  }

  void make_key() {
    const std::string name = some_name();
    const auto made = world_->make_key(name, {.life = milliseconds(0)});
    RC_ASSERT(made.has_value() == (known(name) && !model_.accounts[name].disabled));
    if (made) model_.accounts[name].keys[std::string(made->text.reveal())] = made->key.id;
  }

  void revoke_key() {
    const std::string name = some_name();
    if (!known(name) || model_.accounts[name].keys.empty()) return;
    const auto [text, id] = *model_.accounts[name].keys.begin();
    RC_ASSERT(world_->revoke_key(name, id).has_value());
    model_.accounts[name].keys.erase(text);
    model_.dead_keys.insert(text);
  }

  void share() {
    const std::string name = some_name();
    const Place& place = some_place();
    const std::pair<std::string, std::string> grant(place.id, name);
    const auto right = static_cast<Right>(random_.below(3));
    const bool takes_away = right == Right::none;
    const bool possible = known(name) && (!takes_away || model_.grants.contains(grant));
    RC_ASSERT(world_->share(place, name, right).has_value() == possible);
    if (!possible) return;
    model_.grants[grant] = right;
    if (!takes_away) return;
    model_.grants.erase(grant);
    if (const auto held = hold(grant.first); held && held->holder == name) model_.holds.erase(grant.first);
  }

  void set_public() {
    const Place& place = some_place();
    const auto right = static_cast<Right>(random_.below(3));
    RC_ASSERT(world_->set_public(place, right).has_value());
    model_.everybody[std::string(place.id)] = right;
  }

  std::shared_ptr<const Identity> some_identity(std::string& name) {
    name = some_name();
    if (!known(name) || model_.accounts[name].keys.empty()) return nullptr;
    return world_->authenticate(model_.accounts[name].keys.begin()->first);
  }

  void reserve() {
    std::string name;
    const auto identity = some_identity(name);
    if (!identity) return;
    const Place& place = some_place();
    const std::string id(place.id);
    const auto held = hold(id);
    const auto got = world_->reserve(*identity, place, {});
    RC_ASSERT(got.has_value() == (!held || held->holder == name));
    if (!got) return;
    if (!held) ++model_.epochs[id];
    model_.holds[id] = {name, now() + minutes(5) / milliseconds(1)};
    RC_ASSERT(got->epoch == model_.epochs[id]);
  }

  void release() {
    std::string name;
    const auto identity = some_identity(name);
    if (!identity) return;
    const Place& place = some_place();
    const auto held = hold(std::string(place.id));
    const bool possible = held && held->holder == name;
    RC_ASSERT(world_->release(*identity, place.id).has_value() == possible);
    if (possible) model_.holds.erase(std::string(place.id));
  }

  SeededRandom random_;
  AccessWorld world_;
  std::vector<Place> places_;
  Model model_;
};

RC_GTEST_PROP(AccessProperty, AnyCallsAndCrashesLeaveWhatAPlainModelSays, (std::uint64_t seed)) {
  Run run(seed);
  for (int i = 0; i < 60; ++i) run.step();
  run.compare();
}

}  // namespace
}  // namespace quire::access
