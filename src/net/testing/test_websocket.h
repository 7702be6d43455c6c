#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "net/testing/test_service.h"
#include "net/websocket.h"
#include "net/websocket_client.h"

namespace quire::net {

// A handler whose parts a test puts in, and which keeps what it is told. Without them it echoes.
class TestWebSocketHandler final : public WebSocketHandler {
 public:
  void on_open(std::shared_ptr<WebSocket> socket) override;
  void on_message(std::string_view text) override;
  void on_close(std::uint16_t code) override;

  // These wait, at most ten seconds.
  std::shared_ptr<WebSocket> wait_for_open();
  std::optional<std::uint16_t> wait_for_close();
  bool wait_for_messages(std::size_t count);

  std::vector<std::string> messages();
  bool was_opened();
  std::shared_ptr<WebSocket> current();  // null where it is not open

  // Set before it is given away.
  std::function<void(WebSocket&)> opened;
  std::function<void(WebSocket&, std::string_view)> message;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<WebSocket> socket_;
  std::vector<std::string> messages_;
  std::optional<std::uint16_t> closed_;
  bool opened_ = false;
};

// A server each request of which becomes a WebSocket, with one handler for each.
class TestWebSocketServer : public TestServer {
 public:
  TestWebSocketServer();

  // Asks for a WebSocket at "/". Null where it is refused.
  std::unique_ptr<WebSocketClient> connect(ClientAnswer* refusal = nullptr);
  // That of the connection which was accepted as the n-th; waits for it, at most ten seconds.
  std::shared_ptr<TestWebSocketHandler> handler(std::size_t n = 0);

  // Set before it starts.
  WebSocketOptions socket_options;
  std::function<void(TestWebSocketHandler&)> prepare;
  ClientOptions client_options;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::shared_ptr<TestWebSocketHandler>> handlers_;
};

// A request for an upgrade as it stands on the wire.
std::string upgrade_request(std::string_view target = "/");

}  // namespace quire::net
