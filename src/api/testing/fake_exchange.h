#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/testing/fake_websocket.h"
#include "net/exchange.h"

namespace quire::api::testing {

// A request as a test writes it down.
struct Request {
  net::Method method = net::Method::get;
  std::string target;
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> fields = {};
  std::uint32_t listener = 0;
};

// One that asks for a WebSocket, with these fields besides.
Request websocket_request(std::string target, std::vector<std::pair<std::string, std::string>> fields = {});

// What a client got to see.
struct Answer {
  unsigned status = 0;
  std::string content_type;
  std::string fields;  // whole lines
  std::string body;
  bool streamed = false;
  bool aborted = false;
  std::optional<std::uint64_t> length;  // of a streamed answer that said it

  // The value of the first field of this name; empty where there is none.
  std::string field(std::string_view name) const;
};

// An exchange without a network: gives a request to a service, and keeps what it answers. The calls may come
// on every thread; that none comes after the last one, and that none comes twice, is checked.
class FakeExchange final : public net::Exchange {
 public:
  explicit FakeExchange(Request request);
  ~FakeExchange() override;

  // A client that takes so many bytes and then no more, until take_all().
  void stop_reading_after(std::size_t bytes);
  void take_all();
  // The client goes away.
  void leave();
  // Sends the body in pieces of so many bytes.
  void send_body_in(std::size_t bytes) { piece_ = bytes; }

  void plan(const net::Plan& plan) { plan_ = plan; }

  // Waits until it is answered; false where that took too long.
  bool wait();
  // Waits until the streamed answer holds this text.
  bool wait_for(std::string_view text);
  bool ended();
  Answer answer();
  // Once it is answered: the connection, where it was accepted (then the status is 101); else null. It ends
  // with this object.
  std::shared_ptr<FakeWebSocket> socket();

  const net::RequestHead& request() const override { return head_; }
  std::uint32_t route() const override { return plan_.route; }
  std::string_view body() const override;
  Result<std::size_t> read(std::span<char> into) override;
  // Each piece has to be waited for, and each wait is over at once.
  Result<std::optional<std::size_t>> try_read(std::span<char> into) override;
  void on_body(std::function<void()> then) override;
  Cancellation cancellation() override { return cancellation_; }
  void send(net::Response response) override;
  void begin(net::Response head, std::optional<std::uint64_t> length) override;
  Status write(std::string_view bytes) override;
  bool offer(std::string bytes) override;
  void on_room(std::function<void()> then) override;
  void end() override;
  void abort() override;
  void cut() override;
  void accept(std::shared_ptr<net::WebSocketHandler> handler, net::WebSocketOptions options) override;

 private:
  void take_head(net::Response&& head);
  void finish();
  bool is_full() const { return answer_.body.size() >= most_; }

  const Request text_;
  std::vector<net::Field> fields_;
  net::RequestHead head_;
  net::Plan plan_;
  std::size_t piece_ = 16 << 10;
  std::size_t read_ = 0;
  bool piece_has_come_ = false;
  const Cancellation cancellation_ = Cancellation::make();

  std::mutex mutex_;
  std::condition_variable changed_;
  Answer answer_;  // guarded by mutex_, as is all below
  std::size_t most_ = ~std::size_t{0};
  bool begun_ = false;
  bool ended_ = false;
  std::function<void()> then_;
  std::shared_ptr<FakeWebSocket> socket_;
};

}  // namespace quire::api::testing
