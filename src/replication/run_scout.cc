#include <algorithm>

#include "replication/run_call.h"

// What has changed at the source, and what of it the target lacks.

namespace quire::replication {

void ReplicationRun::read_changes() {
  if (reading_ || batches_.size() >= kBatchesAhead) return;
  if (source_at_end_ && !options_.continuous) return;
  reading_ = true;
  ChangesOptions options{.scope = options_.scope, .limit = size_.rows(), .wait = {}};
  // All that was read is on its way already, so that nothing waits for this answer.
  if (source_at_end_) options.wait = kWaitForMore;
  call<ChangesPage>(
      kCallTime + options.wait, [this](Result<ChangesPage> answer) { took_changes(std::move(answer)); },
      [this, &options](const CallLimits& limits, Completion<ChangesPage> done) {
        source_->changes(limits, read_to_, options, std::move(done));
      });
}

void ReplicationRun::took_changes(Result<ChangesPage> answer) {
  reading_ = false;
  if (!answer && answer.error().code() == ErrorCode::history_lost) return reset_history();
  if (!answer) return fail(std::move(answer).error());
  if (answer->rows.empty() && !answer->at_end && answer->next == read_to_) {
    return fail(Error(ErrorCode::invalid, "the source answers neither a change nor an end"));
  }
  Batch batch;
  batch.full = answer->rows.size() >= size_.rows();
  batch.rows = std::move(answer->rows);
  std::erase_if(batch.rows, [this](const ChangedDocument& row) {
    return row.leaves.empty() || !options_.scope.covers(row.name);
  });
  batch.next = std::move(answer->next);
  batch.at_end = answer->at_end;
  batch.number = ++last_batch_;
  batch.began = parts_.clock.steady();
  source_at_end_ = batch.at_end;
  read_to_ = batch.next;
  {
    const std::lock_guard lock(mutex_);
    progress_.changes_read += batch.rows.size();
    progress_.pending = answer->pending;
    if (batch.at_end) progress_.pending = 0;
  }
  if (!batch.rows.empty()) note_behind();
  batches_.push_back(std::move(batch));
  set_state(RunState::running);
  look_for_missing(batches_.back());
}

Batch* ReplicationRun::batch_of(std::uint64_t number) {
  const auto found =
      std::find_if(batches_.begin(), batches_.end(), [&](const Batch& b) { return b.number == number; });
  return found == batches_.end() ? nullptr : &*found;
}

// A document may have thousands of leaves, so questions are counted in revisions.
void ReplicationRun::look_for_missing(Batch& batch) {
  if (batch.asked_to == batch.rows.size()) return;
  const std::size_t first = batch.asked_to;
  std::vector<RevisionsOf> question;
  std::size_t revisions = 0;
  while (batch.asked_to < batch.rows.size()) {
    const ChangedDocument& row = batch.rows[batch.asked_to];
    if (!question.empty() && revisions + row.leaves.size() > kMissingRevisions) break;
    RevisionsOf of{row.name, {}};
    for (const auto& leaf : row.leaves) of.revisions.push_back(leaf.revision);
    revisions += of.revisions.size();
    question.push_back(std::move(of));
    ++batch.asked_to;
  }
  ++batch.asking;
  {
    const std::lock_guard lock(mutex_);
    progress_.missing_checked += revisions;
  }
  call<std::vector<MissingOf>>(
      kCallTime,
      [this, number = batch.number, first](Result<std::vector<MissingOf>> answer) {
        took_missing(number, first, std::move(answer));
      },
      [this, &question](const CallLimits& limits, Completion<std::vector<MissingOf>> done) {
        target_->missing(limits, question, std::move(done));
      });
}

void ReplicationRun::took_missing(std::uint64_t number, std::size_t first,
                                  Result<std::vector<MissingOf>> answer) {
  if (!answer) return fail(std::move(answer).error());
  Batch* batch = batch_of(number);
  if (batch == nullptr) return;
  --batch->asking;
  std::uint64_t found = 0;
  for (MissingOf& missing : *answer) {
    const std::size_t at = first + missing.document;
    if (at >= batch->asked_to) continue;
    const ChangedDocument& row = batch->rows[at];
    // What was never asked about is not sent, whatever the target says.
    std::erase_if(missing.revisions, [&](const document::Revision& revision) {
      return std::none_of(row.leaves.begin(), row.leaves.end(),
                          [&](const auto& leaf) { return leaf.revision == revision; });
    });
    // A deletion that no selector can judge goes only where there is something to delete.
    const bool stranger = options_.scope.filter() != nullptr && row.leaves.front().deleted &&
                          missing.possible_ancestors.empty();
    if (stranger) continue;
    found += missing.revisions.size();
    for (std::size_t from = 0; from < missing.revisions.size(); from += kFetchRevisions) {
      const std::size_t to = std::min(from + kFetchRevisions, missing.revisions.size());
      batch->wanted.push_back({row.name,
                               {missing.revisions.begin() + static_cast<std::ptrdiff_t>(from),
                                missing.revisions.begin() + static_cast<std::ptrdiff_t>(to)},
                               missing.possible_ancestors});
    }
  }
  {
    const std::lock_guard lock(mutex_);
    progress_.missing_found += found;
  }
  look_for_missing(*batch);
}

}  // namespace quire::replication
