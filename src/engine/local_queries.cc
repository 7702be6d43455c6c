#include "engine/local_queries.h"

namespace quire::engine {

Result<LocalQueries::Place> LocalQueries::enter(const Caller& caller, const CallLimits& limits, Action action,
                                                const CollectionAddress& address) {
  QUIRE_TRY_STATUS(limits.check(clock_));
  QUIRE_TRY(
      Predicate predicate,
      authority_.decide(caller, action, {.database = address.database, .collection = address.collection}));
  QUIRE_TRY(auto shard, databases_.use(address.database));
  QUIRE_TRY(database::CollectionInfo collection, find_collection(*shard, address.collection));
  return Place{
      .shard = std::move(shard), .collection = std::move(collection), .predicate = std::move(predicate)};
}

}  // namespace quire::engine
