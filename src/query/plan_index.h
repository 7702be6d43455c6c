#pragma once

#include <optional>

#include "query/conjuncts.h"
#include "query/plan.h"

namespace quire::query {

// The path through an index, with the bounds that the conditions give; nullopt where the index need not hold
// all documents that are looked for. Where the index has another collation than the query, only conditions
// that compare no strings give bounds, and the order is not the sort's.
std::optional<AccessPath> index_path(const UsableIndex& index, const Conjuncts& conjuncts,
                                     const PlanRequest& request);

// The path by ids: those named, or a range, which may be all; `sorted` where the sort begins with the id. Ids
// stand in the order of their bytes, so that under a collation what compares them does not narrow the path.
AccessPath id_path(const Conjuncts& conjuncts, const Sort& sort, std::string_view collation);

}  // namespace quire::query
