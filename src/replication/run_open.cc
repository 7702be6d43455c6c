#include "replication/run_call.h"

// The start: where do both sides say that they agree?

namespace quire::replication {

void ReplicationRun::open() {
  set_state(RunState::opening);
  call<Opened>(
      kCallTime, [this](Result<Opened> answer) { opened_target(std::move(answer)); },
      [this](const CallLimits& limits, Completion<Opened> done) {
        target_->open(limits, name_, std::move(done));
      });
}

void ReplicationRun::opened_target(Result<Opened> answer) {
  if (!answer) return fail(std::move(answer).error());
  target_record_ = Checkpoint::parse(answer->checkpoint.json);
  target_record_revision_ = std::move(answer->checkpoint.revision);
  if (!both_keep_records_) {
    const auto& entries = target_record_.entries();
    return begin_from(entries.empty() ? std::nullopt : std::optional(entries.front().recorded));
  }
  call<Opened>(
      kCallTime, [this](Result<Opened> source) { opened_source(std::move(source)); },
      [this](const CallLimits& limits, Completion<Opened> done) {
        source_->open(limits, name_, std::move(done));
      });
}

void ReplicationRun::opened_source(Result<Opened> answer) {
  if (!answer) return fail(std::move(answer).error());
  source_record_ = Checkpoint::parse(answer->checkpoint.json);
  source_record_revision_ = std::move(answer->checkpoint.revision);
  source_id_ = std::move(answer->id);
  if (target_record_.source_id() != source_id_) return begin_from(std::nullopt);
  const auto& entries = target_record_.entries();
  if (target_record_.alone() && !entries.empty()) return begin_from(entries.front().recorded);
  begin_from(common_place(source_record_, target_record_));
}

void ReplicationRun::begin_from(const std::optional<SourcePosition>& place) {
  read_to_ = written_to_ = recorded_to_ = place.value_or("");
  unrecorded_rows_ = unrecorded_bytes_ = 0;
  source_at_end_ = false;
  ready_ = true;
  auto before = std::make_shared<std::vector<CheckpointEntry>>();
  for (const CheckpointEntry& entry : target_record_.entries()) {
    if (entry.session != session_) before->push_back(entry);
  }
  {
    const std::lock_guard lock(mutex_);
    progress_.before = std::move(before);
    progress_.began = read_to_;
  }
  set_state(RunState::running);
  pump();
}

}  // namespace quire::replication
