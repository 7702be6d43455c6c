#include "net/websocket_handle.h"

#include "net/websocket_connection.h"

namespace quire::net {

WebSocketHandle::WebSocketHandle(Worker& worker, WebSocketConnection& connection,
                                 const WebSocketOptions& options)
    : worker_(worker),
      bound_(options.waiting_bytes),
      message_bytes_(options.message_bytes),
      connection_(&connection) {}

WebSocket::Sent WebSocketHandle::send(WebSocketMessagePointer message) {
  const std::lock_guard lock(mutex_);
  if (!taking_ || closing_) return Sent::closed;
  if (waiting_ > bound_) return Sent::full;
  waiting_ += message->cost();
  queue_.push_back(std::move(message));
  note();
  return Sent::taken;
}

void WebSocketHandle::on_room(std::function<void()> then) {
  {
    const std::lock_guard lock(mutex_);
    if (!has_room()) {
      room_ = std::move(then);
      return;
    }
  }
  then();
}

std::size_t WebSocketHandle::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_;
}

void WebSocketHandle::resume() {
  if (!paused_.exchange(false)) return;
  const std::lock_guard lock(mutex_);
  note();
}

void WebSocketHandle::ask_to_close(std::uint16_t code, std::string_view reason, bool drop) {
  const std::lock_guard lock(mutex_);
  if (connection_ == nullptr) return;
  if (closing_ && !drop) return;
  if (!closing_) closing_ = Closing{code, std::string(reason), drop};
  closing_->drop = closing_->drop || drop;
  wants_to_close_.store(true, std::memory_order_relaxed);
  note();
}

// --- For the connection

void WebSocketHandle::note() {
  if (noted_ || connection_ == nullptr) return;
  noted_ = true;
  worker_.wake(*connection_);
}

void WebSocketHandle::hold() {
  const std::lock_guard lock(mutex_);
  noted_ = true;
}

std::optional<WebSocketHandle::Closing> WebSocketHandle::take(std::vector<WebSocketMessagePointer>& into) {
  const std::lock_guard lock(mutex_);
  noted_ = false;
  into.swap(queue_);
  return closing_;
}

void WebSocketHandle::release(std::size_t cost) {
  std::function<void()> room;
  {
    const std::lock_guard lock(mutex_);
    waiting_ -= cost;
    if (room_ && has_room()) room = std::exchange(room_, nullptr);
  }
  if (room) room();
}

void WebSocketHandle::count(std::size_t cost) {
  const std::lock_guard lock(mutex_);
  waiting_ += cost;
}

void WebSocketHandle::stop_taking() {
  cancellation_.cancel();
  std::function<void()> room;
  {
    const std::lock_guard lock(mutex_);
    taking_ = false;
    for (const WebSocketMessagePointer& message : queue_) waiting_ -= message->cost();
    std::vector<WebSocketMessagePointer>().swap(queue_);
    room = std::exchange(room_, nullptr);
  }
  if (room) room();
}

void WebSocketHandle::shut() {
  const std::lock_guard lock(mutex_);
  connection_ = nullptr;
  waiting_ = 0;
}

}  // namespace quire::net
