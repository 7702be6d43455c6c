#pragma once

#include <span>
#include <string>

#include "query/conjuncts.h"
#include "query/plan.h"

namespace quire::query {

// Which index would serve a query that none of `indexes` serves, and why; empty where none would, or where it
// is there and cannot (a sort through arrays).
std::string advice_for(const Conjuncts& conjuncts, const PlanRequest& request,
                       std::span<const UsableIndex> indexes);

}  // namespace quire::query
