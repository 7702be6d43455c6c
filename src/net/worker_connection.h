#pragma once

#include "net/loop.h"

namespace quire::net {

// A client's connection as its worker sees it, whatever is spoken on it. Everything is for the worker's
// thread.
class WorkerConnection : public EventSink {
 public:
  virtual ~WorkerConnection() = default;
  virtual int socket() const = 0;
  // Each of these may be its last: then it removes itself.
  virtual void on_tick() = 0;
  virtual void on_drain() = 0;
  virtual void on_stop() = 0;

  WorkerConnection* next = nullptr;
  WorkerConnection* previous = nullptr;
};

}  // namespace quire::net
