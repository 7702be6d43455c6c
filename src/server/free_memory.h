#pragma once

namespace quire::server {

// What becomes of freed memory. The allocator learns from the largest block that was freed, and would keep as
// much of it for each of its heaps: one moment of large requests would cost their memory for good.

// Large blocks go back when they are freed, and heaps when so much of their end is free. Called before the
// process has any other thread.
void bound_kept_memory();

// Gives the system the free pages between blocks, where they are many. Blocks for some milliseconds; callable
// from every thread.
void give_memory_back();

}  // namespace quire::server
