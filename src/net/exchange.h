#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/call.h"
#include "base/result.h"
#include "net/message.h"
#include "net/websocket.h"

namespace quire::net {

// One request and its answer. Given to Service::handle(), and valid until the last call: exactly one of
// send(), end(), abort(), cut() and accept(), which is due even where the client has gone. Every method may
// be called from every thread, by one at a time.
//
// There are four ways to answer:
//   - whole:    send(response).
//   - blocking: begin(head), write(bytes)..., end(); for threads that may wait for a slow client.
//   - waiting:  begin(head), offer(bytes)..., on_room(then) where offer() says that enough is waiting, end().
//   - WebSocket: accept(handler).
class Exchange {
 public:
  virtual ~Exchange() = default;

  virtual const RequestHead& request() const = 0;
  // What Service::plan() put into Plan::route.
  virtual std::uint32_t route() const = 0;
  // The body, whole, where the plan was to buffer it; else empty.
  virtual std::string_view body() const = 0;
  // The body piece by piece, where the plan was to stream it; blocks. 0: its end. Errors: cancelled (the
  // client has gone), too_large (over the plan's limit), deadline (slower than the least rate), invalid
  // (framing; an early end).
  virtual Result<std::size_t> read(std::span<char> into) = 0;
  // The same without blocking; nullopt: nothing is there yet.
  virtual Result<std::optional<std::size_t>> try_read(std::span<char> into) = 0;
  // Calls `then` once, on some thread, when try_read() has something to say.
  virtual void on_body(std::function<void()> then) = 0;

  // Cancelled as soon as the client has gone, or the server stops at once.
  virtual Cancellation cancellation() = 0;

  virtual void send(Response response) = 0;

  // The head of a streamed answer (its body is ignored); without a length it goes out in chunks.
  virtual void begin(Response head, std::optional<std::uint64_t> length = std::nullopt) = 0;
  // Blocks while more than a bound is waiting to be sent. Errors: cancelled (the client has gone, or stopped
  // reading).
  virtual Status write(std::string_view bytes) = 0;
  // Takes the bytes without blocking. False where more than the bound is waiting now, or the client has gone.
  virtual bool offer(std::string bytes) = 0;
  // Calls `then` once, on some thread, when what was offered has been sent or the client has gone.
  virtual void on_room(std::function<void()> then) = 0;
  // Ends a streamed answer.
  virtual void end() = 0;
  // Closes the connection where a streamed answer cannot be ended well, so that the client sees that it is
  // not whole. What still waits is not sent.
  virtual void abort() = 0;
  // The same behind what was offered. Where nothing but the connection's end ends the answer (HTTP/1.0), it
  // looks whole.
  virtual void cut() = 0;

  // From here on the connection is a WebSocket, and the handler's. A request that check_upgrade() finds fault
  // with, one of HTTP/1.0, and one that comes while the server drains, is refused instead, in the words of
  // Service::refuse(); then, and where the client has gone meanwhile, the handler hears nothing.
  virtual void accept(std::shared_ptr<WebSocketHandler> handler, WebSocketOptions options = {}) = 0;
};

// How the body of a request is taken.
struct Plan {
  enum class Body : std::uint8_t {
    buffered,  // handle() is called when it is there
    streamed,  // handle() is called at once, and reads it
  };
  Body body = Body::buffered;
  std::uint64_t body_limit = 0;  // past it: 413, as soon as it is known
  std::uint32_t route = 0;       // for the service's own use
};

// What stands behind a server. Every method is called on a connection's thread, from several at once, and
// must not block.
class Service {
 public:
  virtual ~Service() = default;

  // Asked with a whole, well-formed head, before any of the body is read.
  virtual Plan plan(const RequestHead& request) = 0;
  // Answers the exchange, now or later. Lets no exception out.
  virtual void handle(Exchange& exchange) = 0;
  // The answer to a request that does not come to handle(): malformed, over a limit, too slow. `request` is
  // null where there is no head. The connection is closed behind it.
  virtual Response refuse(const RequestHead* request, unsigned status, const Error& error) = 0;
};

}  // namespace quire::net
