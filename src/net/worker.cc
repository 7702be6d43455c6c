#include "net/worker.h"

#include <algorithm>

#include "net/connection.h"
#include "net/tuning.h"
#include "net/websocket_connection.h"

namespace quire::net {

namespace {

std::chrono::milliseconds tick_period(const Limits& limits) {
  const auto shortest = std::min({limits.head_time, limits.idle_time, limits.ping_time, limits.close_time});
  return std::clamp(shortest / kTicksInALimit, kShortestTick, kLongestTick);
}

}  // namespace

// Ids begin at the time, so that a log of two runs has few of them twice.
Worker::Worker(Shared& shared, std::unique_ptr<Loop> loop)
    : shared_(shared),
      loop_(std::move(loop)),
      next_request_((static_cast<std::uint64_t>(shared.clock.wall_ms()) << kRequestTimeShift) +
                    (shared.workers.fetch_add(1) << kRequestWorkerShift)) {}
Worker::~Worker() = default;

void Worker::run() {
  loop_->run(tick_period(limits()), [this] { for_each(&WorkerConnection::on_tick); });
}

void Worker::adopt(Arrival arrival) {
  load_.fetch_add(1, std::memory_order_relaxed);
  if (loop_->is_current()) return take(arrival);
  loop_->post([this, arrived = std::make_shared<Arrival>(std::move(arrival))] { take(*arrived); });
}

void Worker::take(Arrival& arrival) {
  auto* connection = new Connection(*this, arrival);  // owned by the list until remove()
  link(*connection);
  const bool unwanted = stopped_ || !loop_->add(connection->socket(), *connection);
  if (unwanted) {
    connection->on_stop();
  } else if (draining_) {
    connection->on_drain();
  }
}

void Worker::link(WorkerConnection& connection) {
  connection.next = first_;
  if (first_ != nullptr) first_->previous = &connection;
  first_ = &connection;
  loop_->keep_ticking(true);
}

// What it was is removed by itself, and counted until then.
void Worker::take_over(std::unique_ptr<WebSocketConnection> connection) {
  load_.fetch_add(1, std::memory_order_relaxed);
  WebSocketConnection& taken = *connection.release();  // owned by the list until remove()
  link(taken);
  wake(taken);
  if (stopped_ || !loop_->change(taken.socket(), taken)) {
    taken.on_stop();
  } else if (draining_) {
    taken.on_drain();
  }
}

void Worker::remove(WorkerConnection& connection) {
  if (connection.previous != nullptr) connection.previous->next = connection.next;
  if (connection.next != nullptr) connection.next->previous = connection.previous;
  if (first_ == &connection) first_ = connection.next;
  delete &connection;
  load_.fetch_sub(1, std::memory_order_relaxed);
  if (first_ != nullptr) return;
  loop_->keep_ticking(false);
  const std::lock_guard lock(shared_.mutex);
  shared_.none_left.notify_all();
}

// Each may remove itself.
void Worker::for_each(void (WorkerConnection::*call)()) {
  for (WorkerConnection* connection = first_; connection != nullptr;) {
    WorkerConnection* const next = connection->next;
    (connection->*call)();
    connection = next;
  }
}

void Worker::wake(WebSocketConnection& connection) {
  const std::lock_guard lock(wake_mutex_);
  if (connection.to_wake) return;
  connection.to_wake = true;
  (first_to_wake_ == nullptr ? first_to_wake_ : last_to_wake_->next_to_wake) = &connection;
  last_to_wake_ = &connection;
  if (std::exchange(waking_, true)) return;
  loop_->post([this] { wake_some(); });
}

bool Worker::is_to_wake(const WebSocketConnection& connection) {
  const std::lock_guard lock(wake_mutex_);
  return connection.to_wake;
}

WebSocketConnection* Worker::next_to_wake() {
  const std::lock_guard lock(wake_mutex_);
  WebSocketConnection* const connection = first_to_wake_;
  first_to_wake_ = std::exchange(connection->next_to_wake, nullptr);
  connection->to_wake = false;
  return connection;
}

// Those that are in the list now, at most: whoever comes again meanwhile has its turn later.
void Worker::wake_some() {
  const WebSocketConnection* last = nullptr;
  {
    const std::lock_guard lock(wake_mutex_);
    last = last_to_wake_;
  }
  const WebSocketConnection* woken = nullptr;
  for (int i = 0; i < kWakesInARow && woken != last; ++i) {
    WebSocketConnection* const connection = next_to_wake();
    woken = connection;
    connection->on_wake();
  }
  const std::lock_guard lock(wake_mutex_);
  waking_ = first_to_wake_ != nullptr;
  if (waking_) loop_->post([this] { wake_some(); });
}

std::span<char> Worker::websocket_input() {
  if (!websocket_input_) websocket_input_.reset(new char[kWebSocketRead]);
  return {websocket_input_.get(), kWebSocketRead};
}

void Worker::drain() {
  loop_->post([this] {
    draining_ = true;
    for_each(&WorkerConnection::on_drain);
  });
}

void Worker::stop() {
  loop_->post([this] {
    draining_ = stopped_ = true;
    for_each(&WorkerConnection::on_stop);
  });
}

const std::shared_ptr<const Events::List>& Worker::watchers() {
  const std::uint64_t version = shared_.events.version();
  if (version != watchers_version_) {
    watchers_version_ = version;
    watchers_ = shared_.events.list();
    if (watchers_->empty()) watchers_.reset();
  }
  return watchers_;
}

}  // namespace quire::net
