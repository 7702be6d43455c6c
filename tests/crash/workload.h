#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "database/records.h"
#include "stage.h"

namespace quire::crash {

// The indexes whose definitions a shard holds.
Result<std::vector<std::pair<std::uint32_t, database::IndexRecord>>> stored_indexes(database::Shard& shard);

// One run of a worker: threads that write, one that follows the history from `seen` on and writes down what
// it sees, and one that writes down how late this process is scheduled. Returns when the time is over, when
// all requests are made, or when the shard has failed and everybody has noticed.
void run_workload(Stage& stage, std::uint64_t seed, unsigned writers, database::Sequence seen);

}  // namespace quire::crash
