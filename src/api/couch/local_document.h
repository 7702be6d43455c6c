#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/couch/couch_call.h"
#include "api/couch/document_in.h"

// Documents of `_local/`: checkpoints of replicators, which have no history and are never replicated.
namespace quire::api::couch {

// Whether the path names one; its slash may be escaped.
bool names_local(const Call& call);

Result<net::Response> get_local(CouchCall& call);
Result<net::Response> put_local(CouchCall& call);
Result<net::Response> delete_local(CouchCall& call);

// Writes one; `revision` is what the request names as "0-N", empty: none. Answers the new revision. Errors:
// conflict, too_large, bad_request.
Result<std::string> write_local(const CouchCall& call, std::string_view id, const ParsedDocument& document,
                                std::string_view revision);

}  // namespace quire::api::couch
