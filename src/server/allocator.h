#pragma once

namespace quire::server {

// Programs that serve use jemalloc: most of what a request costs beside its work is blocks, which it finds
// without a lock. Does nothing but bring its settings into the program (allocator.cc). Builds with a
// sanitizer have that one's allocator.
void use_allocator();

}  // namespace quire::server
