#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/call.h"
#include "base/error.h"
#include "net/message.h"

// WebSocket (RFC 6455) as a service sees it: text messages both ways on a connection that began as a request.
// No extensions, so nothing is compressed. A service takes a request over by Exchange::accept().
namespace quire::net {

// Why a connection ends, as it stands in a close frame. A surface has codes of its own from 4000 to 4999.
namespace websocket_code {
inline constexpr std::uint16_t kNormal = 1000;
inline constexpr std::uint16_t kGoingAway = 1001;    // the server stops
inline constexpr std::uint16_t kProtocol = 1002;     // what came is no WebSocket
inline constexpr std::uint16_t kUnsupported = 1003;  // a binary message
inline constexpr std::uint16_t kNone = 1005;         // never sent: the other side gave no code
inline constexpr std::uint16_t kLost = 1006;         // never sent: the connection ended without a close frame
inline constexpr std::uint16_t kNotUtf8 = 1007;
inline constexpr std::uint16_t kPolicy = 1008;
inline constexpr std::uint16_t kTooLarge = 1009;  // a message over the limit
inline constexpr std::uint16_t kInternal = 1011;
inline constexpr std::uint16_t kTooSlow = 4408;  // more waits for the client than the bound
}  // namespace websocket_code

// A text message as it goes out, framed once, however many connections it goes to. Immutable.
class WebSocketMessage {
 public:
  // `text` is UTF-8.
  static std::shared_ptr<const WebSocketMessage> make(std::string text);

  std::string_view text() const { return std::string_view(bytes_).substr(head_bytes_); }
  // With its frame.
  std::string_view bytes() const { return bytes_; }
  // What it takes of WebSocketOptions::waiting_bytes: small messages have a cost too.
  std::size_t cost() const { return bytes_.size() + kCost; }

  static constexpr std::size_t kCost = 64;
  // Bytes as they go out, of which the head is so long: make() knows how.
  WebSocketMessage(std::string bytes, std::size_t head_bytes)
      : bytes_(std::move(bytes)), head_bytes_(head_bytes) {}

 private:
  const std::string bytes_;
  const std::size_t head_bytes_;
};
using WebSocketMessagePointer = std::shared_ptr<const WebSocketMessage>;

// What one client may take.
struct WebSocketOptions {
  std::size_t message_bytes = 64 << 10;  // of a message that comes; past it the connection is closed
  std::size_t waiting_bytes = 1 << 20;   // of messages that wait to be sent; past it send() takes none
};

// An open connection, or one that was open: it may be kept as long as somebody likes, also beyond its server,
// and then every call is harmless. Every method may be called from every thread, within the calls of the
// handler too, and none blocks.
class WebSocket {
 public:
  enum class Sent : std::uint8_t {
    taken,   // it goes out behind the earlier ones
    full,    // not taken: more than the bound waits. on_room() says when to try again
    closed,  // not taken: nothing goes out any more
  };

  virtual ~WebSocket() = default;

  [[nodiscard]] virtual Sent send(WebSocketMessagePointer message) = 0;
  [[nodiscard]] Sent send(std::string text) { return send(WebSocketMessage::make(std::move(text))); }
  // For what cannot wait: a client that is too slow for it is given up with kTooSlow. False where it was not
  // taken.
  bool send_or_give_up(WebSocketMessagePointer message);

  // Calls `then` once, on some thread, within this call too: when not more than half of the bound waits, or
  // the connection is closed. Another one takes the place of one that still waits.
  virtual void on_room(std::function<void()> then) = 0;
  // The cost of messages that were taken and not yet handed to the system.
  virtual std::size_t waiting() const = 0;

  // No message is read from here on until resume(), so that the client has to wait; within on_message() that
  // is exact, from elsewhere one may still come. Whether the client lives is still looked at.
  virtual void pause() = 0;
  virtual void resume() = 0;

  // For messages that begin from now on. Called once the client has proven who it is.
  virtual void set_message_limit(std::size_t bytes) = 0;

  // Sends what waits, then a close frame, and closes when the client has answered it or the time for that is
  // over. No message is read any more. The first close counts. `code` is one that may be sent; `reason` is
  // for a person, and cut at 123 bytes.
  virtual void close(std::uint16_t code, std::string_view reason) = 0;
  // The same, but what waits is dropped; also where a close() is at work.
  virtual void give_up(std::uint16_t code, std::string_view reason) = 0;

  // Cancelled as soon as the connection is closing, the client has gone, or the server stops.
  virtual Cancellation cancellation() const = 0;
};

// What a service does with a connection. The calls come one at a time, on the connection's thread, and must
// not block. The connection owns the handler with whoever else does, until its last call.
class WebSocketHandler {
 public:
  virtual ~WebSocketHandler() = default;

  // The first call.
  virtual void on_open(std::shared_ptr<WebSocket> socket) = 0;
  // A whole message, UTF-8; the view is good within the call.
  virtual void on_message(std::string_view text) = 0;
  // The last call, once: the connection is closing, and neither receives nor takes anything any more. `code`
  // is the client's or that of close(), whichever was first; kNone; or kLost.
  virtual void on_close(std::uint16_t code) = 0;
};

// Why a request cannot be accepted as a WebSocket's.
struct UpgradeProblem {
  unsigned status = 400;  // or 426: it asks for none, or for another version
  Error error;
};
// Nullopt: nothing is wrong. Looks at the method, the absence of a body, and the fields Connection, Upgrade,
// Sec-WebSocket-Version and Sec-WebSocket-Key; not at Origin, which is the service's to judge.
std::optional<UpgradeProblem> check_upgrade(const RequestHead& request);

}  // namespace quire::net
