#include "replication/types.h"

#include "replication/progress.h"

namespace quire::replication {

std::uint64_t TravellingRevision::bytes() const {
  // A revision in a path takes a node's worth of memory, whatever its hash.
  constexpr std::uint64_t kOfRevision = sizeof(document::Revision);
  std::uint64_t bytes = sizeof *this + name.collection.size() + name.id.size() + body.size();
  bytes += path.size() * kOfRevision;
  for (const auto& attachment : attachments) {
    bytes += sizeof attachment + attachment.name.size() + attachment.content_type.size();
  }
  return bytes;
}

std::string_view name(RunState state) {
  switch (state) {
    case RunState::opening: return "opening";
    case RunState::running: return "running";
    case RunState::idle: return "idle";
    case RunState::retrying: return "retrying";
    case RunState::finished: return "finished";
    case RunState::failed: return "failed";
    case RunState::cancelled: return "cancelled";
  }
  return "";
}

}  // namespace quire::replication
