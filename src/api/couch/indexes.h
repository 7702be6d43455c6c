#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/couch/couch_call.h"
#include "api/couch/mango.h"
#include "engine/queries.h"

// Mango's indexes are those of the query engine. Each is shown as of a design document, though one that was
// made elsewhere has none.
namespace quire::api::couch {

Result<std::vector<engine::IndexDescription>> indexes_of(const CouchCall& call, std::string_view collection);

// {"ddoc","name","type","def"}. Errors: corrupt.
Status print_index(const engine::IndexDescription& index, std::string& out);
// The one that is always there: by id.
void print_all_docs_index(std::string& out);

// Whether it is ready, and has documents in this order.
bool serves_sort(const engine::IndexDescription& index, const std::vector<SortField>& sort);
// The filter of a partial index, as JSON; empty: it is not partial.
Result<std::string> partial_of(const engine::IndexDescription& index);

}  // namespace quire::api::couch
