#include "base/random.h"

#include "base/sodium.h"

namespace quire {

namespace {
class SystemRandom final : public Random {
 public:
  SystemRandom() { start_sodium(); }
  void fill(void* out, std::size_t bytes) override { randombytes_buf(out, bytes); }
};
}  // namespace

Random& system_random() {
  static SystemRandom random;
  return random;
}

}  // namespace quire
