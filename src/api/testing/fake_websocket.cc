#include "api/testing/fake_websocket.h"

#include <chrono>

#include "base/check.h"

namespace quire::api::testing {

namespace {
constexpr std::chrono::seconds kSocketPatience{20};
namespace code = net::websocket_code;
}  // namespace

FakeWebSocket::FakeWebSocket(std::shared_ptr<net::WebSocketHandler> handler, net::WebSocketOptions options)
    : options_(options), handler_(std::move(handler)) {}

FakeWebSocket::~FakeWebSocket() {
  QUIRE_CHECK(!thread_.joinable(), "a fake connection is ended by its test");
}

void FakeWebSocket::open() {
  thread_ = std::thread([self = shared_from_this()] { self->run(); });
}

// The connection's thread.
void FakeWebSocket::run() {
  std::unique_lock lock(mutex_);
  const std::shared_ptr<net::WebSocketHandler> handler = std::move(handler_);
  lock.unlock();
  handler->on_open(shared_from_this());
  lock.lock();
  for (;;) {
    changed_.wait(lock, [this] { return closed_ || (!paused_ && !incoming_.empty()); });
    if (closed_) break;
    const std::string text = std::move(incoming_.front());
    incoming_.pop_front();
    const bool too_large = text.size() > options_.message_bytes;
    lock.unlock();
    if (too_large) {
      shut(code::kTooLarge, "the message is too large");
    } else {
      handler->on_message(text);
    }
    lock.lock();
  }
  const std::uint16_t its_code = *closed_;
  lock.unlock();
  handler->on_close(its_code);
  lock.lock();
  told_close_ = true;
  changed_.notify_all();
}

void FakeWebSocket::receive(std::string text) {
  const std::lock_guard lock(mutex_);
  incoming_.push_back(std::move(text));
  changed_.notify_all();
}

void FakeWebSocket::close_by_client(std::uint16_t code) { shut(code, {}); }

void FakeWebSocket::end() {
  close_by_client(code::kLost);
  if (thread_.joinable()) thread_.join();
}

void FakeWebSocket::shut(std::uint16_t code, std::string_view reason) {
  cancellation_.cancel();
  std::function<void()> room;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    closed_ = code;
    close_reason_ = reason;
    room = std::exchange(room_, nullptr);
    changed_.notify_all();
  }
  if (room) room();
}

// --- What is sent

net::WebSocket::Sent FakeWebSocket::send(net::WebSocketMessagePointer message) {
  std::unique_lock lock(mutex_);
  if (closed_) return Sent::closed;
  if (waiting_bytes_ > options_.waiting_bytes) return Sent::full;
  waiting_bytes_ += message->cost();
  outgoing_.push_back(std::move(message));
  move_to_client(lock);
  return Sent::taken;
}

void FakeWebSocket::move_to_client(std::unique_lock<std::mutex>& lock) {
  while (taken_.size() < most_ && !outgoing_.empty()) {
    taken_.emplace_back(outgoing_.front()->text());
    waiting_bytes_ -= outgoing_.front()->cost();
    outgoing_.pop_front();
  }
  changed_.notify_all();
  std::function<void()> room;
  if (has_room()) room = std::exchange(room_, nullptr);
  lock.unlock();
  if (room) room();
}

void FakeWebSocket::stop_reading_after(std::size_t messages) {
  const std::lock_guard lock(mutex_);
  most_ = messages;
}

void FakeWebSocket::take_all() {
  std::unique_lock lock(mutex_);
  most_ = ~std::size_t{0};
  move_to_client(lock);
}

void FakeWebSocket::on_room(std::function<void()> then) {
  {
    const std::lock_guard lock(mutex_);
    if (!has_room()) {
      room_ = std::move(then);
      return;
    }
  }
  then();
}

std::size_t FakeWebSocket::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_bytes_;
}

// --- What is read

void FakeWebSocket::pause() {
  const std::lock_guard lock(mutex_);
  paused_ = true;
}

void FakeWebSocket::resume() {
  const std::lock_guard lock(mutex_);
  paused_ = false;
  changed_.notify_all();
}

void FakeWebSocket::set_message_limit(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  options_.message_bytes = bytes;
}

void FakeWebSocket::close(std::uint16_t code, std::string_view reason) { shut(code, reason); }

void FakeWebSocket::give_up(std::uint16_t code, std::string_view reason) {
  {
    const std::lock_guard lock(mutex_);
    outgoing_.clear();
    waiting_bytes_ = 0;
  }
  shut(code, reason);
}

// --- What a test sees

std::vector<std::string> FakeWebSocket::wait_for_messages(std::size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kSocketPatience, [&] { return taken_.size() >= count || told_close_; });
  return taken_;
}

bool FakeWebSocket::wait_for(std::string_view text) {
  std::unique_lock lock(mutex_);
  const auto there = [&] {
    for (const std::string& message : taken_) {
      if (message.find(text) != std::string::npos) return true;
    }
    return false;
  };
  return changed_.wait_for(lock, kSocketPatience, [&] { return there() || told_close_; }) && there();
}

std::optional<std::uint16_t> FakeWebSocket::wait_for_close() {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, kSocketPatience, [this] { return told_close_; })) return std::nullopt;
  return closed_;
}

std::vector<std::string> FakeWebSocket::messages() const {
  const std::lock_guard lock(mutex_);
  return taken_;
}

bool FakeWebSocket::paused() const {
  const std::lock_guard lock(mutex_);
  return paused_;
}

std::size_t FakeWebSocket::message_limit() const {
  const std::lock_guard lock(mutex_);
  return options_.message_bytes;
}

std::string FakeWebSocket::close_reason() const {
  const std::lock_guard lock(mutex_);
  return close_reason_;
}

}  // namespace quire::api::testing
