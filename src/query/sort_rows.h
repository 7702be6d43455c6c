#pragma once

#include <memory>
#include <optional>

#include "query/sort.h"
#include "query/sources.h"

namespace quire::query {

struct SortOptions {
  std::uint64_t most = 0;            // so many rows are wanted; 0: all
  std::optional<CursorPlace> after;  // only rows behind this one
};

// The rows of `input` in the order of `sort`, of which only so many are kept where no more are wanted. What
// does not fit into the query's memory goes to its spill directory. Errors also: exhausted (more than may be
// spilled, or none may).
std::unique_ptr<PlacedSource> sort_rows(std::unique_ptr<RowSource> input, const Sort& sort,
                                        const SortOptions& options, Watch& watch);

}  // namespace quire::query
