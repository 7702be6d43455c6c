#include "engine/filter_edits.h"

#include <deque>

#include "document/arena.h"
#include "engine/completion.h"
#include "engine/tuning.h"

namespace quire::engine {

using database::Edit;
using database::Present;
using database::Revised;

namespace {

Result<bool> still_matches(const FilterEdit& edit, std::string_view id, std::string_view body) {
  if (body.empty()) return false;
  const Candidate candidate{.collection = edit.collection_name, .id = id, .body = body};
  if (!edit.readable.holds(candidate) || !edit.writable.holds(candidate)) return false;
  if (edit.filter.matches_everything()) return true;
  thread_local document::Arena scratch;
  return edit.filter.matches_text(body, id, scratch);
}

Result<Revised> revise(const FilterEdit& edit, std::string_view id, const Present& present,
                       FilterOutcome& outcome) {
  outcome = {};
  QUIRE_TRY(outcome.matched, still_matches(edit, id, present.body));
  if (!outcome.matched) return Revised{};
  QUIRE_TRY(Revised revised, edit.change(id, present.body));
  const bool removed = revised.kind == Revised::Kind::removed;
  const bool changed = revised.kind != Revised::Kind::unchanged;
  if (changed && !removed &&
      !edit.writable.holds({.collection = edit.collection_name, .id = id, .body = revised.body})) {
    return Error(ErrorCode::forbidden, "the caller may not write the document '" + std::string(id) + "'")
        .at("_id");
  }
  if (edit.images) {
    outcome.before = present.body;
    if (!removed) outcome.after = changed ? revised.body : outcome.before;
  }
  return revised;
}

}  // namespace

Edit edit_of(const std::shared_ptr<const FilterEdit>& filter_edit, std::string_view id,
             const std::shared_ptr<FilterOutcome>& outcome) {
  Edit edit;
  edit.collection = filter_edit->collection;
  edit.id = id;
  edit.kind = Edit::Kind::revise;
  edit.precondition = Edit::Precondition::any;
  edit.revise = [filter_edit, outcome, id = edit.id](const Present& present) {
    return revise(*filter_edit, id, present, *outcome);
  };
  return edit;
}

Error after_counts(const Error& error, const FilterCounts& counts) {
  std::string message = error.message();
  if (counts.modified != 0) {
    message += counts.modified == 1
                   ? "; one document had been changed before"
                   : "; " + std::to_string(counts.modified) + " documents had been changed before";
  }
  std::string detail =
      "\"matched\":" + std::to_string(counts.matched) + ",\"modified\":" + std::to_string(counts.modified);
  if (!error.detail().empty()) detail.append(",").append(error.detail());
  return Error(error.code(), std::move(message))
      .at(error.field())
      .over(error.limit())
      .after(error.retry_after_ms())
      .with(std::move(detail));
}

struct FilterBatches::Batch {
  std::vector<Edit> edits;
  std::vector<std::shared_ptr<FilterOutcome>> outcomes;
  Waiter<WriteResult> answer;
};

Result<FilterCounts> FilterBatches::run(query::RowSource& candidates) {
  counts_ = {.matched = 0, .modified = 0, .durable = options_.durability};
  Status went = ok();
  bool more = true;
  while (went && more) {
    went = limits_.check(clock_);
    if (!went) break;
    auto batch = std::make_shared<Batch>();
    auto filled = fill(candidates, *batch);
    if (!filled) {
      went = std::move(filled).error();
      break;
    }
    more = *filled;
    if (!batch->edits.empty()) start(batch);
    if (under_way_.size() >= tuning::kBatchesUnderWay) went = settle_oldest();
  }
  // What is under way is done in any case, and counted.
  while (!under_way_.empty()) {
    if (auto settled = settle_oldest(); !settled && went) went = settled;
  }
  if (!went) return after_counts(went.error(), counts_);
  return counts_;
}

// True where there may be more.
Result<bool> FilterBatches::fill(query::RowSource& candidates, Batch& batch) const {
  std::size_t bytes = 0;
  query::Row row;
  while (batch.edits.size() < tuning::kBatchDocuments && bytes < tuning::kBatchBytes) {
    QUIRE_TRY(const bool there, candidates.next(row));
    if (!there) return false;
    bytes += row.id.size() + row.body.size();
    batch.outcomes.push_back(std::make_shared<FilterOutcome>());
    batch.edits.push_back(edit_of(edit_, row.id, batch.outcomes.back()));
  }
  return true;
}

void FilterBatches::start(const std::shared_ptr<Batch>& batch) {
  under_way_.push_back(batch);
  // Deadline and cancellation count between batches: one that has begun is done, so that its count is true.
  shard_.write_async(std::move(batch->edits), options_, {}, batch->answer.completion());
}

Status FilterBatches::settle_oldest() {
  const auto batch = under_way_.front();
  under_way_.erase(under_way_.begin());
  auto result = batch->answer.take();
  if (!result) return std::move(result).error();
  counts_.durable = result->durable;
  Status first = ok();
  for (std::size_t i = 0; i < result->rows.size(); ++i) {
    auto& row = result->rows[i];
    if (!row) {
      if (first) first = std::move(row).error();
      continue;
    }
    if (batch->outcomes[i]->matched) ++counts_.matched;
    if (row->sequence != 0) ++counts_.modified;
  }
  return first;
}

}  // namespace quire::engine
