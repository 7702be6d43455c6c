#pragma once

#include "database/types.h"

namespace quire::database {

// Told that the history of a shard grew, and that all of it up to `sequence` is on disk. Called on the thread
// that committed: must be quick, must not call the shard back, and reads the history later, on a thread of
// its own.
class ChangeListener {
 public:
  virtual ~ChangeListener() = default;
  virtual void changed(Sequence sequence) = 0;
  // The shard is being closed or has failed: no more calls follow.
  virtual void closed() = 0;
};

}  // namespace quire::database
