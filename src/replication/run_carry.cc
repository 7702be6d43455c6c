#include <algorithm>

#include "replication/counted_stream.h"
#include "replication/run_call.h"

// Fetch, write, and write down how far that was. Batches are written in order and one request at a time, so
// that "all before this place is durable" is true of every place that is recorded.

namespace quire::replication {

namespace {

// Of a row: the side may take it later, so the batch is tried again.
bool passes(ErrorCode code) {
  return code == ErrorCode::unavailable || code == ErrorCode::exhausted || code == ErrorCode::io ||
         code == ErrorCode::read_only || code == ErrorCode::deadline || code == ErrorCode::cancelled ||
         code == ErrorCode::locked || code == ErrorCode::internal;
}

// A path as a revision tree takes it.
bool well_formed(const std::vector<document::Revision>& path) {
  if (path.empty() || path.front().generation > document::kMaxGeneration) return false;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i].generation == 0 || path[i].generation + i != path.front().generation) return false;
  }
  return true;
}

bool asked_for(const std::vector<WantedRevisions>& wanted, const DocumentName& name) {
  return std::any_of(wanted.begin(), wanted.end(), [&](const auto& of) { return of.name == name; });
}

}  // namespace

// --- fetch

bool ReplicationRun::fetch_more() {
  if (fetching_ >= kFetchesInFlight) return false;
  if (held_bytes_ + fetching_ * kFetchBytes >= kHeldBytes) return false;
  for (Batch& batch : batches_) {
    if (batch.fetched_to < batch.wanted.size()) {
      fetch_some(batch);
      return true;
    }
    if (!batch.scouted()) return false;
  }
  return false;
}

void ReplicationRun::fetch_some(Batch& batch) {
  std::vector<WantedRevisions> wanted;
  std::size_t revisions = 0;
  while (batch.fetched_to < batch.wanted.size()) {
    WantedRevisions& of = batch.wanted[batch.fetched_to];
    if (!wanted.empty() && revisions + of.revisions.size() > kFetchRevisions) break;
    revisions += of.revisions.size();
    wanted.push_back(std::move(of));
    ++batch.fetched_to;
  }
  ++batch.fetching;
  ++fetching_;
  call<FetchedRevisions>(
      kCallTime,
      [this, number = batch.number, wanted](Result<FetchedRevisions> answer) mutable {
        took_revisions(number, std::move(wanted), std::move(answer));
      },
      [this, &wanted](const CallLimits& limits, Completion<FetchedRevisions> done) {
        source_->fetch(limits, wanted, kFetchBytes, std::move(done));
      });
}

void ReplicationRun::took_revisions(std::uint64_t number, std::vector<WantedRevisions> wanted,
                                    Result<FetchedRevisions> answer) {
  --fetching_;
  if (!answer) return fail(std::move(answer).error());
  if (answer->documents == 0) return fail(Error(ErrorCode::invalid, "the source answers no document at all"));
  Batch* batch = batch_of(number);
  if (batch == nullptr) return;
  --batch->fetching;
  std::uint64_t bytes = 0;
  std::uint64_t taken = 0;
  for (TravellingRevision& revision : answer->revisions) {
    if (!well_formed(revision.path) || !asked_for(wanted, revision.name)) {
      note_failure(revision.name, {}, Error(ErrorCode::invalid, "the source answers a malformed revision"));
      continue;
    }
    bytes += revision.bytes();
    ++taken;
    batch->fetched.push_back(std::move(revision));
  }
  for (RevisionFailure& failure : answer->failures) {
    // Replaced or purged since the change was read: what came after it is a later change.
    if (failure.error.code() == ErrorCode::not_found) continue;
    if (passes(failure.error.code())) return fail(std::move(failure.error));
    note_failure(failure.name, failure.revision, std::move(failure.error));
  }
  for (std::size_t i = answer->documents; i < wanted.size(); ++i)
    batch->wanted.push_back(std::move(wanted[i]));
  batch->fetched_bytes += bytes;
  batch->bytes += bytes;
  held_bytes_ += bytes;
  const std::lock_guard lock(mutex_);
  progress_.documents_read += taken;
  progress_.bytes_read += bytes;
}

// --- write

void ReplicationRun::write_some() {
  if (writing_ || recording_ || batches_.empty() || batches_.front().fetched.empty()) return;
  Batch& batch = batches_.front();
  if (record_first(batch)) return write_checkpoint();
  const auto group = std::make_shared<std::vector<TravellingRevision>>();
  std::uint64_t bytes = 0;
  while (!batch.fetched.empty() && group->size() < kWriteRevisions) {
    const std::uint64_t more = batch.fetched.front().bytes();
    if (!group->empty() && bytes + more > kWriteBytes) break;
    bytes += more;
    group->push_back(std::move(batch.fetched.front()));
    batch.fetched.pop_front();
  }
  batch.fetched_bytes -= bytes;
  writing_ = true;
  const auto opener = std::make_shared<AttachmentOpener>();
  const auto guard_slot = std::make_shared<std::weak_ptr<CallGuard>>();
  *opener = attachments_of(group, guard_slot);
  call<WrittenRevisions>(
      kCallTime,
      [this, group, bytes](Result<WrittenRevisions> answer) {
        took_written(group, bytes, std::move(answer));
      },
      [&](const CallLimits& limits, Completion<WrittenRevisions> done) {
        // The opener needs the guard, which there is only now.
        if (!guards_.empty()) *guard_slot = guards_.back();
        target_->write(limits, *group, *opener, std::move(done));
      });
}

// The bytes of an attachment go from the source to the target by pieces, each of which shows the write's
// guard that it goes on.
AttachmentOpener ReplicationRun::attachments_of(std::shared_ptr<const std::vector<TravellingRevision>> group,
                                                std::shared_ptr<std::weak_ptr<CallGuard>> guard) {
  return [weak = weak_from_this(), group = std::move(group), guard = std::move(guard)](
             std::size_t revision, std::size_t attachment, Completion<std::unique_ptr<ByteStream>> done) {
    const auto self = weak.lock();
    const auto watching = guard->lock();
    if (!self || !watching) return done(Error(ErrorCode::cancelled, "the replication is over"));
    const auto counted = [weak, guard](std::size_t bytes) {
      if (const auto watched = guard->lock()) watched->progressed();
      if (const auto run = weak.lock()) {
        const std::lock_guard lock(run->mutex_);
        run->progress_.attachment_bytes += bytes;
      }
    };
    const TravellingRevision& of = group->at(revision);
    self->source_->open_attachment(
        watching->limits(), of, of.attachments.at(attachment),
        [counted, done = std::move(done)](Result<std::unique_ptr<ByteStream>> stream) {
          if (!stream) return done(std::move(stream).error());
          done(std::unique_ptr<ByteStream>(std::make_unique<CountedStream>(std::move(*stream), counted)));
        });
  };
}

void ReplicationRun::took_written(const std::shared_ptr<std::vector<TravellingRevision>>& group,
                                  std::uint64_t bytes, Result<WrittenRevisions> answer) {
  writing_ = false;
  if (!answer) return fail(std::move(answer).error());
  for (auto& [at, error] : answer->failures) {
    if (at >= group->size()) continue;
    if (passes(error.code())) return fail(std::move(error));
    note_failure((*group)[at].name, (*group)[at].path.front(), std::move(error));
  }
  held_bytes_ -= bytes;
  const std::lock_guard lock(mutex_);
  progress_.documents_written += group->size() - std::min(group->size(), answer->failures.size());
}

// What a crash would repeat stays one batch; one that lacked nothing would be looked at again as well.
bool ReplicationRun::record_first(const Batch& batch) const {
  if (unrecorded_rows_ == 0) return false;
  return unrecorded_rows_ + batch.rows.size() > kMostBatchRows || unrecorded_bytes_ > kBatchBytes;
}

void ReplicationRun::finish_batches() {
  while (!writing_ && !batches_.empty() && batches_.front().carried()) {
    const Batch& batch = batches_.front();
    if (record_first(batch)) {
      if (!recording_) write_checkpoint();
      break;
    }
    written_to_ = batch.next;
    unrecorded_rows_ += batch.rows.size();
    unrecorded_bytes_ += batch.bytes;
    if (batch.full) {
      size_.took(std::chrono::duration_cast<std::chrono::milliseconds>(parts_.clock.steady() - batch.began),
                 batch.bytes);
    }
    backoff_.reset();
    if (!batch.rows.empty()) resets_in_a_row_ = 0;
    batches_.pop_front();
    const std::lock_guard lock(mutex_);
    progress_.last_error.reset();
  }
  if (!batches_.empty() || !source_at_end_ || recording_ || writing_) return;
  if (!options_.continuous) {
    if (written_to_ != recorded_to_) return write_checkpoint();
    return end(RunState::finished, std::nullopt);
  }
  if (progress().state != RunState::idle) set_state(RunState::idle);
}

// --- checkpoints

bool ReplicationRun::checkpoint_due() const {
  if (written_to_ == recorded_to_) return false;
  return parts_.clock.steady() - recorded_at_ >= kCheckpointInterval;
}

void ReplicationRun::look_later_for_checkpoint() {
  if (over_ || checkpoint_timer_ != 0 || written_to_ == recorded_to_ || recording_) return;
  checkpoint_timer_ = parts_.executor.post_after(kCheckpointInterval, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->strand_->post([self] {
      self->checkpoint_timer_ = 0;
      self->pump();
    });
  });
}

void ReplicationRun::write_checkpoint() {
  recording_ = true;
  // Batches that lack nothing may pass meanwhile, and are behind what this records.
  recording_to_ = written_to_;
  recording_rows_ = unrecorded_rows_;
  recording_bytes_ = unrecorded_bytes_;
  const Progress now = progress();
  const CheckpointEntry entry{.session = session_,
                              .recorded = written_to_,
                              .time_ms = parts_.clock.wall_ms(),
                              .documents_read = now.documents_read,
                              .documents_written = now.documents_written,
                              .failures = now.failures,
                              .missing_checked = now.missing_checked,
                              .missing_found = now.missing_found};
  if (both_keep_records_ && !source_takes_records_) target_record_.set_alone();
  target_record_.add(entry, source_id_);
  // Alone it needs no history, and a push asks for it each time.
  if (!both_keep_records_) target_record_.forget_older();
  source_record_.add(entry, source_id_);
  call<std::string>(
      kCallTime, [this](Result<std::string> answer) { took_target_checkpoint(std::move(answer)); },
      [this](const CallLimits& limits, Completion<std::string> done) {
        target_->write_checkpoint(limits, name_, {target_record_revision_, target_record_.print()},
                                  std::move(done));
      });
}

void ReplicationRun::took_target_checkpoint(Result<std::string> answer) {
  if (!answer) return fail(std::move(answer).error());
  target_record_revision_ = std::move(*answer);
  if (!both_keep_records_ || !source_takes_records_) return recorded();
  call<std::string>(
      kCallTime, [this](Result<std::string> source) { took_source_checkpoint(std::move(source)); },
      [this](const CallLimits& limits, Completion<std::string> done) {
        source_->write_checkpoint(limits, name_, {source_record_revision_, source_record_.print()},
                                  std::move(done));
      });
}

void ReplicationRun::took_source_checkpoint(Result<std::string> answer) {
  if (answer) {
    source_record_revision_ = std::move(*answer);
    return recorded();
  }
  // A source that may only be read: from now on the target's record counts by itself.
  const ErrorCode code = answer.error().code();
  const bool read_only = code == ErrorCode::forbidden || code == ErrorCode::unauthenticated ||
                         code == ErrorCode::not_implemented || code == ErrorCode::read_only;
  if (!read_only) return fail(std::move(answer).error());
  source_takes_records_ = false;
  write_checkpoint();
}

void ReplicationRun::recorded() {
  recording_ = false;
  recorded_to_ = recording_to_;
  recorded_at_ = parts_.clock.steady();
  unrecorded_rows_ -= recording_rows_;
  unrecorded_bytes_ -= recording_bytes_;
  {
    const std::lock_guard lock(mutex_);
    ++progress_.checkpoints;
    progress_.recorded_ms = parts_.clock.wall_ms();
  }
  if (cancelling_) return end(RunState::cancelled, std::nullopt);
  set_state(progress().state);
}

}  // namespace quire::replication
