#pragma once

#include <string>
#include <string_view>

#include "api/couch/couch_call.h"
#include "document/value.h"
#include "engine/replications.h"

// What a replication is to do, as CouchDB's protocol says it.
namespace quire::api::couch {

struct ReplicationIn {
  engine::ReplicationRequest request;
  std::string source;  // as they are shown: without credentials
  std::string target;
  // What a document keeps of it, each member with a comma behind it: no credentials, nothing that begins
  // with "_".
  std::string members;
};

// `object` is the body of a request, or a document. Errors: bad_request, not_implemented (what would need a
// function of a design document), and those of selectors.
Result<ReplicationIn> read_replication(const CouchCall& call, const document::Value& object);

// What names a replication: of its sides and its scope, so that the same request has it again.
std::string replication_id(std::string_view source, std::string_view target,
                           const engine::ReplicationRequest& request);
std::string replication_id(const engine::ReplicationStatus& status);

// The calls of this surface that are about replications. Errors: not_implemented (this node runs none).
Result<engine::Replications*> replications_of(const CouchCall& call);

// An error of a replication in the words of the protocol. What a side refuses is not the caller's login.
Error explain_replication(const Error& error);

// An object that came as a body, minified into `text`. Errors: bad_request.
Result<document::Value> read_object(std::string_view body, std::string& text, document::Arena& arena);

}  // namespace quire::api::couch
