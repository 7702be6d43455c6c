#pragma once

#include <string>

#include "query/conjuncts.h"
#include "query/plan.h"

namespace quire::query {

// Which index would serve a query that none serves, and why; empty where none would.
std::string advice_for(const Conjuncts& conjuncts, const PlanRequest& request);

}  // namespace quire::query
