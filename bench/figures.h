#pragma once

#include <optional>
#include <string>

#include "harness.h"

namespace quire::bench {

void storage_figures(Report& report);    // the commit path, reads, the feed
void document_figures(Report& report);   // text, values, keys, trees
void footprint_figures(Report& report);  // memory and disk
// Ten million documents, in a directory that is filled at the first use and kept; empty: in one of its own.
void large_figures(Report& report, const std::string& kept);

// A part of a suite that is a process of its own; nothing where there is no such part.
std::optional<double> large_step(const std::string& name, const std::string& directory);

}  // namespace quire::bench
