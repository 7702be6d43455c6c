#pragma once

#include <memory>

#include "base/clock.h"
#include "base/executor.h"
#include "base/http_transport.h"
#include "net/client.h"

namespace quire::net {

// Where the threads of transports come from. While a request is sent, and until the head of its answer is
// there, it has a thread; then none between two pieces of the answer. So a pool bounds how many are under way
// at a time. Requests that are patient go to `waiters`, so that they do not keep others from their threads.
struct TransportThreads {
  Executor& workers;
  Executor& waiters;
};

// Requests to one server, over a client of its own. The threads and the clock outlive it and its answers.
// Errors: as Client::make().
Result<std::shared_ptr<HttpTransport>> make_http_transport(const Origin& origin, const ClientOptions& options,
                                                           const TransportThreads& threads,
                                                           const Clock& clock);

}  // namespace quire::net
