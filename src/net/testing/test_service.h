#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "net/server.h"

namespace quire::net {

// A service whose parts a test puts in. Without them every request is answered with its method, target and
// body.
class TestService final : public Service {
 public:
  ~TestService() override;

  Plan plan(const RequestHead& request) override;
  void handle(Exchange& exchange) override;
  // {"status": ..., "error": ...} with the error's words.
  Response refuse(const RequestHead* request, unsigned status, const Error& error) override;

  // Runs the work on a thread of its own, which is joined at the end.
  void on_thread(std::function<void()> work);

  // Set before the server starts.
  Plan its_plan{Plan::Body::buffered, 1 << 20, 0};
  std::function<Plan(const RequestHead&)> plans;
  std::function<void(Exchange&)> handler;

 private:
  std::mutex mutex_;
  std::vector<std::thread> threads_;  // guarded by mutex_
};

// The answer of a service without a handler.
Response echo(const Exchange& exchange);

// Whether it becomes true within ten seconds.
bool comes_true(const std::function<bool()>& condition);

// A service, behind a server on a free port of 127.0.0.1.
class TestServer {
 public:
  TestServer();
  ~TestServer();

  // Once `options` and `service` are as they should be.
  void start();
  std::uint16_t port() const { return server->port(0); }

  ServerOptions options;
  TestService service;
  Events events;
  std::unique_ptr<Log> log = make_silent_log();
  std::unique_ptr<Server> server;
};

}  // namespace quire::net
