#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/call.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "net/client.h"
#include "net/websocket.h"

namespace quire::net {

struct WebSocketRequest {
  std::string target = "/";
  std::vector<std::pair<std::string, std::string>> fields;  // besides those of the upgrade
  Cancellation cancellation;                                // of this and all later calls
};

// A client's end of a WebSocket, for the command line and for tests. Blocking, for one thread at a time.
// Pings are answered within receive(). Destroying it drops the connection. Errors of all calls: unavailable
// (the connection is closed or lost), deadline, cancelled, invalid (what comes is not WebSocket).
class WebSocketClient {
 public:
  // Connects and asks for the upgrade. `connect_time`, `answer_time`, `idle_time`, the limits of the head and
  // those of TLS are taken from the options; `body_bytes` is the limit of a message. Where the server
  // refuses, the error says its status, and `refusal`, if there is one, gets its answer. What is given
  // outlives the client. Errors: precondition (refused), too_large, and as above.
  static Result<std::unique_ptr<WebSocketClient>> connect(const Origin& origin,
                                                          const WebSocketRequest& request,
                                                          const ClientOptions& options, const Clock& clock,
                                                          Random& random, ClientAnswer* refusal = nullptr);
  virtual ~WebSocketClient() = default;

  // Takes what comes meanwhile off the server's hands, and keeps it for receive().
  virtual Status send(std::string_view text) = 0;
  // In several fragments, each of at most so many bytes; at least one byte.
  virtual Status send_in_fragments(std::string_view text, std::size_t bytes) = 0;
  virtual Status ping(std::string_view payload) = 0;
  // The next message. Once the server has closed: unavailable, and closed_with() says why.
  virtual Result<std::string> receive(std::chrono::milliseconds time) = 0;

  // Sends a close frame and waits for the server's; messages that come before it are dropped.
  virtual Status close(std::uint16_t code, std::string_view reason, std::chrono::milliseconds time) = 0;
  // The code of the server's close frame; kLost: none came. 0: it is open.
  virtual std::uint16_t closed_with() const = 0;
  virtual const std::string& close_reason() const = 0;
  // Pongs that came.
  virtual std::size_t pongs() const = 0;
};

}  // namespace quire::net
