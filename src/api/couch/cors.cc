#include "api/couch/cors.h"

#include <algorithm>
#include <utility>

#include "api/answer.h"

namespace quire::api::couch {

namespace {

constexpr std::string_view kMethods = "GET, HEAD, PUT, POST, DELETE, COPY, OPTIONS";
constexpr std::string_view kFields =
    "content-type, authorization, accept, origin, referer, if-match, if-none-match, range, destination, "
    "x-requested-with";
// What a page may read of an answer's head besides what browsers let it.
constexpr std::string_view kShown =
    "content-type, cache-control, accept-ranges, etag, server, x-couch-request-id, x-couch-update-newrev, "
    "content-md5, content-range, location, retry-after";
// Browsers ask again after so many seconds; none remembers longer than two hours.
constexpr std::string_view kRememberSeconds = "7200";

class PageExchange final : public net::Exchange {
 public:
  explicit PageExchange(net::Exchange& inner) : inner_(inner) {}

  const net::RequestHead& request() const override { return inner_.request(); }
  std::uint32_t route() const override { return inner_.route(); }
  std::string_view body() const override { return inner_.body(); }
  Result<std::size_t> read(std::span<char> into) override { return inner_.read(into); }
  Result<std::optional<std::size_t>> try_read(std::span<char> into) override { return inner_.try_read(into); }
  void on_body(std::function<void()> then) override { inner_.on_body(std::move(then)); }
  Cancellation cancellation() override { return inner_.cancellation(); }

  void send(net::Response response) override {
    allow_page(inner_.request(), response);
    last().send(std::move(response));
  }
  void begin(net::Response head, std::optional<std::uint64_t> length) override {
    allow_page(inner_.request(), head);
    inner_.begin(std::move(head), length);
  }
  Status write(std::string_view bytes) override { return inner_.write(bytes); }
  bool offer(std::string bytes) override { return inner_.offer(std::move(bytes)); }
  void on_room(std::function<void()> then) override { inner_.on_room(std::move(then)); }
  void end() override { last().end(); }
  void abort() override { last().abort(); }
  void cut() override { last().cut(); }
  void accept(std::shared_ptr<net::WebSocketHandler> handler, net::WebSocketOptions options) override {
    last().accept(std::move(handler), options);
  }

 private:
  ~PageExchange() override = default;
  net::Exchange& last() {
    net::Exchange& inner = inner_;
    delete this;
    return inner;
  }

  net::Exchange& inner_;
};

}  // namespace

bool is_allowed_page(const net::RequestHead& request, std::span<const std::string> origins) {
  const std::string_view origin = request.field("Origin");
  return !origin.empty() && std::find(origins.begin(), origins.end(), origin) != origins.end();
}

void allow_page(const net::RequestHead& request, net::Response& response) {
  response.add_field("Access-Control-Allow-Origin", request.field("Origin"));
  response.add_field("Access-Control-Allow-Credentials", "true");
  response.add_field("Access-Control-Expose-Headers", kShown);
  response.add_field("Vary", "Origin");
}

void allow_request(const net::RequestHead& request, net::Response& response) {
  if (request.field("Access-Control-Request-Method").empty()) return;
  response.add_field("Access-Control-Allow-Methods", kMethods);
  response.add_field("Access-Control-Allow-Headers", kFields);
  response.add_field("Access-Control-Max-Age", kRememberSeconds);
}

net::Exchange& with_page_allowed(net::Exchange& exchange) { return *new PageExchange(exchange); }

}  // namespace quire::api::couch
