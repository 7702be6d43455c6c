#include <utility>

#include "engine/local_queries.h"
#include "engine/running_query.h"
#include "query/distinct.h"

namespace quire::engine {

using query::Execution;
using query::Row;

namespace {

template <class T>
Error with_advice(const RunningQuery& running, Result<T>& failed) {
  return running.explain_error(std::move(failed).error());
}

}  // namespace

void LocalQueries::find(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                        const FindRequest& request, const RowSink& sink, Completion<FindEnd> done) {
  done(find(caller, limits, address, request, sink));
}

Result<FindEnd> LocalQueries::find(const Caller& caller, const CallLimits& limits,
                                   const CollectionAddress& address, const FindRequest& request,
                                   const RowSink& sink) {
  QUIRE_TRY(const auto running, begin(caller, limits, address, request));
  QUIRE_TRY(const auto projection, running->projection());
  running->project(projection);
  QUIRE_TRY_STATUS(running->start());
  Execution& execution = running->execution();
  document::Arena scratch;
  std::string text;
  bool stopped = false;
  while (!stopped) {
    Row row;
    auto more = execution.next(row);
    if (!more) return with_advice(*running, more);
    if (!*more) break;
    text.clear();
    QUIRE_TRY_STATUS(projection.append(row.id, row.body, scratch, text));
    stopped = !sink({.id = row.id, .value = text});
  }
  FindEnd end;
  if (stopped || execution.stopped()) end.next = running->cursor();
  end.stats = running->finish();
  return end;
}

void LocalQueries::explain(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                           const FindRequest& request, bool run, Completion<std::string> done) {
  done(explain(caller, limits, address, request, run));
}

Result<std::string> LocalQueries::explain(const Caller& caller, const CallLimits& limits,
                                          const CollectionAddress& address, const FindRequest& request,
                                          bool run) {
  QUIRE_TRY(const auto running, begin(caller, limits, address, request));
  QUIRE_TRY(const auto projection, running->projection());
  running->project(projection);
  QUIRE_TRY_STATUS(run ? running->start(true) : running->plan());
  Row row;
  while (run) {
    auto more = running->execution().next(row);
    if (!more) return with_advice(*running, more);
    if (!*more) break;
  }
  return running->execution().print();
}

void LocalQueries::count(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                         const FindRequest& request, Completion<std::uint64_t> done) {
  done(count(caller, limits, address, request));
}

Result<std::uint64_t> LocalQueries::count(const Caller& caller, const CallLimits& limits,
                                          const CollectionAddress& address, const FindRequest& request) {
  QUIRE_TRY(const auto running, begin(caller, limits, address, request));
  if (const auto known = running->known_count()) return *known;
  QUIRE_TRY_STATUS(running->plan());
  auto counted = running->execution().count();
  if (!counted) return with_advice(*running, counted);
  running->finish();
  return counted;
}

void LocalQueries::distinct(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                            std::string_view path, const FindRequest& request, Completion<std::string> done) {
  done(distinct(caller, limits, address, path, request));
}

Result<std::string> LocalQueries::distinct(const Caller& caller, const CallLimits& limits,
                                           const CollectionAddress& address, std::string_view path,
                                           const FindRequest& request) {
  auto parsed = document::Path::parse(path, query::tuning::kPathSteps);
  if (!parsed || path.empty()) {
    return (parsed ? Error(ErrorCode::invalid, "a path is not empty") : parsed.error()).at("path");
  }
  QUIRE_TRY(const auto running, begin(caller, limits, address, request));
  query::DistinctValues values(*parsed, options_.budget.memory_bytes, running->collation());
  QUIRE_TRY_STATUS(running->plan());
  QUIRE_TRY(const bool known, running->add_from_index(values));
  if (!known) QUIRE_TRY_STATUS(running->execution().open());
  while (!known) {
    Row row;
    auto more = running->execution().next(row);
    if (!more) return with_advice(*running, more);
    if (!*more) break;
    QUIRE_TRY_STATUS(values.add(row));
  }
  running->finish();
  return values.print();
}

}  // namespace quire::engine
