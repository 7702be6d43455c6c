#pragma once

#include <string>
#include <string_view>

#include "engine/replications.h"

namespace quire::engine {

// A replication as it is kept: its request with what its addresses are shown, and how it ended, if it has.
struct ReplicationRecord {
  ReplicationRequest request;
  WallMs created_ms = 0;
  std::string ended{};  // "finished" or "failed"; empty: it is to run
  WallMs ended_ms = 0;
  // Of one that has ended, as far as it is kept: the counts, `reached` and the error's text.
  replication::Progress last{};
};

// docs/formats/replication.md. Errors of parsing: corrupt.
std::string print_replication(const ReplicationRecord& record);
Result<ReplicationRecord> parse_replication(std::string_view json);
// What is kept of one that was taken away: the first word of its document, and how it had ended; parsed it is
// a record without all else.
std::string print_removed(const ReplicationRecord& record);
Result<ReplicationRecord> parse_removed(std::string_view json);

}  // namespace quire::engine
