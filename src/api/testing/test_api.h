#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "api/api.h"
#include "api/testing/fake_exchange.h"
#include "base/testing/memory_log.h"
#include "engine/testing/test_node.h"

namespace quire::api::testing {

// Knows one key.
class OneKey final : public Authenticator {
 public:
  static constexpr std::string_view kKey = "correct-horse";
  std::optional<engine::Caller> authenticate(std::string_view token) override {
    if (token == kKey) return engine::Caller::admin();
    return std::nullopt;
  }
};

// An Api over a node in memory, called as the administrator unless a request brings its own Authorization
// field.
class TestApi {
 public:
  explicit TestApi(Options options = {});
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

  engine::testing::TestNode node;
  OneKey authenticator;
  MemoryLog log;
  std::unique_ptr<Executor> workers = make_thread_pool(2);
  std::unique_ptr<Executor> streams = make_thread_pool(2);
  std::unique_ptr<Api> api;
  bool as_admin = true;  // puts the key into requests without an Authorization field

  // The names of all routes that any test of this process has called, but for those that were refused an
  // identity.
  static const std::set<std::string>& called();
};

// "/v1/databases/main/collections/things/documents" and what comes behind it.
std::string things(std::string_view behind = {});

}  // namespace quire::api::testing
