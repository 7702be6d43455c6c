#include "engine/local_queries.h"

#include "engine/running_query.h"
#include "query/spill_file.h"

namespace quire::engine {

Status prepare_query_files(const std::string& data_directory, QueryOptions& options) {
  options.budget.spill_directory = data_directory + "/queries";
  return query::prepare_spill_directory(options.budget.spill_directory);
}

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

Result<std::unique_ptr<RunningQuery>> LocalQueries::begin(const Caller& caller, const CallLimits& limits,
                                                          const CollectionAddress& address,
                                                          const FindRequest& request) {
  QUIRE_TRY(Place place, enter(caller, limits, Action::read, address));
  return RunningQuery::begin({.shard = std::move(place.shard),
                              .collection = std::move(place.collection),
                              .predicate = std::move(place.predicate)},
                             address, request, run_of(limits), options_);
}

}  // namespace quire::engine
