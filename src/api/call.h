#pragma once

#include "api/context.h"
#include "api/route.h"
#include "api/stream.h"
#include "base/call.h"
#include "engine/address.h"
#include "net/exchange.h"

namespace quire::api {

// A request on its way to its answer: what was found out before the route's handler is called. Cheap to copy;
// its views and references are valid as long as the exchange, and so until it is answered.
struct Call {
  Context& context;
  net::Exchange& exchange;
  const Route& route;
  engine::Caller caller;
  const KvDoor& kv;
  Captures captures;         // still percent-encoded
  Stream* stream = nullptr;  // of a call that runs as one

  const Parts& parts() const { return context.parts(); }
  const net::RequestHead& request() const { return exchange.request(); }
  CallLimits limits() const {
    CallLimits limits;
    limits.cancellation = exchange.cancellation();
    return limits;
  }
};

// The database of this id, from memory; none where the caller may not see that there is one, so that no
// answer gives away its name.
std::optional<engine::DatabaseDescription> visible_database(const Parts& parts, const engine::Caller& caller,
                                                            std::string_view id);

// What a text names: an id, "owner:name", or a name: of one of the caller's own, but for `main`, which is the
// server's. An owner that is nobody stays as it is written, and is for the engine to know nothing of.
struct NamedDatabase {
  std::string name;
  std::string owner;
  engine::DatabaseAddress address() const { return {.name = name, .owner = owner}; }
};
NamedDatabase named_database(const Parts& parts, const engine::Caller& caller, std::string_view text);

// Runs `work` on a worker, where it may wait for the disk, or as a stream, which may wait for the client too
// and holds no thread then: by Call::stream. The exchange is answered with exhausted where too many are there
// already.
using Work = void (*)(const Call& call);
void on_worker(const Call& call, Work work);
void on_stream(const Call& call, Work work);

// The same where `work` takes a password: past the bound the answer is that of a throttle.
void on_password(const Call& call, std::function<void()> work);

// The same for work with more to it than the call. What `work` lets out ends the exchange, not the process.
void on_worker(const Call& call, std::function<void()> work);

}  // namespace quire::api
