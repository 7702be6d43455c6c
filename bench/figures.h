#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "harness.h"

namespace quire::bench {

void storage_figures(Report& report);   // the commit path, reads, the feed
void index_figures(Report& report);     // what a value index costs
void document_figures(Report& report);  // text, values, keys, trees
// Memory and disk. `deletes`: of how many documents the figure of deleted ones is; fewer than a million are
// compacted at once, instead of ten minutes later, and what is left behind is kept in `directory`.
struct FootprintOptions {
  std::uint64_t documents = 1'000'000;
  std::string directory{};
};
void footprint_figures(Report& report, const FootprintOptions& options);
// Ten million documents, in a directory that is filled at the first use and kept; empty: in one of its own.
void large_figures(Report& report, const std::string& kept);

// A part of a suite that is a process of its own; nothing where there is no such part.
std::optional<double> large_step(const std::string& name, const std::string& directory);

}  // namespace quire::bench
