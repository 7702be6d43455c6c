#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "net/events.h"
#include "net/exchange.h"

namespace quire::net {

// What one client may take. The reasons stand in net/tuning.h.
struct Limits {
  std::size_t request_line_bytes = 8 << 10;
  std::size_t head_bytes = 32 << 10;
  std::size_t fields = 100;
  std::chrono::milliseconds head_time{10'000};
  std::chrono::milliseconds idle_time{60'000};  // between requests
  std::size_t body_bytes_per_second = 1 << 10;  // a slower body is given up
  // A client that takes an answer slower is given up: while bytes wait for it, asked over each idle_time, so
  // that it may pause.
  std::size_t answer_bytes_per_second = 1 << 10;
  std::size_t connections = 10'000;
  std::size_t connections_per_address = 200;
  std::size_t stream_bytes = 256 << 10;  // of a streamed answer that wait to be sent
  // A WebSocket from which nothing came for so long is sent a ping, and closed where nothing comes for as
  // long again.
  std::chrono::milliseconds ping_time{20'000};
  // From a close frame to the client's; longer where it reads what it was sent before, at the rate above.
  std::chrono::milliseconds close_time{5'000};
};

// Files are read when the server starts, and again by reload_certificates().
struct TlsOptions {
  std::string certificate_file;  // PEM, the chain
  std::string key_file;
  bool allow_tls12 = false;
};

struct ListenerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0: any free one
  std::optional<TlsOptions> tls;
};

struct ServerOptions {
  std::vector<ListenerOptions> listeners;
  unsigned threads = 0;            // 0: one an available core
  std::vector<std::string> hosts;  // names, besides loopback's, that a Host field may say; "*": any
  // Fields that every answer has: whole lines, each with its CRLF.
  std::string common_fields = "X-Content-Type-Options: nosniff\r\n";
  Limits limits;
};

// An HTTP/1.1 server. Each of its threads has a loop of its own, and a connection stays on one. What it is
// given outlives it. Thread-safe.
class Server {
 public:
  // Listens when it returns. Errors: unavailable (an address is taken or not this machine's; names it),
  // invalid (a certificate), io.
  static Result<std::unique_ptr<Server>> start(const ServerOptions& options, Service& service, Events& events,
                                               const Clock& clock, Log& log);
  // Stops at once if nobody did before.
  virtual ~Server() = default;

  // Where a listener listens, in the order of the options.
  virtual std::uint16_t port(std::size_t listener) const = 0;
  virtual std::size_t connections() const = 0;
  // Errors: invalid, io; the certificates of before stay.
  virtual Status reload_certificates() = 0;

  // Takes no new connection, answers what has begun, and closes each connection behind its answer. Returns
  // when none is left, or the time is over (then it stops at once); answers whether all were answered.
  virtual bool drain(std::chrono::milliseconds time) = 0;
  // Closes all connections. Returns when their handlers have made their last calls.
  virtual void stop() = 0;
};

}  // namespace quire::net
