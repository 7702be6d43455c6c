#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "api/api.h"
#include "api/couch/indexed_documents.h"
#include "api/testing/fake_exchange.h"
#include "base/testing/memory_log.h"
#include "engine/accounts_authority.h"
#include "engine/local_accounts.h"
#include "engine/local_replications.h"
#include "engine/testing/test_node.h"

namespace quire::api::testing {

// Whom a node asks that is there before its accounts are.
class LateAuthority final : public engine::Authority {
 public:
  engine::Decision decide(const engine::Caller& caller, engine::Action action,
                          const engine::Target& target) const override {
    return asked().decide(caller, action, target);
  }
  database::Fence fence(const engine::DatabaseAddress& database) const override {
    return asked().fence(database);
  }
  std::uint64_t byte_limit(const engine::DatabaseAddress& database) const override {
    return asked().byte_limit(database);
  }
  Status removed(std::string_view id) const override { return asked().removed(id); }

  const engine::Authority* real = nullptr;

 private:
  const engine::Authority& asked() const { return real == nullptr ? engine::owner_alone() : *real; }
};

// Accounts whose passwords cost next to nothing.
engine::AccountsOptions cheap_accounts();

// An Api over a node in memory, with accounts; called as an administrator unless a request brings its own
// Authorization field.
class TestApi {
 public:
  explicit TestApi(Options options = {}, const engine::AccountsOptions& accounts = cheap_accounts());
  ~TestApi();

  // Waits for the answer.
  Answer call(Request request);
  Answer get(std::string_view target) { return call({.target = std::string(target)}); }
  Answer put(std::string_view target, std::string_view json) {
    return send(net::Method::put, target, json, "application/json");
  }
  Answer post(std::string_view target, std::string_view body, std::string_view type = "application/json") {
    return send(net::Method::post, target, body, type);
  }
  Answer patch(std::string_view target, std::string_view body, std::string_view type = "application/json") {
    return send(net::Method::patch, target, body, type);
  }
  Answer remove(std::string_view target) {
    return call({.method = net::Method::remove, .target = std::string(target)});
  }
  Answer send(net::Method method, std::string_view target, std::string_view body, std::string_view type,
              std::vector<std::pair<std::string, std::string>> fields = {});
  // Does not wait.
  std::shared_ptr<FakeExchange> begin(Request request);
  void start(FakeExchange& exchange);

  // An account with the password "password of NAME", and a key of it.
  std::string add_user(const std::string& name, engine::Role role = engine::Role::user);
  std::string make_key(std::string_view user, const engine::KeyRequest& request = {});
  std::string id_of_user(std::string_view name) { return accounts.owner_id(name); }
  // A request with this key; none: with no identity at all.
  Answer as(std::string_view key, Request request);
  // {"action": NAME, "payload": PAYLOAD} with this key.
  Answer action(std::string_view key, std::string_view name, std::string_view payload);

  LateAuthority late;
  // Destroyed behind the node, whose executor may still post to them; joined before it.
  std::unique_ptr<Api> api;
  std::unique_ptr<ThreadPool> workers = make_thread_pool(2);
  std::unique_ptr<ThreadPool> streams = make_thread_pool(2);
  std::unique_ptr<ThreadPool> passwords = make_thread_pool(2);
  engine::testing::TestNode node{late};
  std::unique_ptr<access::Access> access;
  engine::Databases databases{node.catalog, *node.world.executor};
  const engine::AccountsAuthority authority;
  engine::LocalAccounts accounts;
  std::string admin_key;
  MemoryLog log;
  couch::IndexedDocuments documents{node.node.documents(), node.node.queries()};
  std::unique_ptr<engine::LocalReplications> replications;
  bool as_admin = true;  // puts the key into requests without an Authorization field

  // The names of all routes that any test of this process has called, but for those that were refused an
  // identity.
  static const std::set<std::string>& called();
};

// "/v1/databases/main/collections/things/documents" and what comes behind it.
std::string things(std::string_view behind = {});

}  // namespace quire::api::testing
