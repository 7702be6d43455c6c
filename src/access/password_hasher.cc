#include "access/password_hasher.h"

#include <algorithm>
#include <condition_variable>

#include "access/tuning.h"
#include "base/check.h"

namespace quire::access {

namespace {

void give_way_once() {
  thread_local const bool done = [] {
    give_way();
    return true;
  }();
  (void)done;
}

}  // namespace

PasswordHasher::PasswordHasher(const PasswordCost& cost, const Bounds& bounds, Random& random)
    : cost_(cost),
      bounds_(bounds),
      random_(random),
      nobody_(argon2_of_nobody(cost)),
      threads_(make_thread_pool(std::max(1U, bounds.at_once))) {}

PasswordHasher::~PasswordHasher() = default;

Status PasswordHasher::enter() {
  const std::lock_guard lock(mutex_);
  if (inside_ >= bounds_.at_once + bounds_.waiting) {
    return Error(ErrorCode::exhausted, "too many passwords wait to be checked")
        .over(bounds_.waiting)
        .after(tuning::kRetryHashMs);
  }
  ++inside_;
  return ok();
}

void PasswordHasher::leave() {
  const std::lock_guard lock(mutex_);
  --inside_;
}

void PasswordHasher::run(const std::function<void()>& work) {
  std::mutex mutex;
  std::condition_variable finished;
  bool done = false;
  threads_->post([&] {
    give_way_once();
    work();
    const std::lock_guard lock(mutex);
    done = true;
    finished.notify_one();  // under the lock: the caller's frame goes once it has it
  });
  std::unique_lock lock(mutex);
  finished.wait(lock, [&] { return done; });
}

Result<std::string> PasswordHasher::hash(const Secret& password) {
  QUIRE_TRY_STATUS(enter());
  Result<std::string> hashed = Error();
  run([&] { hashed = argon2_hash(password.reveal(), cost_, random_); });
  leave();
  return hashed;
}

Result<bool> PasswordHasher::verify(std::string_view phc, const Secret& password) {
  QUIRE_TRY_STATUS(enter());
  Result<bool> right = Error();
  run([&] { right = argon2_verify(phc.empty() ? std::string_view(nobody_) : phc, password.reveal()); });
  leave();
  if (phc.empty() && right) return false;
  return right;
}

bool PasswordHasher::outdated(std::string_view phc) const {
  const auto cost = argon2_cost(phc);
  return !cost || cost->memory_kib < cost_.memory_kib || cost->passes < cost_.passes;
}

}  // namespace quire::access
