#pragma once

#include <cstddef>
#include <vector>

#include "net/channel.h"
#include "net/output.h"
#include "net/websocket.h"

namespace quire::net {

// What is to be sent on a WebSocket: messages that may be shared with other connections, several in one call.
// Control frames go in front of messages that have not begun.
class WebSocketOutput {
 public:
  bool empty() const { return first_ == queue_.size(); }
  void add(WebSocketMessagePointer message) { queue_.push_back(std::move(message)); }
  void add(std::vector<WebSocketMessagePointer>& messages);  // leaves it empty
  // A pong takes the place of one that still waits, whose cost is answered: the last ping is the one to
  // answer.
  std::size_t add_control(WebSocketMessagePointer frame);
  // Takes out what has not begun; answers its cost.
  std::size_t drop();

  // What came of it, with the bytes that were sent and the cost of what is through.
  struct Sent {
    Output::Flushed flushed = Output::Flushed::all;
    std::size_t bytes = 0;
    std::size_t cost = 0;
  };
  Sent flush(Channel& channel);
  // Gives memory back; only where it is empty.
  void release() { std::vector<WebSocketMessagePointer>().swap(queue_); }

 private:
  std::size_t take_sent(std::size_t bytes);
  void forget_sent();

  std::vector<WebSocketMessagePointer> queue_;
  std::size_t first_ = 0;   // the first that is not through
  std::size_t offset_ = 0;  // so much of it was sent
  // Nothing may go in front of those up to here: they have begun, or TLS has them.
  std::size_t begun_ = 0;
  std::size_t controls_ = 0;  // control frames that stand behind those
};

}  // namespace quire::net
