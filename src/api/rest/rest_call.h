#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/answer.h"
#include "api/call.h"
#include "api/query.h"
#include "document/revision.h"
#include "engine/address.h"
#include "engine/documents.h"

namespace quire::api::rest {

// A call whose path, parameters and conditions have been read. Valid as long as its exchange.
struct RestCall {
  explicit RestCall(const Call& with) : call(with) {}

  // Errors: invalid. An owner that is nobody stays as it is written, and is for the engine to know nothing
  // of.
  static Result<RestCall> parse(const Call& call);

  engine::DatabaseAddress database() const { return {.name = database_name, .owner = owner}; }
  engine::CollectionAddress collection() const {
    return {.database = database(), .collection = collection_name};
  }
  const Parts& parts() const { return call.parts(); }
  net::Exchange& exchange() const { return call.exchange; }
  const net::RequestHead& request() const { return call.exchange.request(); }
  // Whether the client asks for lines.
  bool wants_lines() const;

  Call call;
  std::string database_name = "main";
  std::string owner;
  std::string collection_name;
  std::string id;    // of a document or key
  std::string name;  // of an attachment
  std::string user;  // an account, by its id or name
  Query query;
};

// What a write asks for beside its change: durability, a request id; collections are made. Errors: invalid.
Result<engine::WriteOptions> write_options(const RestCall& call);
// Of ?rev=. Errors: invalid.
Result<std::optional<document::Revision>> revision_parameter(const RestCall& call);

// If-Match and If-None-Match, as far as writes take them. Errors: invalid.
struct Conditions {
  std::optional<document::Revision> match;  // If-Match: "REV"
  bool match_any = false;                   // If-Match: *
  bool absent = false;                      // If-None-Match: *
};
Result<Conditions> conditions_of(const net::RequestHead& request);

net::Response json_answer(unsigned status, std::string body);
void answer(const Call& call, Result<net::Response> response);

// Handlers, of kinds that say where they run, made of a function that answers:
//   - on a worker, where it may wait for the disk;
//   - where passwords are hashed;
//   - as a stream, where it answers the exchange itself unless it returns an error.
using Answering = Result<net::Response> (*)(RestCall& call);
using Streaming = Status (*)(RestCall& call);

void work_off(const Call& call, Answering answering);
void stream_off(const Call& call, Streaming streaming);

template <Answering kAnswering>
void worker(const Call& call) {
  on_worker(call, [](const Call& later) { work_off(later, kAnswering); });
}
template <Answering kAnswering>
void password(const Call& call) {
  on_password(call, [call] { work_off(call, kAnswering); });
}
template <Streaming kStreaming>
void stream(const Call& call) {
  on_stream(call, [](const Call& later) { stream_off(later, kStreaming); });
}

}  // namespace quire::api::rest
