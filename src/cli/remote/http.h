#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "cli/remote/target.h"
#include "net/client.h"
#include "net/message.h"

namespace quire::cli::remote {

// What goes to the server besides the key.
struct Request {
  net::Method method = net::Method::get;
  Target target;
  std::string_view accept{};        // a media type; empty: whatever comes
  std::string_view content_type{};  // of the body
  std::string_view body{};
  std::chrono::milliseconds answer_time{};  // 0: a minute
  std::string idempotency_key{};            // not empty: asked once more where the connection was lost
};

// One server, over connections that stay. Thread-safe.
class Http {
 public:
  // Errors: invalid (a URL that is not http://HOST:PORT or https://HOST:PORT).
  static Result<std::unique_ptr<Http>> make(const std::string& url, Secret key);

  // The body of a good answer. Errors: what the server answered; unavailable (it could not be reached).
  Result<std::string> call(const Request& request);
  // Shows the body of a good answer piece by piece, until `take` answers false.
  Status stream(const Request& request, const std::function<bool(std::string_view)>& take);

 private:
  Http(std::unique_ptr<net::Client> client, Secret key) : client_(std::move(client)), key_(std::move(key)) {}
  net::ClientRequest with_key(const Request& request) const;

  const std::unique_ptr<net::Client> client_;
  const Secret key_;
};

}  // namespace quire::cli::remote
