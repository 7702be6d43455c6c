#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/call.h"
#include "base/clock.h"
#include "base/result.h"
#include "net/address_rule.h"

namespace quire::net {

// Where a client connects to.
struct Origin {
  bool secure = false;
  std::string host;  // a name or an address, an IPv6 one without its brackets
  std::uint16_t port = 0;

  // "http://host", "https://host:port", with nothing behind it but perhaps a slash. Errors: invalid.
  static Result<Origin> parse(std::string_view url);
  // As it stands in a Host field: without the port where that is the usual one.
  std::string authority() const;
};

struct ClientOptions {
  std::chrono::milliseconds connect_time{10'000};  // of one address; the handshake too
  std::chrono::milliseconds answer_time{60'000};   // from the request's end to the answer's head
  std::chrono::milliseconds idle_time{30'000};     // without progress of a body, either way
  std::size_t head_bytes = 64 << 10;
  std::size_t fields = 200;
  std::size_t body_bytes = 64 << 20;  // of an answer that is taken whole
  std::size_t idle_connections = 8;   // kept for the next request
  bool verify = true;                 // the server's certificate
  std::string authorities_file;       // PEM; empty: the system's
  // The addresses that may be connected to; none: all. Each address that the name resolves to is asked about,
  // and that same address is connected to. Where none may be reached the error is forbidden.
  std::optional<AddressRule> addresses{};
};

struct ClientRequest {
  std::string method = "GET";
  std::string target = "/";
  std::vector<std::pair<std::string, std::string>> fields;  // besides Host and those of the body's length
  std::string body;
  Cancellation cancellation;                // looked at a few times a second
  std::chrono::milliseconds answer_time{};  // instead of the options'; 0: theirs
};

struct ClientAnswer {
  unsigned status = 0;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;  // empty where it is streamed

  // The value of the first field of this name, whatever its case; empty where there is none.
  std::string_view field(std::string_view name) const;
};

// A request whose body, answer, or both are streamed. Blocking, for one thread at a time. Destroying it
// closes the connection, unless the answer was read to its end. Errors of all calls: unavailable (the
// connection is lost), deadline, cancelled, invalid (what comes is not HTTP), too_large (over a limit of
// ours).
class ClientExchange {
 public:
  virtual ~ClientExchange() = default;
  // A piece of the request's body. A server may answer before it has all of it; then the rest is dropped.
  virtual Status write(std::string_view bytes) = 0;
  // Ends the request and waits for the answer's head. Once.
  virtual Result<ClientAnswer> finish() = 0;
  // A piece of the answer's body; 0: its end.
  virtual Result<std::size_t> read(std::span<char> into) = 0;
};

// An HTTP/1.1 client of one server, which keeps connections for later requests. Never follows a redirect.
// Thread-safe; its exchanges end before it does. The clock outlives it.
class Client {
 public:
  // Connects to nothing yet. Errors: invalid, io (the authorities' file).
  static Result<std::unique_ptr<Client>> make(const Origin& origin, const ClientOptions& options,
                                              const Clock& clock);
  virtual ~Client() = default;

  // Sends a request and takes the whole answer. A kept connection that turns out to be closed is replaced
  // once, where the request may be repeated. Errors: as ClientExchange.
  virtual Result<ClientAnswer> send(const ClientRequest& request) = 0;

  // Sends the head of a request. `length`: of the body to be written; none: it goes in chunks. Where
  // request.body is not empty it is the whole body, and nothing is written.
  virtual Result<std::unique_ptr<ClientExchange>> open(const ClientRequest& request,
                                                       std::optional<std::uint64_t> length) = 0;
};

}  // namespace quire::net
