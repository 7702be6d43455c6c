#include "engine/feed_wait.h"

#include <algorithm>
#include <chrono>

#include "engine/tuning.h"

// Who answers: whoever claims first. The committer's thread and the shard's end only claim, and leave the
// answer to the executor, because they may not be held up and must not be called back. Everything between
// claim and answer holds a shared pointer to the wait, so the shard is let go on a thread that may close it.

namespace quire::engine {

bool FeedWaits::add(std::shared_ptr<FeedWait> wait) {
  const std::lock_guard lock(mutex_);
  if (!closed_) waits_.insert(std::move(wait));
  return !closed_;
}

void FeedWaits::remove(const std::shared_ptr<FeedWait>& wait) {
  const std::lock_guard lock(mutex_);
  waits_.erase(wait);
}

void FeedWaits::close() {
  asking_.close();
  std::unordered_set<std::shared_ptr<FeedWait>> waits;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    waits.swap(waits_);
  }
  for (const auto& wait : waits) wait->give_up();
}

FeedWait::FeedWait(std::shared_ptr<FeedWaits> waits, std::shared_ptr<database::Shard> shard, Sequence since,
                   const CallLimits& limits, Allowed allowed, const Clock& clock, Executor& executor,
                   Completion<Position> done)
    : waits_(std::move(waits)),
      shard_(std::move(shard)),
      since_(since),
      limits_(limits),
      allowed_(std::move(allowed)),
      clock_(clock),
      executor_(executor),
      done_(std::move(done)) {}

void FeedWait::start(std::shared_ptr<FeedWaits> waits, std::shared_ptr<database::Shard> shard, Sequence since,
                     const CallLimits& limits, Allowed allowed, const Clock& clock, Executor& executor,
                     Completion<Position> done) {
  if (const Position now = shard->position(); now.sequence > since) return done(now);
  const std::shared_ptr<FeedWait> wait(new FeedWait(std::move(waits), std::move(shard), since, limits,
                                                    std::move(allowed), clock, executor, std::move(done)));
  // From here on others may answer at any moment, and the shard may be gone.
  const auto held = wait->shard_;
  if (!wait->waits_->add(wait)) return wait->give_up();
  held->listeners().add(wait);
  // What was committed before the listener was there was told to nobody.
  if (held->position().sequence > since) {
    if (wait->claim()) wait->answer(ok());
    return;
  }
  wait->tick();
}

void FeedWait::changed(Sequence sequence) {
  if (sequence <= since_ || !claim()) return;
  executor_.post([self = shared_from_this()] { self->answer(ok()); });
}

void FeedWait::closed() {
  if (!claim()) return;
  executor_.post([self = shared_from_this()] {
    self->answer(Error(ErrorCode::unavailable, "the database was closed while a feed waited"));
  });
}

void FeedWait::give_up() {
  if (claim()) answer(Error(ErrorCode::unavailable, "the engine is being closed"));
}

void FeedWait::tick() {
  if (claimed_.load(std::memory_order_acquire)) return;
  auto status = limits_.check(clock_);
  if (status) status = allowed_();
  if (!status) {
    if (claim()) answer(std::move(status));
    return;
  }
  schedule_tick();
}

void FeedWait::schedule_tick() {
  std::chrono::milliseconds delay{tuning::kWaitTickMs};
  if (limits_.deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*limits_.deadline - clock_.steady());
    delay = std::clamp(left, std::chrono::milliseconds{1}, delay);
  }
  executor_.post_after(delay, waits_->guard([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->tick();
  }));
}

void FeedWait::answer(Status status) {
  const auto self = shared_from_this();
  waits_->remove(self);
  shard_->listeners().remove(self);
  const Position now = shard_->position();
  shard_.reset();
  const auto done = std::move(done_);
  if (!status) return done(std::move(status).error());
  done(now);
}

}  // namespace quire::engine
