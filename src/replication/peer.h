#pragma once

#include <string>
#include <string_view>

#include "base/call.h"
#include "replication/types.h"

namespace quire::replication {

// What a side tells of itself at the start, with the record that it keeps of this replication.
struct Opened {
  // Names the store for as long as it is the same: another text means that all that was known of it is void.
  std::string id;
  SourcePosition position;  // where its history stands, as far as it says
  StoredCheckpoint checkpoint;
};

// What Source and Target have in common. Methods may be called from every thread, several at a time;
// arguments that are views or references need to live until the call returns. A call answers within its
// deadline or soon after; whoever calls does not rely on it.
//
// Errors of every call: unauthenticated, forbidden, not_found (no such database), deadline, cancelled,
// unavailable, exhausted, io (all of these may pass), invalid (what came back was no answer), too_large (an
// answer over its bound).
class Peer {
 public:
  virtual ~Peer() = default;

  // What this side is called in the names of checkpoints: the same text whenever the same place is meant, and
  // no secret in it.
  virtual std::string key() const = 0;

  virtual void open(const CallLimits& limits, std::string_view checkpoint, Completion<Opened> done) = 0;

  // Durably; answers the record's new revision. Errors: conflict (somebody else has written it).
  virtual void write_checkpoint(const CallLimits& limits, std::string_view checkpoint,
                                const StoredCheckpoint& record, Completion<std::string> done) = 0;
};

}  // namespace quire::replication
