#include <map>
#include <utility>

#include "engine/local_queries.h"
#include "engine/running_query.h"
#include "engine/slow_query.h"
#include "query/aggregate/pipeline.h"
#include "query/find.h"
#include "query/index_catalog.h"

namespace quire::engine {

namespace {

using query::Execution;

// Whether an error says no more than that the caller sees nothing there.
bool hides(ErrorCode code) {
  return code == ErrorCode::not_found || code == ErrorCode::forbidden || code == ErrorCode::unauthenticated;
}

class NoRows final : public query::RowSource {
 public:
  Result<bool> next(query::Row&) override { return false; }
};

// The collections of one database in one state, for one caller. What it gives out must not outlive it.
class VisibleCollections final : public query::RowSources {
 public:
  VisibleCollections(const Authority& authority, const Caller& caller, const DatabaseAddress& database,
                     database::Shard& shard, std::unique_ptr<database::ReadView> view, query::Run& run)
      : authority_(authority),
        caller_(caller),
        database_(database),
        shard_(shard),
        view_(std::move(view)),
        run_(run) {}

  Result<std::unique_ptr<query::RowSource>> open(std::string_view collection,
                                                 const document::Filter& filter) override {
    std::string name(collection);
    auto known = opened_.find(name);
    if (known == opened_.end()) {
      auto decided = authority_.decide(caller_, Action::read, {.database = database_, .collection = name});
      if (!decided && hides(decided.error().code())) return none();
      if (!decided) return std::move(decided).error();
      auto found = find_collection(shard_, name);
      if (!found && hides(found.error().code())) return none();
      if (!found) return std::move(found).error();
      known =
          opened_.try_emplace(std::move(name), *std::move(found), *std::move(decided), shard_, *view_).first;
    }
    query::Find find;
    find.filter = filter;
    find.compare_by(filter.collation());
    QUIRE_TRY(auto execution, start(known->second, find));
    return std::unique_ptr<query::RowSource>(std::move(execution));
  }

  // Of a collection that the caller may read.
  Result<std::unique_ptr<Execution>> open(database::CollectionInfo collection, Predicate predicate,
                                          const query::Find& find) {
    std::string name = collection.name;
    const auto opened =
        opened_.try_emplace(std::move(name), std::move(collection), std::move(predicate), shard_, *view_)
            .first;
    return start(opened->second, find);
  }

 private:
  struct Opened {
    Opened(database::CollectionInfo the_info, Predicate the_predicate, const database::Shard& shard,
           const database::ReadView& view)
        : info(std::move(the_info)),
          predicate(std::move(the_predicate)),
          indexes(query::usable_indexes(shard, view, info.id)) {}
    const database::CollectionInfo info;
    const Predicate predicate;
    const std::vector<query::UsableIndex> indexes;
  };

  static Result<std::unique_ptr<query::RowSource>> none() {
    return std::unique_ptr<query::RowSource>(new NoRows);
  }

  Result<std::unique_ptr<Execution>> start(const Opened& opened, const query::Find& find) {
    query::Collection collection{.documents = {.view = *view_, .collection = opened.info.id},
                                 .count = opened.info.counts.documents,
                                 .indexes = opened.indexes,
                                 .visible = {}};
    if (!opened.predicate.always()) {
      collection.visible = [&opened](std::string_view id, std::string_view body) {
        return opened.predicate.holds({.collection = opened.info.name, .id = id, .body = body});
      };
    }
    return Execution::start(collection, find, run_);
  }

  const Authority& authority_;
  const Caller& caller_;
  const DatabaseAddress& database_;
  database::Shard& shard_;
  const std::unique_ptr<database::ReadView> view_;
  query::Run& run_;
  std::map<std::string, Opened> opened_;
};

Result<query::Find> find_of(const query::Pipeline& pipeline, const AggregateRequest& request) {
  const auto& leading = pipeline.leading();
  query::Find find;
  find.filter = leading.filter;
  QUIRE_TRY(find.sort, query::Sort::parse(leading.sort));
  find.skip = leading.skip;
  find.limit = leading.limit;
  find.hint = request.hint;
  find.compare_by(pipeline.collation());
  return find;
}

// Places in a pipeline begin with the stage's number. Running out of something also says which index would
// have served.
Error in_pipeline(Error error, const std::string& advice) {
  std::string field = error.field();
  if (field.starts_with('[')) field.insert(0, "pipeline");
  if (error.code() != ErrorCode::exhausted || advice.empty()) return std::move(error).at(std::move(field));
  Error told(error.code(), error.message() + "; " + advice);
  return std::move(told).over(error.limit()).at(std::move(field));
}

}  // namespace

void LocalQueries::aggregate(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                             const AggregateRequest& request, const RowSink& sink,
                             Completion<QueryStats> done) {
  done(aggregate(caller, limits, address, request, sink));
}

Result<QueryStats> LocalQueries::aggregate(const Caller& caller, const CallLimits& limits,
                                           const CollectionAddress& address, const AggregateRequest& request,
                                           const RowSink& sink) {
  QUIRE_TRY(Place place, enter(caller, limits, Action::read, address));
  QUIRE_TRY(auto collation, parse_collation_member(request.collation));
  auto pipeline = query::Pipeline::parse(request.pipeline, {}, std::move(collation));
  if (!pipeline) {
    std::string field = "pipeline" + pipeline.error().field();
    return std::move(pipeline).error().at(std::move(field));
  }
  QUIRE_TRY(const query::Find find, find_of(*pipeline, request));
  query::Run run = run_of(limits);
  query::Watch watch(run);
  QUIRE_TRY(auto view, place.shard->view());
  VisibleCollections collections(authority_, caller, address.database, *place.shard, std::move(view), run);
  QUIRE_TRY(auto rows, collections.open(std::move(place.collection), std::move(place.predicate), find));
  QueryStats stats;
  const query::Plan& plan = rows->plan();
  const std::string path = plan.path.name();  // a stage that has all rows lets go of their source
  if (plan.path.index != nullptr) stats.index = plan.path.index->definition->name;
  stats.advice = plan.advice;
  query::PipelineExecution running(*pipeline, std::move(rows), collections, watch);
  std::string_view document;
  for (;;) {
    auto more = running.next(document);
    if (!more) return in_pipeline(std::move(more).error(), stats.advice);
    if (!*more) break;
    ++stats.returned;
    if (!sink({.id = {}, .value = document})) break;
  }
  stats.scanned = run.scanned;
  stats.entries = run.entries;
  stats.spilled_bytes = run.spilled;
  stats.time = std::chrono::duration_cast<std::chrono::microseconds>(run.clock.steady() - run.started);
  log_if_slow(options_,
              {.message = "a pipeline was slow",
               .database = std::string(address.database.name),
               .owner = std::string(address.database.owner),
               .collection = std::string(address.collection),
               .find = find,
               .plan = path},
              stats);
  return stats;
}

}  // namespace quire::engine
