#include "net/worker.h"

#include <algorithm>

#include "net/connection.h"
#include "net/tuning.h"

namespace quire::net {

namespace {

std::chrono::milliseconds tick_period(const Limits& limits) {
  return std::clamp(std::min(limits.head_time, limits.idle_time) / kTicksInALimit, kShortestTick,
                    kLongestTick);
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
  loop_->run(tick_period(limits()), [this] { for_each(&Connection::on_tick); });
}

void Worker::adopt(Arrival arrival) {
  load_.fetch_add(1, std::memory_order_relaxed);
  if (loop_->is_current()) return take(arrival);
  loop_->post([this, arrived = std::make_shared<Arrival>(std::move(arrival))] { take(*arrived); });
}

void Worker::take(Arrival& arrival) {
  auto* connection = new Connection(*this, arrival);  // owned by the list until remove()
  connection->next = first_;
  if (first_ != nullptr) first_->previous = connection;
  first_ = connection;
  loop_->keep_ticking(true);
  const bool unwanted = stopped_ || !loop_->add(connection->socket(), *connection);
  if (unwanted) {
    connection->on_stop();
  } else if (draining_) {
    connection->on_drain();
  }
}

void Worker::remove(Connection& connection) {
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
void Worker::for_each(void (Connection::*call)()) {
  for (Connection* connection = first_; connection != nullptr;) {
    Connection* const next = connection->next;
    (connection->*call)();
    connection = next;
  }
}

void Worker::drain() {
  loop_->post([this] {
    draining_ = true;
    for_each(&Connection::on_drain);
  });
}

void Worker::stop() {
  loop_->post([this] {
    draining_ = stopped_ = true;
    for_each(&Connection::on_stop);
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
