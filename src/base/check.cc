#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace quire {

void check_failed(const char* message, const char* file, int line) {
  std::fprintf(stderr, "quire: invariant broken at %s:%d: %s\n", file, line, message);
  std::abort();
}

}  // namespace quire
