#pragma once

#include "api/rest/rest_call.h"

namespace quire::api::rest {

// A write of one document: what the request says it is. `exists` of If-Match: * is asked of the document when
// the change is made.
struct DocumentWrite {
  engine::Change change;
  bool location = false;  // the answer says where the document is
};
// Called on a connection's thread, or on a worker where the body is large. Errors: what the request gets
// wrong.
using MakeWrite = Result<DocumentWrite> (*)(RestCall& call);

// Makes the change and writes it: on the connection's thread where the document is in memory, else on a
// worker. The answer is sent by whoever makes it durable.
void write_document(const Call& call, MakeWrite make);

// Puts the conditions of a request into a change. Errors: invalid, for conditions that contradict the change.
Status apply_conditions(const RestCall& call, engine::Change& change);

// {"_id", "_rev", "durable"}
void print_written(const engine::EditResult& written, engine::Durability durable, std::string& out);

}  // namespace quire::api::rest
