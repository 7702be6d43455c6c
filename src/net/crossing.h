#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "base/call.h"
#include "base/error.h"
#include "net/message.h"

namespace quire::net {

// What the threads of a service and that of the connection share of one exchange. Everything is guarded by
// the mutex.
struct Crossing {
  std::mutex mutex;
  std::condition_variable changed;
  bool noted = false;            // a task is on its way to the loop; that outlives an exchange
  bool client_finished = false;  // the client sends no more; it may have gone
  bool gone = false;             // it has: what is written is dropped
  Cancellation cancellation;     // made when somebody asks for it
  bool cancellable = false;

  // The body of the request, where it is streamed.
  std::string inbox;
  std::size_t inbox_used = 0;
  bool inbox_ended = false;
  bool inbox_full = false;  // the loop waits for room
  bool inbox_wanted = false;
  std::optional<Error> inbox_error;
  std::function<void()> reader;  // waits for more of it

  // The answer, where it is streamed.
  bool begun = false;
  Response head;
  std::optional<std::uint64_t> length;
  std::string outbox;
  std::size_t waiting = 0;  // bytes in the outbox, and those taken from it that are not yet sent
  std::function<void()> room;

  // For the next exchange; nobody else may hold this one.
  void reset() {
    client_finished = gone = cancellable = inbox_ended = inbox_full = inbox_wanted = begun = false;
    cancellation = {};
    std::string().swap(inbox);
    inbox_used = 0;
    inbox_error.reset();
    reader = nullptr;
    head = {};
    length.reset();
    std::string().swap(outbox);
    waiting = 0;
    room = nullptr;
  }
};

}  // namespace quire::net
