#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/couch/couch_call.h"
#include "engine/replications.h"

// Documents of `_replicator`: each is a replication of this node, which keeps it and shows it without the
// credentials that came with it. There is no such database; what can be done with one is done to the
// replications.
namespace quire::api::couch {

struct ReplicatorDocument {
  engine::ReplicationStatus status;
  std::string revision;  // a new one when the replication is over, as its state is in the document then
};

ReplicatorDocument replicator_document(engine::ReplicationStatus status);
// Of its deletion.
std::string revision_of_deletion(const ReplicatorDocument& document);
// Errors: not_found.
Result<ReplicatorDocument> find_replicator_document(const CouchCall& call, std::string_view id);
// All, by their ids.
Result<std::vector<ReplicatorDocument>> replicator_documents(const CouchCall& call);

// Appends it with its id and revision, and its state where it is over.
void print_replicator_document(const ReplicatorDocument& document, std::string& out);

}  // namespace quire::api::couch
