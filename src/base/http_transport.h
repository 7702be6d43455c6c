#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/byte_stream.h"
#include "base/call.h"
#include "base/result.h"

namespace quire {

struct HttpRequest {
  std::string method = "GET";
  std::string target = "/";
  std::vector<std::pair<std::string, std::string>> fields{};  // besides Host and those of the body's length
  std::string body{};
  // Instead of `body`; as many bytes as `stream_length` says, which are read while they are sent.
  std::shared_ptr<ByteStream> stream{};
  std::uint64_t stream_length = 0;
  // From the request's end to the answer's head.
  std::chrono::milliseconds answer_time{60'000};
  // The answer may be held back on purpose: it takes a place among those who wait, not among those who work.
  bool patient = false;
  Cancellation cancellation{};
};

struct HttpAnswer {
  unsigned status = 0;
  std::vector<std::pair<std::string, std::string>> fields;
  std::unique_ptr<ByteStream> body;  // its end is an error where the connection broke before

  // The value of the first field of this name, whatever its case; empty where there is none.
  std::string_view field(std::string_view name) const;
};

// Sends requests to one server, for layers that know no sockets. Never follows a redirect. Thread-safe.
// `done` is called once, perhaps on another thread, with the head of the answer, whatever its status. Errors:
// unavailable, deadline, cancelled, invalid (what comes is not HTTP), too_large (its head is), forbidden (no
// address of the server's name may be reached).
class HttpTransport {
 public:
  virtual ~HttpTransport() = default;
  virtual void send(HttpRequest request, std::function<void(Result<HttpAnswer>)> done) = 0;
};

// Reads a stream to its end; too_large past `most` bytes.
void read_all(std::shared_ptr<ByteStream> stream, std::uint64_t most,
              std::function<void(Result<std::string>)> done);

}  // namespace quire
