#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/result.h"

namespace quire {

// Says that a caller has given up. Copies share one flag. Any thread may cancel or look.
class Cancellation {
 public:
  // One that nobody ever cancels; costs nothing.
  Cancellation() = default;
  static Cancellation make() {
    Cancellation cancellation;
    cancellation.flag_ = std::make_shared<std::atomic<bool>>(false);
    return cancellation;
  }
  void cancel() const {
    if (flag_) flag_->store(true, std::memory_order_release);
  }
  bool cancelled() const { return flag_ && flag_->load(std::memory_order_acquire); }

 private:
  std::shared_ptr<std::atomic<bool>> flag_;
};

// How long a call may take, and whether its caller still wants it. A value; copied freely.
struct CallLimits {
  std::optional<SteadyTime> deadline;
  Cancellation cancellation;

  // An error where the call should stop now. Long loops ask every few thousand steps.
  Status check(const Clock& clock) const {
    if (cancellation.cancelled()) return Error(ErrorCode::cancelled, "the caller gave the call up");
    if (deadline && clock.steady() >= *deadline) return Error(ErrorCode::deadline, "the deadline passed");
    return ok();
  }
};

}  // namespace quire
