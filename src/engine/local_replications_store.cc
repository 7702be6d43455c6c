#include <algorithm>

#include "database/shard.h"
#include "engine/local_replications.h"

// The records of replications, in a database of the server's own.

namespace quire::engine {

// Made with the first replication: a node that has none pays nothing for them.
Result<std::shared_ptr<database::Shard>> LocalReplications::records() {
  database::ShardSettings settings;
  settings.history_ms = 0;
  settings.history_bytes = 0;
  QUIRE_TRY(const auto info, parts_.databases.reserved(kRecords, settings));
  return parts_.databases.use(info.id);
}

Result<std::shared_ptr<database::Shard>> LocalReplications::records_if_any() {
  const auto there = parts_.databases.find(kRecords, {});
  if (!there && there.error().code() == ErrorCode::not_found) return std::shared_ptr<database::Shard>();
  return records();
}

LocalReplications::JobPointer LocalReplications::job_of(std::string_view id, ReplicationRecord record) {
  auto job = std::make_shared<Job>();
  job->id = id;
  // What was kept was looked at when it was made.
  if (auto text = shown_address(record.request.source)) job->source = std::move(*text);
  if (auto text = shown_address(record.request.target)) job->target = std::move(*text);
  job->last = record.last;
  job->changed_ms = std::max(record.created_ms, record.ended_ms);
  job->record = std::move(record);
  return job;
}

Status LocalReplications::read_records() {
  QUIRE_TRY(const auto shard, records_if_any());
  if (!shard) return ok();
  Status status = ok();
  QUIRE_TRY_STATUS(
      shard->list(collection_, {}, {}, [&](std::string_view id, const database::StoredDocument& of) {
        auto record = parse_replication(of.body);
        if (!record) {
          status = std::move(record).error();
          return false;
        }
        auto job = job_of(id, std::move(*record));
        jobs_.emplace(job->id, std::move(job));
        return true;
      }));
  return status;
}

Status LocalReplications::store(const Job& job) {
  QUIRE_TRY(const auto shard, records());
  database::Edit edit;
  edit.collection = collection_;
  edit.id = job.id;
  edit.precondition = database::Edit::Precondition::any;
  edit.body = print_replication(job.record);
  std::vector<database::Edit> edits;
  edits.push_back(std::move(edit));
  QUIRE_TRY(const auto written, shard->write(std::move(edits), {}));
  if (!written.rows.front()) return written.rows.front().error();
  return ok();
}

// What was shown of it last stays in the tombstone: a change that is read later names it.
Status LocalReplications::forget(const Job& job) {
  QUIRE_TRY(const auto shard, records());
  database::Edit edit;
  edit.collection = collection_;
  edit.id = job.id;
  edit.kind = database::Edit::Kind::remove;
  edit.body = print_removed(job.record);
  edit.precondition = database::Edit::Precondition::any;
  std::vector<database::Edit> edits;
  edits.push_back(std::move(edit));
  QUIRE_TRY(const auto written, shard->write(std::move(edits), {}));
  if (!written.rows.front()) return written.rows.front().error();
  return ok();
}

}  // namespace quire::engine
