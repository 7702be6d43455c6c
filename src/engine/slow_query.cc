#include "engine/slow_query.h"

#include "query/shape.h"

namespace quire::engine {

void log_if_slow(const QueryOptions& options, const SlowQuery& query, const QueryStats& stats) {
  if (options.log == nullptr || stats.time < options.slow) return;
  options.log->warning(
      query.message, {{"database", query.owner.empty() ? query.database : query.owner + ":" + query.database},
                      {"collection", query.collection},
                      {"filter", query::shape_of(query.find.filter)},
                      {"sort", query.find.sort.empty() ? "" : query.find.sort.print()},
                      {"plan", query.plan},
                      {"scanned", stats.scanned},
                      {"entries", stats.entries},
                      {"returned", stats.returned},
                      {"spilled", stats.spilled_bytes},
                      {"us", stats.time.count()}});
}

}  // namespace quire::engine
