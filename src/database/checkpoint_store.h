#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/call.h"
#include "base/clock.h"
#include "database/committer.h"
#include "database/records.h"
#include "database/types.h"
#include "storage/store.h"

namespace quire::database {

struct ListOptions;

// A small JSON record beside the documents.
struct Checkpoint {
  std::uint64_t revision = 0;  // 1 when it is made, one more with each change
  std::string body;            // minified
};

// The checkpoints of a shard: JSON objects by id, of which replicators remember how far they came. They are
// no documents: they have no history, no conflicts and no attachments, no feed shows them, and no replication
// takes them along; backups do. A change is on disk before it is answered, and is made between two rounds of
// the committer. Thread-safe.
class CheckpointStore {
 public:
  CheckpointStore(storage::Store& store, Committer& committer, const Clock& clock)
      : store_(store), committer_(committer), clock_(clock) {}

  // Reads how many there are; before anything else. Errors: corrupt, io.
  Status load();

  // Errors: not_found, invalid or too_large (the id), corrupt, io.
  Result<Checkpoint> get(std::string_view id) const;
  // Puts it in the place of revision `expected`, 0 where there is none, and answers its new revision. Errors:
  // conflict, too_large (kCheckpointBytes), exhausted (kCheckpoints or kAllCheckpointBytes; what is there can
  // still be changed where that adds nothing, and removed), locked (the fence has moved), read_only.
  Result<std::uint64_t> put(std::string_view id, std::uint64_t expected, std::string_view body,
                            const Fence& fence = {});
  // Errors: not_found, conflict, locked, read_only.
  Status remove(std::string_view id, std::uint64_t expected, const Fence& fence = {});
  // In the order of ids, until `visit` answers false. The view is valid during its call.
  using Visitor = std::function<bool(std::string_view id, const CheckpointRecord&)>;
  Status list(const ListOptions& range, const CallLimits& limits, const Visitor& visit) const;

  CheckpointsRecord counts() const;

 private:
  Result<std::optional<Checkpoint>> find(std::string_view id) const;
  static Status check_room(const CheckpointsRecord& before, const CheckpointsRecord& after);
  void write_counts(CommitJob& job, const CheckpointsRecord& counts);

  storage::Store& store_;
  Committer& committer_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  CheckpointsRecord counts_;  // guarded by mutex_
};

}  // namespace quire::database
