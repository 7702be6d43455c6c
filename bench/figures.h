#pragma once

#include "harness.h"

namespace quire::bench {

void storage_figures(Report& report);    // the commit path, reads, the feed
void document_figures(Report& report);   // text, values, keys, trees
void footprint_figures(Report& report);  // memory and disk
void large_figures(Report& report);      // ten million documents

}  // namespace quire::bench
