#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "database/shard.h"
#include "engine/databases.h"
#include "engine/decide.h"
#include "engine/queries.h"
#include "query/budget.h"

namespace quire::engine {

// What the queries of a node may take, and what is said of slow ones.
struct QueryOptions {
  query::Budget budget;
  std::chrono::milliseconds slow{200};  // a query that takes longer is written to the log
  Log* log = nullptr;                   // outlives the node; null: nothing is written
};

// Gives the queries a folder for temporary files in the data directory, without what a crash left there.
// While nobody else uses the directory. Errors: io.
Status prepare_query_files(const std::string& data_directory, QueryOptions& options);

class RunningQuery;

// Queries of the databases in this process. Everything but writing is done on the calling thread, and so may
// block it.
class LocalQueries final : public Queries {
 public:
  LocalQueries(Databases& databases, const Clock& clock, const Authority& authority,
               const QueryOptions& options)
      : databases_(databases), clock_(clock), authority_(authority), options_(options) {}

  // local_queries_find.cc
  void find(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
            const FindRequest& request, const RowSink& sink, Completion<FindEnd> done) override;
  void explain(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
               const FindRequest& request, bool run, Completion<std::string> done) override;
  void count(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
             const FindRequest& request, Completion<std::uint64_t> done) override;
  void distinct(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                std::string_view path, const FindRequest& request, Completion<std::string> done) override;

  // The same, answered directly: for who knows that there is one node.
  Result<FindEnd> find(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                       const FindRequest& request, const RowSink& sink);
  Result<std::string> explain(const Caller& caller, const CallLimits& limits,
                              const CollectionAddress& address, const FindRequest& request, bool run);
  Result<std::uint64_t> count(const Caller& caller, const CallLimits& limits,
                              const CollectionAddress& address, const FindRequest& request);
  Result<std::string> distinct(const Caller& caller, const CallLimits& limits,
                               const CollectionAddress& address, std::string_view path,
                               const FindRequest& request);

  // local_queries_aggregate.cc
  void aggregate(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                 const AggregateRequest& request, const RowSink& sink, Completion<QueryStats> done) override;
  Result<QueryStats> aggregate(const Caller& caller, const CallLimits& limits,
                               const CollectionAddress& address, const AggregateRequest& request,
                               const RowSink& sink);

  // local_queries_update.cc
  void update(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
              const UpdateRequest& request, Durability durability, Completion<UpdateResult> done) override;
  void remove(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
              const UpdateRequest& request, Durability durability, Completion<UpdateResult> done) override;
  void find_and_modify(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                       const FindAndModifyRequest& request, Durability durability,
                       Completion<FindAndModifyResult> done) override;

  // local_queries_indexes.cc
  void create_index(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                    std::string_view name, std::string_view definition,
                    Completion<IndexDescription> done) override;
  void drop_index(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                  std::string_view name, Completion<void> done) override;
  void indexes(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
               Completion<std::vector<IndexDescription>> done) override;
  Result<IndexDescription> create_index(const Caller& caller, const CallLimits& limits,
                                        const CollectionAddress& address, std::string_view name,
                                        std::string_view definition);
  Status drop_index(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                    std::string_view name);
  Result<std::vector<IndexDescription>> indexes(const Caller& caller, const CallLimits& limits,
                                                const CollectionAddress& address);

 private:
  // A collection that the caller may touch, and which of its documents.
  struct Place {
    std::shared_ptr<database::Shard> shard;
    database::CollectionInfo collection;
    Predicate predicate;
  };
  Result<Place> enter(const Caller& caller, const CallLimits& limits, Action action,
                      const CollectionAddress& address);
  // --- local_queries_update.cc: a call that changes what a filter finds.
  struct Changing;
  Result<Changing> begin_changing(const Caller& caller, const CallLimits& limits,
                                  const CollectionAddress& address, std::string_view filter,
                                  std::string_view collation, Durability durability, bool may_make);
  Result<UpdateResult> change_many(Changing& changing);
  Result<UpdateResult> change_as_asked(Changing& changing, bool many);
  Result<UpdateResult> update_found(const Caller& caller, const CallLimits& limits,
                                    const CollectionAddress& address, const UpdateRequest& request,
                                    Durability durability);
  Result<UpdateResult> remove_found(const Caller& caller, const CallLimits& limits,
                                    const CollectionAddress& address, const UpdateRequest& request,
                                    Durability durability);
  Result<FindAndModifyResult> find_and_modify_one(const Caller& caller, const CallLimits& limits,
                                                  const CollectionAddress& address,
                                                  const FindAndModifyRequest& request, Durability durability);

  Result<std::unique_ptr<RunningQuery>> begin(const Caller& caller, const CallLimits& limits,
                                              const CollectionAddress& address, const FindRequest& request);
  // What a query of this call may take.
  query::Run run_of(const CallLimits& limits) const {
    return {.clock = clock_, .limits = limits, .budget = options_.budget};
  }

  Databases& databases_;
  const Clock& clock_;
  const Authority& authority_;
  const QueryOptions options_;
};

}  // namespace quire::engine
