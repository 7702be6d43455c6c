#pragma once

#include <optional>

#include "query/conjuncts.h"
#include "query/plan.h"

namespace quire::query {

// The path through an index, with the bounds that the conditions give; nullopt where the index need not hold
// all documents that are looked for, or has another collation than the query.
std::optional<AccessPath> index_path(const UsableIndex& index, const Conjuncts& conjuncts,
                                     const PlanRequest& request);

// The path by ids: those named, or a range, which may be all; `sorted` where the sort begins with the id.
AccessPath id_path(const Conjuncts& conjuncts, const Sort& sort);

}  // namespace quire::query
