#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "replication/scope.h"
#include "replication/types.h"

namespace quire::replication {

// What a replication had done when it reached a place.
struct CheckpointEntry {
  std::string session;      // one life of a replicator
  SourcePosition recorded;  // all before this is durable at the target
  WallMs time_ms = 0;       // for people
  std::uint64_t documents_read = 0;
  std::uint64_t documents_written = 0;
  std::uint64_t failures = 0;
  std::uint64_t missing_checked = 0;
  std::uint64_t missing_found = 0;
};

// The record of a replication, of which each side keeps a copy: places that were reached, newest first. It is
// what CouchDB and PouchDB keep, with several entries a session; docs/formats/replication.md. A value.
class Checkpoint {
 public:
  Checkpoint() = default;
  // A text that is no record, or one over its bounds, is an empty one: it costs a look at all changes, not
  // the replication.
  static Checkpoint parse(std::string_view json);
  std::string print() const;

  // The store at the other end, as it told its id; empty: unknown.
  const std::string& source_id() const { return source_id_; }
  const std::vector<CheckpointEntry>& entries() const { return entries_; }

  // The source takes no records, so that this one counts alone.
  bool alone() const { return alone_; }
  void set_alone() { alone_ = true; }

  // All but the newest, where nobody compares.
  void forget_older() {
    if (entries_.size() > 1) entries_.resize(1);
  }

  // A new place. Old entries thin out: kCheckpointEntries stay at most, dense where they are new.
  void add(CheckpointEntry entry, std::string source_id);

 private:
  std::string source_id_;
  bool alone_ = false;
  std::vector<CheckpointEntry> entries_;
};

// The newest place that both records name in the same words; none: from the beginning.
std::optional<SourcePosition> common_place(const Checkpoint& source, const Checkpoint& target);

// The name of the record of a replication: 32 hexadecimal digits of the two sides' keys and the scope.
std::string checkpoint_name(std::string_view source_key, std::string_view target_key, const Scope& scope);

}  // namespace quire::replication
