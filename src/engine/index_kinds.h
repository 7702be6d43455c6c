#pragma once

#include <vector>

#include "database/index_hook.h"

namespace quire::engine {

// The kinds of indexes that databases may have, for whoever opens a catalog. They live as long as the
// process.
std::vector<const database::IndexHookFactory*> index_kinds();

}  // namespace quire::engine
