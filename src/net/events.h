#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "net/message.h"

namespace quire::net {

// What happens at a server, for logs, metrics and programs that look on.
class Observer {
 public:
  struct Outcome {
    std::uint32_t route = 0;   // Plan::route
    unsigned status = 0;       // 0: the client went before there was an answer
    std::uint64_t micros = 0;  // since the head was read
    std::uint64_t bytes = 0;   // of the answer's body; of a streamed one only at the end
  };

  virtual ~Observer() = default;
  // A server listens, or has stopped; `cause` is empty where it was asked to.
  virtual void on_connect(std::string_view address, std::uint16_t port) = 0;
  virtual void on_disconnect(std::string_view cause) = 0;
  // A request's head is there; its answer is about to be sent; it has been sent, or was given up.
  virtual void on_request_start(const RequestHead& request) = 0;
  virtual void on_request_complete(const RequestHead& request, const Outcome& outcome) = 0;
  virtual void on_request_end(const RequestHead& request, const Outcome& outcome) = 0;
};

// Whoever looks on, added and removed while the server runs. Observers are called on connections' threads,
// from several at once, and must not block. Thread-safe.
class Events {
 public:
  using Id = std::uint64_t;
  Id add(std::shared_ptr<Observer> observer);
  // A call that has begun may still be under way when this returns.
  void remove(Id id);

  using List = std::vector<std::pair<Id, std::shared_ptr<Observer>>>;
  // As it is now; what is added or removed later makes a new one.
  std::shared_ptr<const List> list() const;
  // Changes with the list: whoever keeps a list asks for a new one when this has moved.
  std::uint64_t version() const { return version_.load(std::memory_order_acquire); }

 private:
  mutable std::mutex mutex_;
  Id last_ = 0;
  std::shared_ptr<const List> list_ = std::make_shared<const List>();
  std::atomic<std::uint64_t> version_{0};
};

}  // namespace quire::net
