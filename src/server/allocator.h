#pragma once

namespace quire::server {

// Programs that serve use jemalloc: most of what a request costs beside its work is blocks, which it finds
// without a lock. Has it give freed pages back to the system, all of them within ten seconds, by a thread of
// its own: one moment of large requests would cost their memory for good. Does nothing in builds with a
// sanitizer, which has an allocator of its own. Called once, before the process has much to do.
void give_free_memory_back();

}  // namespace quire::server
