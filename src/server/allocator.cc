#include "server/allocator.h"

#ifdef QUIRE_JEMALLOC
// jemalloc reads this as it starts. Freed pages go back to the system within a second, by a thread of its
// own, so that one moment of large requests does not cost their memory for good: a page that is wanted again
// costs less than a microsecond. Two heaps, not four for each processor: every thread keeps small blocks of
// its own anyway, and what is free in one heap is of no use to another.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "background_thread:true,dirty_decay_ms:1000,narenas:2";
}
#endif

namespace quire::server {

void use_allocator() {}

}  // namespace quire::server
