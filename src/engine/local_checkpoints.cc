#include "engine/local_checkpoints.h"

#include <charconv>

#include "database/checkpoint_store.h"
#include "database/shard.h"
#include "engine/local_documents.h"

namespace quire::engine {

std::string checkpoint_revision(CheckpointRevision revision) { return "0-" + std::to_string(revision); }

Result<CheckpointRevision> parse_checkpoint_revision(std::string_view text) {
  CheckpointRevision revision = 0;
  const char* const end = text.data() + text.size();
  const bool begins = text.size() > 2 && text.starts_with("0-");
  const auto parsed = begins ? std::from_chars(text.data() + 2, end, revision) : std::from_chars_result{};
  const bool exact = begins && parsed.ec == std::errc() && parsed.ptr == end;
  if (exact && checkpoint_revision(revision) == text) return revision;
  return Error(ErrorCode::invalid, "the revision of a checkpoint is '0-' and a number").at("_rev");
}

Result<std::shared_ptr<database::Shard>> LocalCheckpoints::enter(const Caller& caller,
                                                                 const CallLimits& limits, Action action,
                                                                 const DatabaseAddress& address) {
  QUIRE_TRY_STATUS(limits.check(clock_));
  QUIRE_TRY_STATUS(authority_.decide(caller, action, {.database = address}));
  return databases_.use(address);
}

Result<Checkpoint> LocalCheckpoints::get(const Caller& caller, const CallLimits& limits,
                                         const DatabaseAddress& address, std::string_view id) {
  QUIRE_TRY(const auto shard, enter(caller, limits, Action::read, address));
  QUIRE_TRY(database::Checkpoint found, shard->checkpoints().get(id));
  return Checkpoint{.revision = found.revision, .body = std::move(found.body)};
}

Result<CheckpointRevision> LocalCheckpoints::put(const Caller& caller, const CallLimits& limits,
                                                 const DatabaseAddress& address, std::string_view id,
                                                 std::optional<CheckpointRevision> expected,
                                                 const Body& body) {
  const database::Fence fence = authority_.fence(address);  // before anything is decided
  QUIRE_TRY(const auto shard, enter(caller, limits, Action::write, address));
  if (!expected) QUIRE_TRY_STATUS(check_room(authority_, *shard, address));
  return shard->checkpoints().put(id, expected.value_or(0), body.text(), fence);
}

Status LocalCheckpoints::remove(const Caller& caller, const CallLimits& limits,
                                const DatabaseAddress& address, std::string_view id,
                                CheckpointRevision expected) {
  const database::Fence fence = authority_.fence(address);
  QUIRE_TRY(const auto shard, enter(caller, limits, Action::write, address));
  return shard->checkpoints().remove(id, expected, fence);
}

Result<ListEnd> LocalCheckpoints::list(const Caller& caller, const CallLimits& limits,
                                       const DatabaseAddress& address, const ListOptions& options,
                                       const CheckpointSink& sink) {
  QUIRE_TRY(const auto shard, enter(caller, limits, Action::read, address));
  ListEnd end;
  const auto visit = [&](std::string_view id, const database::CheckpointRecord& found) {
    if (end.rows == options.limit) {
      end.more = true;
      return false;
    }
    ++end.rows;
    end.more = !sink({.id = id, .revision = found.revision, .body = found.body});
    return !end.more;
  };
  const database::ListOptions range{
      .after = options.after, .before = options.before, .descending = options.descending};
  QUIRE_TRY_STATUS(shard->checkpoints().list(range, limits, visit));
  return end;
}

}  // namespace quire::engine
