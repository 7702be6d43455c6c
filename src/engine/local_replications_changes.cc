#include "engine/accounts_authority.h"
#include "engine/feed_reader.h"
#include "engine/local_replications.h"

// The changes of the replications are those of the database that keeps their records.

namespace quire::engine {

Result<ReplicationChange> LocalReplications::change_of(const FeedRow& row) const {
  QUIRE_TRY(ReplicationRecord record, row.deleted ? parse_removed(row.body) : parse_replication(row.body));
  return ReplicationChange{.sequence = row.sequence,
                           .removed = row.deleted,
                           .status = status_of(*job_of(row.id, std::move(record)))};
}

Result<ReplicationChanges> LocalReplications::read_changes(const CallLimits& limits, const Position& since,
                                                           std::uint32_t limit, bool descending) {
  QUIRE_TRY(const auto shard, records_if_any());
  ReplicationChanges changes;
  if (!shard && since.sequence != 0) {
    return Error(ErrorCode::history_lost, "no replication was ever kept here").at("since");
  }
  if (!shard) {
    changes.at_end = true;
    return changes;
  }
  QUIRE_TRY_STATUS(check_since(*shard, since));
  FeedOptions options;
  options.current_only = options.documents_only = options.bodies = true;
  options.limit = limit;
  options.descending = descending;
  FeedReader reader(*shard, Caller::admin(), {.name = kRecords}, owner_alone(), options);
  QUIRE_TRY(const FeedPage page, reader.read(since, limits, parts_.replica.clock));
  for (const FeedRow& row : page.rows) {
    // One whose text is gone has changed again since.
    if (!row.has_body) continue;
    QUIRE_TRY(ReplicationChange change, change_of(row));
    if (!change.status.document.empty()) changes.rows.push_back(std::move(change));
  }
  changes.next = page.next;
  changes.at_end = page.at_end;
  return changes;
}

Result<ReplicationStatus> LocalReplications::find_removed(std::string_view id) {
  const Error none(ErrorCode::not_found, "no replication of this name was taken away");
  QUIRE_TRY(const auto shard, records_if_any());
  if (!shard) return none;
  QUIRE_TRY(const auto head, shard->head(collection_, id));
  if (!head || !head->deleted) return none;
  QUIRE_TRY(ReplicationRecord record, parse_removed(head->body));
  if (record.request.document.empty()) return none;
  return status_of(*job_of(id, std::move(record)));
}

void LocalReplications::removed(const Caller& caller, const CallLimits&, std::string_view id,
                                Completion<ReplicationStatus> done) {
  if (auto status = administers(caller); !status) return done(std::move(status).error());
  done(find_removed(id));
}

void LocalReplications::changes(const Caller& caller, const CallLimits& limits, const Position& since,
                                std::uint32_t limit, bool descending, Completion<ReplicationChanges> done) {
  if (auto status = administers(caller); !status) return done(std::move(status).error());
  done(read_changes(limits, since, limit, descending));
}

void LocalReplications::wait_for_change(const Caller& caller, const CallLimits& limits, const Position& since,
                                        Completion<Position> done) {
  if (auto status = administers(caller); !status) return done(std::move(status).error());
  auto shard = records();
  if (!shard) return done(std::move(shard).error());
  if (auto status = check_since(**shard, since); !status) return done(std::move(status).error());
  const Clock& clock = parts_.replica.clock;
  const auto allowed = [&clock, caller]() -> Status {
    return check_proof(caller.identity(), clock.wall_ms());
  };
  FeedWait::start(waits_, *std::move(shard), since.sequence, limits, allowed, clock, parts_.executor,
                  std::move(done));
}

void LocalReplications::position(const Caller& caller, const CallLimits&, Completion<Position> done) {
  if (auto status = administers(caller); !status) return done(std::move(status).error());
  auto shard = records_if_any();
  if (!shard) return done(std::move(shard).error());
  done(*shard ? (*shard)->position() : Position{});
}

}  // namespace quire::engine
