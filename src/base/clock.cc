#include "base/clock.h"

namespace quire {

namespace {
class SystemClock final : public Clock {
 public:
  WallMs wall_ms() const override {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
  }
  SteadyTime steady() const override { return std::chrono::steady_clock::now(); }
};
}  // namespace

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

}  // namespace quire
