#include "engine/local_queries.h"

namespace quire::engine {

namespace {
Error not_yet() { return Error(ErrorCode::not_implemented, "this is not offered yet"); }
}  // namespace

void LocalQueries::aggregate(const Caller&, const CallLimits&, const CollectionAddress&,
                             const AggregateRequest&, const RowSink&, Completion<QueryStats> done) {
  done(not_yet());
}

}  // namespace quire::engine
