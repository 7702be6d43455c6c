#include <map>
#include <utility>

#include "document/value.h"
#include "engine/local_queries.h"
#include "engine/running_query.h"
#include "query/path_values.h"

namespace quire::engine {

using query::Execution;
using query::Row;

namespace {

template <class T>
Error with_advice(const RunningQuery& running, Result<T>& failed) {
  return running.explain_error(std::move(failed).error());
}

// The distinct values at a path of what a query finds, in their order.
class DistinctValues {
 public:
  explicit DistinctValues(std::uint64_t most_bytes) : most_bytes_(most_bytes) {}

  Status add(const Row& row, const document::Path& path) {
    if (path.text() == "_id") {
      document::Arena arena;
      return add(document::Value::string(arena, row.id));
    }
    scratch_.reset();
    const std::string_view name = path.steps()[0].name;
    QUIRE_TRY(const auto document, document::Value::parse_members(scratch_, row.body, {&name, 1}));
    found_.clear();
    query::collect_values(document, path, found_);
    for (const document::Value* const value : found_) {
      const bool is_empty_array = value != nullptr && value->is_array() && value->size() == 0;
      if (value == nullptr || is_empty_array) continue;
      QUIRE_TRY_STATUS(add(*value));
    }
    return ok();
  }

  std::string print() const {
    std::string out = "[";
    for (const auto& [key, text] : values_) {
      if (out.size() > 1) out += ',';
      out += text;
    }
    return out += ']';
  }

 private:
  Status add(const document::Value& value) {
    key_.clear();
    document::append_key(value, document::Direction::ascending, key_);
    const auto [at, is_new] = values_.try_emplace(key_);
    if (!is_new) return ok();
    at->second = value.to_json();
    bytes_ += 2 * key_.size() + at->second.size() + 64;
    if (bytes_ <= most_bytes_) return ok();
    return Error(ErrorCode::exhausted, "the distinct values need more memory than a query may have")
        .over(most_bytes_);
  }

  const std::uint64_t most_bytes_;
  std::uint64_t bytes_ = 0;
  std::map<std::string, std::string> values_;  // their texts, by their keys
  std::string key_;
  document::Arena scratch_;
  std::vector<const document::Value*> found_;
};

}  // namespace

void LocalQueries::find(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                        const FindRequest& request, const RowSink& sink, Completion<FindEnd> done) {
  done(find(caller, limits, address, request, sink));
}

Result<FindEnd> LocalQueries::find(const Caller& caller, const CallLimits& limits,
                                   const CollectionAddress& address, const FindRequest& request,
                                   const RowSink& sink) {
  QUIRE_TRY(const auto running, begin(caller, limits, address, request));
  QUIRE_TRY(const auto projection, running->projection(request));
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
  QUIRE_TRY_STATUS(running->projection(request));
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
  QUIRE_TRY_STATUS(running->start());
  DistinctValues values(options_.budget.memory_bytes);
  for (;;) {
    Row row;
    auto more = running->execution().next(row);
    if (!more) return with_advice(*running, more);
    if (!*more) break;
    QUIRE_TRY_STATUS(values.add(row, *parsed));
  }
  running->finish();
  return values.print();
}

}  // namespace quire::engine
