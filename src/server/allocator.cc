#include "server/allocator.h"

#ifdef QUIRE_JEMALLOC
#include <jemalloc/jemalloc.h>
#endif

namespace quire::server {

void give_free_memory_back() {
#ifdef QUIRE_JEMALLOC
  // Without the thread, what an idle server has freed waits for its next request. Nothing else is lost by it.
  bool on = true;
  static_cast<void>(::mallctl("background_thread", nullptr, nullptr, &on, sizeof(on)));
#endif
}

}  // namespace quire::server
