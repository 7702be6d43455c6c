#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "base/result.h"

namespace quire {

// Bytes that come piece by piece, without a thread that waits for them. One call at a time, from any thread;
// `done` is called once, perhaps before read() returns, perhaps on another thread. Destroying the stream
// gives up what has not come, which nobody does while a call is under way. Errors: those of where it comes
// from; corrupt where the bytes are not those that were promised.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  // At least one byte and at most `most`; empty at the end, which is reached only where length and digests,
  // as far as they are known, were found right.
  virtual void read(std::size_t most, std::function<void(Result<std::string>)> done) = 0;
};

}  // namespace quire
