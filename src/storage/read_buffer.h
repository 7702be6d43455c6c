#pragma once

#include <rocksdb/slice.h>

#include "storage/store.h"

namespace quire::storage {

// What stands behind a ReadBuffer: bytes of its own, or a block of the cache held in place.
struct ReadBuffer::Impl {
  rocksdb::PinnableSlice slice;
};

}  // namespace quire::storage
