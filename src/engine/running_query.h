#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/decide.h"
#include "engine/local_queries.h"
#include "query/distinct.h"
#include "query/find.h"
#include "query/projection.h"

namespace quire::engine {

// A query of a call, from its request to its figures: what it reads stays at hand while this lives. One
// thread at a time.
class RunningQuery {
 public:
  // A collection that the caller may read, and which of its documents.
  struct Place {
    std::shared_ptr<database::Shard> shard;
    database::CollectionInfo collection;
    Predicate predicate;
  };

  // Errors: invalid, too_large (the field begins with the request's member), and what a view meets.
  static Result<std::unique_ptr<RunningQuery>> begin(Place place, const CollectionAddress& address,
                                                     const FindRequest& request, const query::Run& run,
                                                     const QueryOptions& options);

  // Each once, before execution() is used.
  Status plan();
  Status start(bool measured = false);
  query::Execution& execution() { return *execution_; }

  // By which strings are compared; null: by code point.
  const std::shared_ptr<const document::Collation>& collation() const { return find_.filter.collation(); }

  // As DistinctValues does, of what this query finds; after plan().
  Result<bool> add_from_index(query::DistinctValues& values) {
    return values.add_from_index(execution_->collection(), find_, run_);
  }

  Result<query::Projection> projection() const;
  // What of the documents is wanted; before they are looked for.
  void project(const query::Projection& projection) { find_.ids_alone = projection.id_alone(); }
  // Where the number of the documents is known without looking at one.
  std::optional<std::uint64_t> known_count() const;
  // Where the row that was given last stands.
  std::string cursor() const;
  // The figures; a slow query is written to the log.
  QueryStats finish();
  // An error of running out of something also says which index would serve.
  Error explain_error(Error error) const;

 private:
  RunningQuery(Place place, const CollectionAddress& address, const query::Run& run,
               const QueryOptions& options);
  Status parse(const FindRequest& request);
  std::string fingerprint() const;

  const Place place_;
  const std::string database_;
  const std::string owner_;
  const QueryOptions& options_;
  query::Run run_;
  const FindRequest* request_ = nullptr;
  query::Find find_;
  std::unique_ptr<database::ReadView> view_;
  std::vector<query::UsableIndex> indexes_;
  std::unique_ptr<query::Execution> execution_;
};

// The collation of a request; null where it is empty or {"locale": "simple"}. Errors: invalid, too_large; the
// field begins with "collation".
Result<std::shared_ptr<const document::Collation>> parse_collation_member(std::string_view text);
// A member of a request as a filter; an empty text is all documents. Errors: invalid, too_large; the field
// begins with `member`.
Result<document::Filter> parse_filter_member(std::string_view text, std::string_view member,
                                             std::shared_ptr<const document::Collation> collation = nullptr,
                                             const document::FilterLimits& limits = {});
// The error of a member of a request, with the member's name in front of its field.
Error in_member(Error error, std::string_view member);

}  // namespace quire::engine
