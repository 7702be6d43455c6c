#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/call.h"
#include "engine/address.h"
#include "engine/body.h"
#include "engine/caller.h"
#include "engine/completion.h"
#include "engine/documents.h"

namespace quire::engine {

// The number of a checkpoint's revision: 1 when it is made, one more with each change, 0 once it is removed.
using CheckpointRevision = std::uint64_t;
// "0-3"
std::string checkpoint_revision(CheckpointRevision revision);
// Errors: invalid.
Result<CheckpointRevision> parse_checkpoint_revision(std::string_view text);

struct Checkpoint {
  CheckpointRevision revision = 0;
  std::string body;  // the bytes that were put
};

// A checkpoint of a listing; the views are valid during the call that shows it.
struct CheckpointRow {
  std::string_view id;
  CheckpointRevision revision;
  std::string_view body;
};
// False ends the listing.
using CheckpointSink = std::function<bool(const CheckpointRow&)>;

// Small JSON objects of a database by id, beside its documents: what replicators remember. They have no
// history and no attachments; no feed shows them, and no replication takes them along. An id is what a
// document may have. Callable from every thread; arguments that are views or references need to live until
// the call returns. Reading needs the right to read, changing that to write.
//
// Errors of every call: unauthenticated, forbidden, not_found ("missing", or the database), deadline,
// cancelled, unavailable, corrupt, io; of changes also conflict (the revision is not the one that is there,
// or none was given and one is), too_large (1 MiB), exhausted (the database holds as many as it may), locked,
// read_only. A change is on disk when it is answered, and blocks the calling thread until then.
class Checkpoints {
 public:
  virtual ~Checkpoints() = default;

  virtual void get(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
                   std::string_view id, Completion<Checkpoint> done) = 0;
  // `expected` none: there is no such checkpoint. Answers the new revision.
  virtual void put(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
                   std::string_view id, std::optional<CheckpointRevision> expected, const Body& body,
                   Completion<CheckpointRevision> done) = 0;
  virtual void remove(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
                      std::string_view id, CheckpointRevision expected, Completion<void> done) = 0;
  // Rows in the order of ids and from one state, on a thread that may block; `include_deleted` means nothing.
  virtual void list(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
                    const ListOptions& options, const CheckpointSink& sink, Completion<ListEnd> done) = 0;
};

}  // namespace quire::engine
