#pragma once

#include <cstdint>

#include "api/couch/changes_request.h"

// The changes of `_replicator`, as those of a database are read.
namespace quire::api::couch {

// A page whose rows have their document as `body` where the request is for documents. Blocks.
Result<engine::FeedPage> read_replicator_page(const CouchCall& call, const ChangesRequest& request,
                                              const engine::Position& since, std::uint32_t limit);
Result<engine::Position> replicator_position(const CouchCall& call);
void wait_for_replicator(const CouchCall& call, const CallLimits& limits, const engine::Position& since,
                         engine::Completion<engine::Position> done);

}  // namespace quire::api::couch
