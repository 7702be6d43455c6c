#include "engine/running_query.h"

#include <utility>

#include "engine/slow_query.h"
#include "query/index_catalog.h"

namespace quire::engine {

Error in_member(Error error, std::string_view member) {
  std::string field(member);
  if (!error.field().empty()) field.append(".").append(error.field());
  return std::move(error).at(std::move(field));
}

Result<std::shared_ptr<const document::Collation>> parse_collation_member(std::string_view text) {
  if (text.empty() || document::Collation::is_simple(text))
    return std::shared_ptr<const document::Collation>();
  auto collation = document::Collation::parse(text);
  if (!collation) return in_member(std::move(collation).error(), "collation");
  return std::make_shared<const document::Collation>(*std::move(collation));
}

Result<document::Filter> parse_filter_member(std::string_view text, std::string_view member,
                                             std::shared_ptr<const document::Collation> collation,
                                             const document::FilterLimits& limits) {
  auto filter = document::Filter::parse(text.empty() ? "{}" : text, limits, std::move(collation));
  if (!filter) return in_member(std::move(filter).error(), member);
  return filter;
}

RunningQuery::RunningQuery(Place place, const CollectionAddress& address, const query::Run& run,
                           const QueryOptions& options)
    : place_(std::move(place)),
      database_(address.database.name),
      owner_(address.database.owner),
      options_(options),
      run_(run) {}

Result<std::unique_ptr<RunningQuery>> RunningQuery::begin(Place place, const CollectionAddress& address,
                                                          const FindRequest& request, const query::Run& run,
                                                          const QueryOptions& options) {
  std::unique_ptr<RunningQuery> running(new RunningQuery(std::move(place), address, run, options));
  QUIRE_TRY_STATUS(running->parse(request));
  return running;
}

Status RunningQuery::parse(const FindRequest& request) {
  request_ = &request;
  QUIRE_TRY(auto collation_of_request, parse_collation_member(request.collation));
  QUIRE_TRY(find_.filter, parse_filter_member(request.filter, "filter", std::move(collation_of_request),
                                              {.plain_json = request.plain_json}));
  auto sort = query::Sort::parse(request.sort);
  if (!sort) return in_member(std::move(sort).error(), "sort");
  find_.sort = *std::move(sort);
  find_.hint = request.hint;
  find_.compare_by(collation());
  find_.skip = request.skip;
  find_.limit = request.limit;
  if (request.scan_limit != 0 && request.scan_limit < run_.budget.scanned_documents) {
    run_.budget.scanned_documents = request.scan_limit;
    run_.budget.scan_limited = true;
  }
  if (!request.cursor.empty()) {
    auto after = query::parse_cursor(request.cursor, fingerprint());
    if (!after) return in_member(std::move(after).error(), "cursor");
    find_.after = *std::move(after);
    const bool sorted = find_.after->walk == query::CursorPlace::Walk::sorted;
    if (sorted == find_.sort.empty()) {
      return Error(ErrorCode::invalid, "the cursor is not one of this request").at("cursor");
    }
  }
  return ok();
}

Result<query::Projection> RunningQuery::projection() const {
  auto projection = query::Projection::parse(request_->projection, collation());
  if (!projection) return in_member(std::move(projection).error(), "projection");
  return projection;
}

Status RunningQuery::plan() {
  QUIRE_TRY(view_, place_.shard->view());
  indexes_ = query::usable_indexes(*place_.shard, *view_, place_.collection.id);
  query::Collection collection{.documents = {.view = *view_, .collection = place_.collection.id},
                               .count = place_.collection.counts.documents,
                               .indexes = indexes_,
                               .visible = {}};
  if (!place_.predicate.always()) {
    collection.visible = [this](std::string_view id, std::string_view body) {
      return place_.predicate.holds({.collection = place_.collection.name, .id = id, .body = body});
    };
  }
  QUIRE_TRY(execution_, query::Execution::plan(collection, find_, run_));
  return ok();
}

Status RunningQuery::start(bool measured) {
  QUIRE_TRY_STATUS(plan());
  return execution_->open(measured);
}

std::optional<std::uint64_t> RunningQuery::known_count() const {
  if (!place_.predicate.always() || !find_.filter.matches_everything() || find_.after) return std::nullopt;
  const std::uint64_t all = place_.collection.counts.documents;
  const std::uint64_t left = all - std::min(all, find_.skip);
  return find_.limit == 0 ? left : std::min(left, find_.limit);
}

std::string RunningQuery::fingerprint() const {
  return query::cursor_fingerprint({owner_, database_, place_.collection.name,
                                    std::to_string(place_.collection.id), request_->filter, request_->sort,
                                    request_->projection, request_->collation, request_->hint,
                                    std::to_string(request_->skip)});
}

std::string RunningQuery::cursor() const { return query::print_cursor(execution_->place(), fingerprint()); }

QueryStats RunningQuery::finish() {
  QueryStats stats;
  const query::Plan& plan = execution_->plan();
  stats.returned = execution_->returned();
  stats.scanned = run_.scanned;
  stats.entries = run_.entries;
  stats.spilled_bytes = run_.spilled;
  stats.time = std::chrono::duration_cast<std::chrono::microseconds>(run_.clock.steady() - run_.started);
  if (plan.path.index != nullptr) stats.index = plan.path.index->definition->name;
  stats.advice = plan.advice;
  log_if_slow(options_,
              {.message = "a query was slow",
               .database = database_,
               .owner = owner_,
               .collection = place_.collection.name,
               .find = find_,
               .plan = plan.path.name()},
              stats);
  return stats;
}

Error RunningQuery::explain_error(Error error) const {
  if (error.code() != ErrorCode::exhausted || execution_ == nullptr) return error;
  const std::string& advice = execution_->plan().advice;
  if (advice.empty()) return error;
  Error told(error.code(), std::string(error.message()) + "; " + advice);
  return std::move(told).at(error.field()).over(error.limit());
}

}  // namespace quire::engine
