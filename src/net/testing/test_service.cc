#include "net/testing/test_service.h"

#include "base/check.h"

namespace quire::net {

TestService::~TestService() {
  for (std::thread& thread : threads_) thread.join();
}

Plan TestService::plan(const RequestHead& request) { return plans ? plans(request) : its_plan; }

void TestService::handle(Exchange& exchange) {
  if (handler) {
    handler(exchange);
  } else {
    exchange.send(echo(exchange));
  }
}

Response TestService::refuse(const RequestHead*, unsigned status, const Error& error) {
  Response response;
  response.status = status;
  response.body = error.to_string();
  response.content_type = "text/plain";
  return response;
}

void TestService::on_thread(std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  threads_.emplace_back(std::move(work));
}

Response echo(const Exchange& exchange) {
  const RequestHead& request = exchange.request();
  Response response;
  response.content_type = "text/plain";
  response.body.append(request.method_name).append(" ").append(request.target).append("\n");
  response.body.append(exchange.body());
  return response;
}

bool comes_true(const std::function<bool()>& condition) {
  const SteadyTime until = system_clock().steady() + std::chrono::seconds(10);
  while (system_clock().steady() < until) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

TestServer::TestServer() {
  options.listeners.emplace_back();
  options.threads = 2;
}

TestServer::~TestServer() { server.reset(); }

void TestServer::start() {
  Result<std::unique_ptr<Server>> started = Server::start(options, service, events, system_clock(), *log);
  QUIRE_CHECK(started.has_value(), "a test's server starts");
  server = std::move(*started);
}

}  // namespace quire::net
