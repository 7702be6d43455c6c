#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "replication/checkpoint.h"
#include "replication/types.h"

namespace quire::replication {

enum class RunState : std::uint8_t {
  opening,   // asks both sides where they stand
  running,   // moves revisions
  idle,      // has moved all there were, and waits for more
  retrying,  // a side failed; waits before it asks again
  finished,  // of a one-shot: all was moved
  failed,    // ended by an error
  cancelled,
};
std::string_view name(RunState state);

// Where a run stands. Counts are since its start.
struct Progress {
  RunState state = RunState::opening;
  std::string session;     // what its entries in records are called
  WallMs began_ms = 0;     // for people, as the next
  WallMs recorded_ms = 0;  // when the last checkpoint was written
  std::uint64_t changes_read = 0;
  std::uint64_t missing_checked = 0;  // revisions
  std::uint64_t missing_found = 0;
  std::uint64_t documents_read = 0;  // revisions that were fetched
  std::uint64_t documents_written = 0;
  std::uint64_t failures = 0;
  std::uint64_t bytes_read = 0;  // of texts
  std::uint64_t attachment_bytes = 0;
  std::uint64_t checkpoints = 0;
  std::uint64_t retries = 0;
  std::uint64_t resets = 0;  // begun again from the first change, since the source's history was lost
  SourcePosition began;      // where this run found the two to agree
  SourcePosition reached;    // all before is durable at the target
  SourcePosition recorded;   // and a checkpoint says so
  std::optional<std::uint64_t> pending;  // changes that are known to follow
  // For how long there has been something at the source that is not at the target, as far as is known.
  std::chrono::milliseconds lag{0};
  std::optional<Error> last_error;  // of a side; none since the last batch
  std::chrono::milliseconds retry_in{0};
  std::vector<RevisionFailure> failed;  // the first kKeptFailures
  // What the target's record says of sessions before this one; null: nothing yet.
  std::shared_ptr<const std::vector<CheckpointEntry>> before;
};

}  // namespace quire::replication
