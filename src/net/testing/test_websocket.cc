#include "net/testing/test_websocket.h"

#include <chrono>

namespace quire::net {

namespace {
constexpr std::chrono::seconds kPatience{10};
}

void TestWebSocketHandler::on_open(std::shared_ptr<WebSocket> socket) {
  {
    const std::lock_guard lock(mutex_);
    socket_ = socket;
    opened_ = true;
    changed_.notify_all();
  }
  if (opened) opened(*socket);
}

// Whoever waits for the message sees what was done about it.
void TestWebSocketHandler::on_message(std::string_view text) {
  const std::shared_ptr<WebSocket> socket = current();
  if (message) {
    message(*socket, text);
  } else {
    socket->send_or_give_up(WebSocketMessage::make(std::string(text)));
  }
  const std::lock_guard lock(mutex_);
  messages_.emplace_back(text);
  changed_.notify_all();
}

void TestWebSocketHandler::on_close(std::uint16_t code) {
  const std::lock_guard lock(mutex_);
  closed_ = code;
  socket_.reset();
  changed_.notify_all();
}

std::shared_ptr<WebSocket> TestWebSocketHandler::wait_for_open() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kPatience, [this] { return socket_ != nullptr; });
  return socket_;
}

std::optional<std::uint16_t> TestWebSocketHandler::wait_for_close() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kPatience, [this] { return closed_.has_value(); });
  return closed_;
}

bool TestWebSocketHandler::wait_for_messages(std::size_t count) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kPatience, [&] { return messages_.size() >= count; });
}

std::vector<std::string> TestWebSocketHandler::messages() {
  const std::lock_guard lock(mutex_);
  return messages_;
}

bool TestWebSocketHandler::was_opened() {
  const std::lock_guard lock(mutex_);
  return opened_;
}

std::shared_ptr<WebSocket> TestWebSocketHandler::current() {
  const std::lock_guard lock(mutex_);
  return socket_;
}

TestWebSocketServer::TestWebSocketServer() {
  service.handler = [this](Exchange& exchange) {
    auto made = std::make_shared<TestWebSocketHandler>();
    if (prepare) prepare(*made);
    {
      const std::lock_guard lock(mutex_);
      handlers_.push_back(made);
      changed_.notify_all();
    }
    exchange.accept(made, socket_options);
  };
}

std::unique_ptr<WebSocketClient> TestWebSocketServer::connect(ClientAnswer* refusal) {
  const Origin origin{options.listeners[0].tls.has_value(), "127.0.0.1", port()};
  auto client =
      WebSocketClient::connect(origin, {}, client_options, system_clock(), system_random(), refusal);
  return client ? std::move(*client) : nullptr;
}

std::shared_ptr<TestWebSocketHandler> TestWebSocketServer::handler(std::size_t n) {
  std::unique_lock lock(mutex_);
  const bool there = changed_.wait_for(lock, kPatience, [&] { return handlers_.size() > n; });
  return there ? handlers_[n] : std::make_shared<TestWebSocketHandler>();
}

std::string upgrade_request(std::string_view target) {
  return "GET " + std::string(target) +
         " HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n"
         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
}

}  // namespace quire::net
