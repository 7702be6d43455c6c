#include "replication/replication_run.h"

#include <algorithm>

#include "base/bytes.h"
#include "replication/run_call.h"

namespace quire::replication {

namespace {

// Errors that the same call will have tomorrow too.
bool stays(ErrorCode code) {
  return code == ErrorCode::unauthenticated || code == ErrorCode::forbidden || code == ErrorCode::not_found ||
         code == ErrorCode::not_implemented;
}

std::string draw_session(Random& random) {
  char bytes[kSessionRandomBytes];
  random.fill(bytes, sizeof bytes);
  return to_hex({bytes, sizeof bytes});
}

}  // namespace

ReplicationRun::ReplicationRun(const ReplicatorParts& parts, std::shared_ptr<Source> source,
                               std::shared_ptr<Target> target, ReplicatorOptions options)
    : parts_(parts),
      source_(std::move(source)),
      target_(std::move(target)),
      options_(std::move(options)),
      strand_(Strand::make(parts.executor)),
      name_(checkpoint_name(source_->key(), target_->key(), options_.scope)),
      both_keep_records_(!source_->tells_lives_apart()),
      session_(draw_session(parts.random)),
      backoff_(parts.random) {}

void ReplicationRun::start(Completion<Progress> done) {
  strand_->post([self = shared_from_this(), done = std::move(done)]() mutable {
    self->done_ = std::move(done);
    if (self->over_) return;
    self->recorded_at_ = self->parts_.clock.steady();
    {
      const std::lock_guard lock(self->mutex_);
      self->progress_.session = self->session_;
      self->progress_.began_ms = self->parts_.clock.wall_ms();
    }
    self->open();
  });
}

// What is under way is dropped; what was written since the last record is recorded.
void ReplicationRun::cancel() {
  strand_->post([self = shared_from_this()] {
    if (self->over_ || self->cancelling_) return;
    const bool recording = self->ready_ && self->written_to_ != self->recorded_to_ && !self->recording_;
    self->forget_what_is_under_way();
    self->cancelling_ = true;
    if (!recording) return self->end(RunState::cancelled, std::nullopt);
    self->write_checkpoint();
  });
}

void ReplicationRun::let_go() {
  strand_->post([self = shared_from_this()] { self->end(RunState::cancelled, std::nullopt); });
}

Progress ReplicationRun::progress() const {
  const auto now = parts_.clock.steady();
  const std::lock_guard lock(mutex_);
  Progress progress = progress_;
  if (behind_since_) {
    progress.lag = std::chrono::duration_cast<std::chrono::milliseconds>(now - *behind_since_);
  }
  return progress;
}

void ReplicationRun::watch(std::chrono::milliseconds every, std::function<void(const Progress&)> watcher) {
  tell_every_ = every;
  watcher_ = std::move(watcher);
}

void ReplicationRun::pump() {
  if (over_ || !ready_ || cancelling_) return;
  finish_batches();
  if (over_ || !ready_) return;
  read_changes();
  while (fetch_more()) {
  }
  write_some();
  if (!writing_ && !recording_ && checkpoint_due()) write_checkpoint();
  look_later_for_checkpoint();
}

void ReplicationRun::forget_what_is_under_way() {
  ++epoch_;
  for (const auto& weak : guards_) {
    if (const auto guard = weak.lock()) guard->give_up();
  }
  guards_.clear();
  batches_.clear();
  reading_ = writing_ = recording_ = false;
  source_at_end_ = false;
  fetching_ = 0;
  held_bytes_ = 0;
}

void ReplicationRun::fail(Error error) {
  forget_what_is_under_way();
  ready_ = false;
  if (cancelling_) return end(RunState::cancelled, std::nullopt);
  if (stays(error.code())) return end(RunState::failed, std::move(error));
  if (error.code() == ErrorCode::deadline || error.code() == ErrorCode::too_large) size_.failed();
  if (!options_.continuous && backoff_.failures() + 1 >= options_.failures_in_a_row) {
    return end(RunState::failed, std::move(error));
  }
  retry(error);
}

void ReplicationRun::retry(const Error& error) {
  const auto delay = backoff_.next(std::chrono::milliseconds(error.retry_after_ms()));
  {
    const std::lock_guard lock(mutex_);
    ++progress_.retries;
    progress_.last_error = error;
    progress_.retry_in = delay;
  }
  note_behind();
  set_state(RunState::retrying);
  parts_.executor.post_after(delay, [weak = weak_from_this(), epoch = epoch_] {
    const auto self = weak.lock();
    if (!self) return;
    self->strand_->post([self, epoch] {
      if (!self->over_ && self->epoch_ == epoch) self->open();
    });
  });
}

// The source does not know the place that we name. What it has now is all there is to go by; what the target
// has already is not sent again.
void ReplicationRun::reset_history() {
  if (++resets_in_a_row_ > kResetsInARow || read_to_.empty()) {
    resets_in_a_row_ = 0;
    return fail(Error(ErrorCode::unavailable, "the source knows none of its own positions"));
  }
  forget_what_is_under_way();
  {
    const std::lock_guard lock(mutex_);
    ++progress_.resets;
  }
  begin_from(std::nullopt);
}

void ReplicationRun::end(RunState state, std::optional<Error> error) {
  if (over_) return;
  forget_what_is_under_way();
  over_ = true;
  {
    const std::lock_guard lock(mutex_);
    progress_.last_error = error;
    progress_.retry_in = {};
    if (state == RunState::finished) progress_.pending = 0;
  }
  set_state(state);
  tell_now();
  if (!done_) return;
  const auto done = std::move(done_);
  if (state == RunState::finished) return done(progress());
  if (error) return done(*std::move(error));
  done(Error(ErrorCode::cancelled, "the replication was cancelled"));
}

void ReplicationRun::note_failure(const DocumentName& name, const document::Revision& revision, Error error) {
  const std::lock_guard lock(mutex_);
  ++progress_.failures;
  if (progress_.failed.size() < kKeptFailures) progress_.failed.push_back({name, revision, std::move(error)});
}

void ReplicationRun::note_behind() {
  const auto now = parts_.clock.steady();
  const std::lock_guard lock(mutex_);
  if (!behind_since_) behind_since_ = now;
}

void ReplicationRun::set_state(RunState state) {
  {
    const std::lock_guard lock(mutex_);
    if (state == RunState::idle || state == RunState::finished) behind_since_.reset();
    progress_.state = state;
    progress_.reached = written_to_;
    progress_.recorded = recorded_to_;
    if (state != RunState::retrying) progress_.retry_in = {};
  }
  tell();
}

void ReplicationRun::tell() {
  if (!watcher_ || tell_timer_ || over_) return;
  const auto since = parts_.clock.steady() - told_at_;
  if (told_at_ == SteadyTime{} || since >= tell_every_) return tell_now();
  tell_timer_ = true;
  const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(tell_every_ - since);
  parts_.executor.post_after(rest, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->strand_->post([self] {
      self->tell_timer_ = false;
      if (!self->over_) self->tell_now();
    });
  });
}

void ReplicationRun::tell_now() {
  if (!watcher_) return;
  told_at_ = parts_.clock.steady();
  watcher_(progress());
}

}  // namespace quire::replication
