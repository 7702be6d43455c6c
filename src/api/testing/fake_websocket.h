#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "net/websocket.h"

namespace quire::api::testing {

// An open WebSocket without a network. The handler is called on a thread of the fake's own, as it would be on
// that of a connection; the methods of the first part are for the test's thread.
class FakeWebSocket final : public net::WebSocket, public std::enable_shared_from_this<FakeWebSocket> {
 public:
  FakeWebSocket(std::shared_ptr<net::WebSocketHandler> handler, net::WebSocketOptions options);
  ~FakeWebSocket() override;

  void open();  // once
  // A message of the client's; over the limit it closes the connection, as a real one does.
  void receive(std::string text);
  // The client closes the connection, or is lost.
  void close_by_client(std::uint16_t code = net::websocket_code::kNormal);
  // A client that takes so many messages, those it has included, and then no more, until take_all().
  void stop_reading_after(std::size_t messages);
  void take_all();
  // As close_by_client(kLost), and returns when the handler has had its last call.
  void end();

  // These wait; false, or fewer, where it took too long.
  std::vector<std::string> wait_for_messages(std::size_t count);  // the client's, the first included
  bool wait_for(std::string_view text);                           // somewhere in a message
  std::optional<std::uint16_t> wait_for_close();                  // the code that on_close() was told

  std::vector<std::string> messages() const;
  bool paused() const;
  std::size_t message_limit() const;
  std::string close_reason() const;

  // --- net::WebSocket
  Sent send(net::WebSocketMessagePointer message) override;
  using net::WebSocket::send;
  void on_room(std::function<void()> then) override;
  std::size_t waiting() const override;
  void pause() override;
  void resume() override;
  void set_message_limit(std::size_t bytes) override;
  void close(std::uint16_t code, std::string_view reason) override;
  void give_up(std::uint16_t code, std::string_view reason) override;
  Cancellation cancellation() const override { return cancellation_; }

 private:
  void run();
  void shut(std::uint16_t code, std::string_view reason);
  void move_to_client(std::unique_lock<std::mutex>& lock);  // gives the lock back
  bool has_room() const { return closed_ || waiting_bytes_ <= options_.waiting_bytes / 2; }

  net::WebSocketOptions options_;
  const Cancellation cancellation_ = Cancellation::make();

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  // All below is guarded by mutex_, but that the handler is called without it.
  std::shared_ptr<net::WebSocketHandler> handler_;
  std::deque<std::string> incoming_;
  bool paused_ = false;
  std::deque<net::WebSocketMessagePointer> outgoing_;
  std::size_t waiting_bytes_ = 0;
  std::vector<std::string> taken_;  // by the client
  std::size_t most_ = ~std::size_t{0};
  std::function<void()> room_;
  std::optional<std::uint16_t> closed_;
  std::string close_reason_;
  bool told_close_ = false;
  std::thread thread_;
};

}  // namespace quire::api::testing
