#include <algorithm>

#include "database/shard.h"
#include "engine/local_replications.h"

// The records of replications, in a database of the server's own.

namespace quire::engine {

namespace {
constexpr std::string_view kRecords = "_replications";
}  // namespace

// Made with the first replication: a node that has none pays nothing for them.
Result<std::shared_ptr<database::Shard>> LocalReplications::records() {
  database::ShardSettings settings;
  settings.history_ms = 0;
  settings.history_bytes = 0;
  QUIRE_TRY(const auto info, parts_.databases.reserved(kRecords, settings));
  return parts_.databases.use(info.id);
}

Status LocalReplications::read_records() {
  const auto there = parts_.databases.find(kRecords, {});
  if (!there && there.error().code() == ErrorCode::not_found) return ok();
  QUIRE_TRY(const auto shard, records());
  Status status = ok();
  QUIRE_TRY_STATUS(
      shard->list(collection_, {}, {}, [&](std::string_view id, const database::StoredDocument& of) {
        auto record = parse_replication(of.body);
        if (!record) {
          status = std::move(record).error();
          return false;
        }
        auto job = std::make_shared<Job>();
        job->id = id;
        // What was kept was looked at when it was made.
        if (auto text = shown_address(record->request.source)) job->source = std::move(*text);
        if (auto text = shown_address(record->request.target)) job->target = std::move(*text);
        job->record = std::move(*record);
        job->last = job->record.last;
        job->changed_ms = std::max(job->record.created_ms, job->record.ended_ms);
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

Status LocalReplications::forget(std::string_view id) {
  QUIRE_TRY(const auto shard, records());
  database::Edit edit;
  edit.collection = collection_;
  edit.id = id;
  edit.kind = database::Edit::Kind::remove;
  edit.precondition = database::Edit::Precondition::any;
  std::vector<database::Edit> edits;
  edits.push_back(std::move(edit));
  QUIRE_TRY(const auto written, shard->write(std::move(edits), {}));
  if (!written.rows.front()) return written.rows.front().error();
  return ok();
}

}  // namespace quire::engine
