#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/call.h"
#include "database/shard.h"
#include "document/filter.h"
#include "engine/decide.h"
#include "engine/types.h"
#include "query/row_source.h"

namespace quire::engine {

// What is done with a document that a filter finds: its id and text, and what becomes of it. Called on any
// thread, again whenever the document has moved.
using FilterChange = std::function<Result<database::Revised>(std::string_view id, std::string_view body)>;

// A change for whatever matches. What it refers to outlives its edits.
struct FilterEdit {
  database::CollectionId collection = 0;
  std::string collection_name;
  document::Filter filter;
  Predicate readable;  // what the caller may not read or write does not match
  Predicate writable;
  FilterChange change;
  bool images = false;  // the texts before and after are wanted
};

// What became of one candidate, at the moment of its change.
struct FilterOutcome {
  bool matched = false;
  std::string before;  // where images are wanted
  std::string after;
};

// The edit of one candidate: the filter and the caller's rights are asked again of the text that is there
// when it is made. Errors of its row also: forbidden, where the new text is one that the caller may not
// write.
database::Edit edit_of(const std::shared_ptr<const FilterEdit>& edit, std::string_view id,
                       const std::shared_ptr<FilterOutcome>& outcome);

struct FilterCounts {
  std::uint64_t matched = 0;
  std::uint64_t modified = 0;
  Durability durable = Durability::disk;
};

// The members of an error's detail that say how far a call came: "matched":3,"modified":2. With `error` as it
// was otherwise.
Error after_counts(const Error& error, const FilterCounts& counts);

// Changes all candidates in batches, of which a few are under way at a time, so that they share the fsyncs of
// each other and of other callers. Blocks. What cannot be changed ends it, as do deadline and cancellation
// between two batches; the error then says how many documents had been changed (after_counts()).
class FilterBatches {
 public:
  FilterBatches(database::Shard& shard, std::shared_ptr<const FilterEdit> edit,
                const database::WriteOptions& options, const CallLimits& limits, const Clock& clock)
      : shard_(shard), edit_(std::move(edit)), options_(options), limits_(limits), clock_(clock) {}

  Result<FilterCounts> run(query::RowSource& candidates);

 private:
  struct Batch;

  Result<bool> fill(query::RowSource& candidates, Batch& batch) const;
  void start(const std::shared_ptr<Batch>& batch);
  // Waits for the oldest batch, and counts what it did. Errors: those of its rows.
  Status settle_oldest();

  database::Shard& shard_;
  const std::shared_ptr<const FilterEdit> edit_;
  const database::WriteOptions options_;
  const CallLimits limits_;
  const Clock& clock_;
  std::vector<std::shared_ptr<Batch>> under_way_;  // the oldest first
  FilterCounts counts_;
};

}  // namespace quire::engine
