#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>

#include "net/address_counts.h"
#include "net/answer.h"
#include "net/events.h"
#include "net/exchange.h"
#include "net/host.h"
#include "net/loop.h"
#include "net/server.h"
#include "net/tls.h"
#include "net/worker_connection.h"

namespace quire::net {

class WebSocketConnection;

// What all connections of a server share; outlives them.
struct Shared {
  Shared(const ServerOptions& server_options, Service& its_service, Events& its_events,
         const Clock& its_clock, Log& its_log)
      : options(server_options),
        service(its_service),
        events(its_events),
        clock(its_clock),
        log(its_log),
        hosts(options.hosts),
        counts(options.limits.connections, options.limits.connections_per_address) {}

  const ServerOptions options;
  Service& service;
  Events& events;
  const Clock& clock;
  Log& log;
  const HostNames hosts;
  AddressCounts counts;
  std::atomic<std::uint64_t> workers{0};  // that were made

  // Waits for connections to end.
  std::mutex mutex;
  std::condition_variable none_left;
};

// A socket that was accepted, on its way to the worker that will have it.
struct Arrival {
  int socket = -1;
  std::string peer;
  AddressCounts::Key key{};
  std::uint32_t listener = 0;
  std::unique_ptr<TlsSession> tls;
};

// One thread of a server, with its loop and its connections. Methods are for its own thread unless they say
// otherwise.
class Worker {
 public:
  Worker(Shared& shared, std::unique_ptr<Loop> loop);
  ~Worker();

  void run();
  // From any thread:
  void adopt(Arrival arrival);
  void drain();  // connections are closed behind the answers that have begun
  void stop();   // connections are closed at once
  std::size_t load() const { return load_.load(std::memory_order_relaxed); }

  Loop& loop() { return *loop_; }
  Shared& shared() { return shared_; }
  const Limits& limits() const { return shared_.options.limits; }
  bool draining() const { return draining_; }
  std::uint64_t new_request_id() { return next_request_++; }
  std::string_view date_line() { return date_.at(loop_->wall_now()); }
  // Those who look on, as of now; null where nobody does.
  const std::shared_ptr<const Events::List>& watchers();
  // The connection is destroyed.
  void remove(WorkerConnection& connection);
  // What an HTTP connection has become; it is woken soon.
  void take_over(std::unique_ptr<WebSocketConnection> connection);

  // Calls on_wake() soon; from any thread, and while the connection lives. Many of these cost the loop one
  // task.
  void wake(WebSocketConnection& connection);
  bool is_to_wake(const WebSocketConnection& connection);
  // What WebSockets receive into, one after another. Made when the first comes.
  std::span<char> websocket_input();

 private:
  void take(Arrival& arrival);
  void for_each(void (WorkerConnection::*call)());
  void link(WorkerConnection& connection);
  void wake_some();
  WebSocketConnection* next_to_wake();

  Shared& shared_;
  std::unique_ptr<Loop> loop_;
  DateLine date_;
  WorkerConnection* first_ = nullptr;  // a list through WorkerConnection::next and previous
  std::atomic<std::size_t> load_{0};
  bool draining_ = false;
  bool stopped_ = false;
  std::shared_ptr<const Events::List> watchers_;
  std::uint64_t watchers_version_ = 0;
  std::uint64_t next_request_;  // an id; each worker has a stretch of its own
  std::unique_ptr<char[]> websocket_input_;

  std::mutex wake_mutex_;
  // A list through WebSocketConnection::next_to_wake, guarded by wake_mutex_.
  WebSocketConnection* first_to_wake_ = nullptr;
  WebSocketConnection* last_to_wake_ = nullptr;
  bool waking_ = false;  // a task that wakes them is on its way; guarded by wake_mutex_
};

}  // namespace quire::net
