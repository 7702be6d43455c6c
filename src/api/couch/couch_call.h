#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/answer.h"
#include "api/call.h"
#include "api/couch/error.h"
#include "api/couch/parameters.h"
#include "engine/address.h"
#include "engine/completion.h"

namespace quire::api::couch {

// A call whose path and parameters have been read. Valid as long as its exchange.
struct CouchCall {
  explicit CouchCall(const Call& with) : call(with) {}

  // Errors: invalid.
  static Result<CouchCall> parse(const Call& call);

  engine::DatabaseAddress database() const { return {.name = database_name, .owner = owner}; }
  const Parts& parts() const { return call.parts(); }
  net::Exchange& exchange() const { return call.exchange; }
  const net::RequestHead& request() const { return call.exchange.request(); }

  Call call;
  std::string database_name = "main";
  std::string owner;
  std::string id;    // of a document, "_design/" or "_local/" included
  std::string name;  // of an attachment, or an index
  std::string part;  // of a partition
  Parameters query;
};

net::Response json_answer(unsigned status, std::string body);
// {"ok":true}
net::Response ok_answer(unsigned status = 200);
void answer(const Call& call, Result<net::Response> response);

// Where the answer says what a revision or an id is, and can say it in a field.
void add_tag(std::string_view revision, net::Response& response);

// Handlers, of kinds that say where they run, made of a function that answers:
//   - on the connection's thread, which it does not block;
//   - on a worker, where it may wait for the disk;
//   - where passwords are hashed;
//   - as a stream, where it answers the exchange itself unless it returns an error.
using Answering = Result<net::Response> (*)(CouchCall& call);
using Streaming = Status (*)(CouchCall& call);

void work_off(const Call& call, Answering answering);
void stream_off(const Call& call, Streaming streaming);

template <Answering kAnswering>
void at_once(const Call& call) {
  work_off(call, kAnswering);
}
template <Answering kAnswering>
void worker(const Call& call) {
  on_worker(call, [](const Call& later) { work_off(later, kAnswering); });
}
template <Answering kAnswering>
void password(const Call& call) {
  on_password(call, [call] { work_off(call, kAnswering); });
}
// On a worker where the body is there, and as a stream where it still comes.
void answer_as_stream(const Call& call, Answering answering);
bool body_still_comes(const Call& call);
template <Answering kAnswering>
void wherever(const Call& call) {
  if (!body_still_comes(call)) return worker<kAnswering>(call);
  on_stream(call, [](const Call& later) { answer_as_stream(later, kAnswering); });
}
template <Streaming kStreaming>
void stream(const Call& call) {
  on_stream(call, [](const Call& later) { stream_off(later, kStreaming); });
}

}  // namespace quire::api::couch
