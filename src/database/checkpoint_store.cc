#include "database/checkpoint_store.h"

#include <algorithm>

#include "database/keys.h"
#include "database/shard.h"
#include "database/tuning.h"
#include "document/id.h"

namespace quire::database {

using storage::Family;

namespace {

Error no_checkpoint(std::string_view id) {
  return Error(ErrorCode::not_found, "there is no checkpoint '" + std::string(id) + "'").at("missing");
}

Error moved(std::string_view id) {
  return Error(ErrorCode::conflict, "the checkpoint '" + std::string(id) + "' has another revision now");
}

}  // namespace

Status CheckpointStore::load() {
  storage::ReadBuffer buffer;
  QUIRE_TRY(const bool found, store_.get(Family::meta, keys::kCheckpointCounts, buffer));
  if (!found) return ok();
  const std::lock_guard lock(mutex_);
  QUIRE_TRY(counts_, decode_checkpoints(buffer.view()));
  return ok();
}

CheckpointsRecord CheckpointStore::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

Result<std::optional<Checkpoint>> CheckpointStore::find(std::string_view id) const {
  storage::ReadBuffer buffer;
  QUIRE_TRY(const bool found, store_.get(Family::documents, keys::checkpoint(id), buffer));
  if (!found) return std::optional<Checkpoint>{};
  QUIRE_TRY(const CheckpointRecord record, decode_checkpoint(buffer.view()));
  return std::optional(Checkpoint{.revision = record.revision, .body = std::string(record.body)});
}

Result<Checkpoint> CheckpointStore::get(std::string_view id) const {
  QUIRE_TRY_STATUS(document::check_id(id));
  QUIRE_TRY(std::optional<Checkpoint> found, find(id));
  if (!found) return no_checkpoint(id);
  return *std::move(found);
}

Status CheckpointStore::check_room(const CheckpointsRecord& before, const CheckpointsRecord& after) {
  if (after.count > before.count && after.count > tuning::kCheckpoints) {
    return Error(ErrorCode::exhausted, "the database holds as many checkpoints as it may")
        .over(tuning::kCheckpoints);
  }
  if (after.bytes > before.bytes && after.bytes > tuning::kAllCheckpointBytes) {
    return Error(ErrorCode::exhausted, "the database's checkpoints have as many bytes as they may")
        .over(tuning::kAllCheckpointBytes);
  }
  return ok();
}

void CheckpointStore::write_counts(CommitJob& job, const CheckpointsRecord& counts) {
  std::string value;
  encode(counts, value);
  job.batch.put(Family::meta, keys::kCheckpointCounts, value);
  job.after([this, counts] {
    const std::lock_guard lock(mutex_);
    counts_ = counts;
  });
}

Result<std::uint64_t> CheckpointStore::put(std::string_view id, std::uint64_t expected, std::string_view body,
                                           const Fence& fence) {
  QUIRE_TRY_STATUS(document::check_id(id));
  if (body.size() > tuning::kCheckpointBytes) {
    return Error(ErrorCode::too_large, "a checkpoint has more than 1 MiB").over(tuning::kCheckpointBytes);
  }
  std::uint64_t revision = 0;
  QUIRE_TRY_STATUS(committer_.run_job([&](CommitJob& job) -> Status {
    if (!fence.holds()) return fence_moved();
    QUIRE_TRY(const std::optional<Checkpoint> before, find(id));
    if ((before ? before->revision : 0) != expected) return moved(id);
    const CheckpointsRecord held = counts();
    const std::uint64_t freed = before ? before->body.size() : 0;
    const CheckpointsRecord after{.count = held.count + (before ? 0 : 1),
                                  .bytes = held.bytes - std::min(held.bytes, freed) + body.size()};
    QUIRE_TRY_STATUS(check_room(held, after));
    revision = expected + 1;
    std::string value;
    encode(CheckpointRecord{.revision = revision, .body = body}, value);
    job.batch.put(Family::documents, keys::checkpoint(id), value);
    job.state.garbage_bytes += freed;
    write_counts(job, after);
    return ok();
  }));
  return revision;
}

Status CheckpointStore::remove(std::string_view id, std::uint64_t expected, const Fence& fence) {
  QUIRE_TRY_STATUS(document::check_id(id));
  return committer_.run_job([&](CommitJob& job) -> Status {
    if (!fence.holds()) return fence_moved();
    QUIRE_TRY(const std::optional<Checkpoint> before, find(id));
    if (!before) return no_checkpoint(id);
    if (before->revision != expected) return moved(id);
    const CheckpointsRecord held = counts();
    job.batch.erase(Family::documents, keys::checkpoint(id));
    job.state.garbage_bytes += before->body.size() + tuning::kHeadBytes;
    write_counts(job, {.count = held.count - std::min<std::uint64_t>(held.count, 1),
                       .bytes = held.bytes - std::min<std::uint64_t>(held.bytes, before->body.size())});
    return ok();
  });
}

Status CheckpointStore::list(const ListOptions& range, const CallLimits& limits, const Visitor& visit) const {
  const std::string first = keys::checkpoint(range.after);
  const std::string end =
      range.before.empty() ? keys::after_prefix(keys::kCheckpoints) : keys::checkpoint(range.before);
  const auto snapshot = store_.snapshot();
  auto it = store_.iterate(Family::documents,
                           {.snapshot = snapshot.get(), .upper_bound = end, .fill_cache = false});
  if (range.descending) {
    it->seek_for_prev(end);
  } else {
    it->seek(first);
  }
  for (std::uint32_t seen = 1; it->valid(); ++seen) {
    if (seen % tuning::kLimitsEvery == 0) QUIRE_TRY_STATUS(limits.check(clock_));
    const std::string_view key = it->key();
    if (range.descending && key <= first) break;
    // The bounds themselves are not of the range; a bound that is no key was not met.
    if (key != first && key < end) {
      QUIRE_TRY(const CheckpointRecord record, decode_checkpoint(it->value()));
      if (!visit(key.substr(1), record)) return ok();
    }
    range.descending ? it->prev() : it->next();
  }
  return it->status();
}

}  // namespace quire::database
