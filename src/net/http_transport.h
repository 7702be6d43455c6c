#pragma once

#include <memory>
#include <mutex>

#include "base/clock.h"
#include "base/executor.h"
#include "base/http_transport.h"
#include "net/client.h"

namespace quire::net {

// The threads of transports. While a request is sent, and until the head of its answer is there, it has one;
// then none between two pieces of the answer. So it bounds how many are under way at a time. Requests that
// are patient, or that send a stream, have threads of their own: a worker never waits for anybody's work but
// the server's. Thread-safe.
class TransportThreads {
 public:
  TransportThreads(unsigned workers, unsigned waiters);
  // Closes it, if nobody did.
  ~TransportThreads() { close(); }

  // False once it is closed; then the task never runs.
  bool post(bool waits, Task task);
  // What was posted before is done when this returns. Not called by one of its threads.
  void close();

 private:
  std::mutex mutex_;
  std::unique_ptr<Executor> workers_;  // guarded by mutex_; null: closed
  std::unique_ptr<Executor> waiters_;  // the same
};

// Requests to one server, over a client of its own. The clock outlives it and its answers. Errors: as
// Client::make(); of its requests also unavailable, once the threads are closed.
Result<std::shared_ptr<HttpTransport>> make_http_transport(const Origin& origin, const ClientOptions& options,
                                                           std::shared_ptr<TransportThreads> threads,
                                                           const Clock& clock);

}  // namespace quire::net
