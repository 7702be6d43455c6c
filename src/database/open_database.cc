#include "database/open_database.h"

namespace quire::database {

Result<std::shared_ptr<Shard>> OpenDatabase::use() {
  std::unique_lock lock(mutex_);
  QUIRE_TRY_STATUS(open_up(lock));
  if (failed_locked()) {
    return Error(ErrorCode::unavailable, "the database " + parts_.name +
                                             " failed and is opened again when nobody uses it: " +
                                             shard_->store().health().error().message());
  }
  return pin_locked();
}

Result<Shard*> OpenDatabase::hold() {
  std::unique_lock lock(mutex_);
  QUIRE_TRY_STATUS(open_up(lock));
  ++holds_;
  return shard_.get();
}

void OpenDatabase::release() {
  const std::lock_guard lock(mutex_);
  --holds_;
  changed_.notify_all();
}

Status OpenDatabase::open_up(std::unique_lock<std::mutex>& lock) {
  while (true) {
    changed_.wait(lock, [this] { return state_ != State::busy; });
    if (retiring_) return Error(ErrorCode::not_found, "the database was removed").at("database");
    if (state_ == State::closed) {
      QUIRE_TRY_STATUS(open_locked(lock));
    } else if (failed_locked() && pins_ + holds_ == 0) {
      close_locked(lock);
    } else {
      return ok();
    }
  }
}

std::shared_ptr<Shard> OpenDatabase::pin_locked() {
  if (!touched_) {
    touched_ = true;
    parts_.touched();
  }
  if (auto pin = pin_.lock()) return pin;
  ++pins_;
  std::shared_ptr<Shard> pin(shard_.get(), [self = shared_from_this()](Shard*) { self->let_go(); });
  pin_ = pin;
  return pin;
}

// Perhaps on the thread that commits: nothing is closed here. What a pin shares holds this database as long
// as pin_ remembers the pin.
void OpenDatabase::let_go() {
  const std::lock_guard lock(mutex_);
  if (--pins_ == 0) pin_.reset();
  last_used_ = parts_.clock.steady();
  changed_.notify_all();
}

Status OpenDatabase::open_locked(std::unique_lock<std::mutex>& lock) {
  state_ = State::busy;
  lock.unlock();
  auto opened = parts_.open();
  lock.lock();
  state_ = opened ? State::open : State::closed;
  last_used_ = parts_.clock.steady();
  changed_.notify_all();
  if (!opened) return opened.error();
  shard_ = std::move(*opened);
  return ok();
}

void OpenDatabase::close_locked(std::unique_lock<std::mutex>& lock) {
  state_ = State::busy;
  lock.unlock();
  shard_.reset();
  lock.lock();
  state_ = State::closed;
  changed_.notify_all();
}

// What is closed while the disk is full can perhaps not be opened.
bool OpenDatabase::failed_locked() const {
  const Status health = shard_->store().health();
  if (health) return false;
  return health.error().code() != ErrorCode::exhausted || parts_.has_room(*shard_);
}

void OpenDatabase::with_open(const std::function<void(Shard&)>& step) {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return state_ != State::busy; });
    if (state_ != State::open) return;
    ++holds_;
  }
  step(*shard_);
  const std::lock_guard lock(mutex_);
  --holds_;
  changed_.notify_all();
}

void OpenDatabase::begin_care() {
  const std::lock_guard lock(mutex_);
  if (pins_ == 0) touched_ = false;
}

void OpenDatabase::end_care(bool done, const std::function<void()>& untouched) {
  const std::lock_guard lock(mutex_);
  if (!done) touched_ = true;
  if (!touched_) untouched();
}

bool OpenDatabase::close_if_idle(SteadyTime unused_since) {
  std::unique_lock lock(mutex_);
  if (state_ != State::open || pins_ + holds_ != 0) return false;
  if (!failed_locked() && (!shard_->store().health() || last_used_ > unused_since || shard_->busy()))
    return false;
  close_locked(lock);
  return true;
}

void OpenDatabase::retire() {
  std::unique_lock lock(mutex_);
  retiring_ = true;
  changed_.wait(lock, [this] { return state_ != State::busy && pins_ + holds_ == 0; });
  if (state_ == State::open) close_locked(lock);
}

bool OpenDatabase::is_open() const {
  const std::lock_guard lock(mutex_);
  return state_ == State::open;
}

bool OpenDatabase::is_closed() const {
  const std::lock_guard lock(mutex_);
  return state_ == State::closed;
}

bool OpenDatabase::touched() const {
  const std::lock_guard lock(mutex_);
  return touched_;
}

bool OpenDatabase::failed() const {
  const std::lock_guard lock(mutex_);
  return state_ == State::open && failed_locked();
}

std::optional<SteadyTime> OpenDatabase::unused_since() const {
  const std::lock_guard lock(mutex_);
  if (state_ != State::open || pins_ + holds_ != 0) return std::nullopt;
  return last_used_;
}

}  // namespace quire::database
