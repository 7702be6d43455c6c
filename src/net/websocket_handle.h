#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "net/websocket.h"
#include "net/worker.h"

namespace quire::net {

class WebSocketConnection;

// What the threads of a service hold of a WebSocket, and share with its connection: a queue of messages and a
// few wishes, which the connection's thread takes when it comes to it. Outlives the connection, which takes
// leave by shut().
class WebSocketHandle final : public WebSocket {
 public:
  WebSocketHandle(Worker& worker, WebSocketConnection& connection, const WebSocketOptions& options);

  // --- WebSocket, for services.
  Sent send(WebSocketMessagePointer message) override;
  using WebSocket::send;
  void on_room(std::function<void()> then) override;
  std::size_t waiting() const override;
  void pause() override { paused_.store(true, std::memory_order_relaxed); }
  void resume() override;
  void set_message_limit(std::size_t bytes) override {
    message_bytes_.store(bytes, std::memory_order_relaxed);
  }
  void close(std::uint16_t code, std::string_view reason) override { ask_to_close(code, reason, false); }
  void give_up(std::uint16_t code, std::string_view reason) override { ask_to_close(code, reason, true); }
  Cancellation cancellation() const override { return cancellation_; }

  // --- For the connection, on its thread.
  struct Closing {
    std::uint16_t code = 0;
    std::string reason;
    bool drop = false;  // what waits
  };
  // From here on the connection looks by itself at what comes, until take().
  void hold();
  // Moves the messages over, and answers a wish to close.
  std::optional<Closing> take(std::vector<WebSocketMessagePointer>& into);
  // So much of the cost is through, or dropped.
  void release(std::size_t cost);
  // Control frames count too, so that whoever makes us send them waits.
  void count(std::size_t cost);
  // Nothing is taken any more; what waits in here and was not taken over is dropped.
  void stop_taking();
  // The connection is gone: nobody calls it from here on.
  void shut();

  bool paused() const { return paused_.load(std::memory_order_relaxed); }
  bool wants_to_close() const { return wants_to_close_.load(std::memory_order_relaxed); }
  std::size_t message_limit() const { return message_bytes_.load(std::memory_order_relaxed); }

 private:
  void ask_to_close(std::uint16_t code, std::string_view reason, bool drop);
  void note();  // with the mutex held
  bool has_room() const { return !taking_ || waiting_ <= bound_ / 2; }

  Worker& worker_;  // gone where connection_ is null
  const std::size_t bound_;
  const Cancellation cancellation_ = Cancellation::make();
  std::atomic<bool> paused_{false};
  std::atomic<bool> wants_to_close_{false};
  std::atomic<std::size_t> message_bytes_;

  mutable std::mutex mutex_;
  // All below is guarded by mutex_.
  WebSocketConnection* connection_;  // null once it is gone
  bool noted_ = true;                // it will come and take, as it does when it opens
  bool taking_ = true;
  std::vector<WebSocketMessagePointer> queue_;
  std::size_t waiting_ = 0;  // the cost of these, and of those taken over that are not through
  std::optional<Closing> closing_;
  std::function<void()> room_;
};

}  // namespace quire::net
