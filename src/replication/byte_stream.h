#pragma once

#include <cstddef>
#include <string>

#include "replication/types.h"

namespace quire::replication {

// Bytes that come piece by piece. One call at a time, from any thread; destroying it gives up what has not
// come. Errors: those of where it comes from; corrupt where the bytes are not those that were promised.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  // At least one byte and at most `most`; empty at the end, which is reached only when length and digests
  // were found right.
  virtual void read(std::size_t most, Completion<std::string> done) = 0;
};

}  // namespace quire::replication
