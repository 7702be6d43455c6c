#include "server/free_memory.h"

#include <malloc.h>

#include "server/tuning.h"

namespace quire::server {

void bound_kept_memory() {
  ::mallopt(M_MMAP_THRESHOLD, tuning::kLargeBlockBytes);
  ::mallopt(M_TRIM_THRESHOLD, tuning::kKeptHeapEndBytes);
}

void give_memory_back() {
  if (::mallinfo2().fordblks >= tuning::kFreeBytesKept) ::malloc_trim(0);
}

}  // namespace quire::server
