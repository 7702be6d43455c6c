#pragma once

#include <chrono>

#include "base/random.h"
#include "replication/tuning.h"

namespace quire::replication {

// How long until something is tried again that failed, and so often in a row before: twice as long each time
// up to `longest`, and half of it by chance, so that many who lost the same peer do not come back together.
std::chrono::milliseconds backoff(Random& random, unsigned before, std::chrono::milliseconds first,
                                  std::chrono::milliseconds longest);

// The same of a peer that is asked again, with kFirstBackoff and kLongestBackoff. One thread at a time.
class Backoff {
 public:
  explicit Backoff(Random& random) : random_(random) {}

  // `asked` is what the peer wants to be left alone for; it is heeded up to kLongestBackoff.
  std::chrono::milliseconds next(std::chrono::milliseconds asked = {});
  void reset() { failures_ = 0; }
  unsigned failures() const { return failures_; }

 private:
  Random& random_;
  unsigned failures_ = 0;
};

}  // namespace quire::replication
