#pragma once

#include <string>

#include "query/conjuncts.h"
#include "query/sort.h"

namespace quire::query {

// Which index would serve a query that none serves, and why; empty where none would.
std::string advice_for(const Conjuncts& conjuncts, const Sort& sort, const document::Filter& filter);

}  // namespace quire::query
