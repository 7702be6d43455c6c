#include <algorithm>

#include "engine/local_replications.h"
#include "engine/tuning.h"
#include "replication/backoff.h"
#include "replication/scope.h"

// How replications begin, end, and are begun again.

namespace quire::engine {

using replication::PeerAddress;
using replication::Progress;
using replication::RunState;
using replication::Side;

void LocalReplications::start() {
  std::vector<JobPointer> jobs;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, job] : jobs_) {
      if (job->record.ended.empty()) jobs.push_back(job);
    }
  }
  for (const auto& job : jobs) begin(job);
}

Result<database::DatabaseInfo> LocalReplications::find_database(const std::string& text, bool create) const {
  if (database::is_database_id(text)) return parts_.databases.find_id(text);
  const std::size_t colon = text.find(':');
  const std::string owner = colon == std::string::npos ? std::string() : text.substr(0, colon);
  const std::string name = colon == std::string::npos ? text : text.substr(colon + 1);
  auto found = parts_.databases.find(name, owner);
  if (found || !create || found.error().code() != ErrorCode::not_found) return found;
  const auto made = wait<DatabaseDescription>([&](auto done) {
    parts_.replica.catalog.create_database(Caller::admin(), {}, {.name = name, .owner = owner}, {},
                                           std::move(done));
  });
  if (!made && made.error().code() != ErrorCode::exists) return made.error();
  return parts_.databases.find(name, owner);
}

Result<Side> LocalReplications::side(const std::string& text, const Secret& authorization,
                                     bool create) const {
  if (PeerAddress::looks_like(text)) {
    QUIRE_TRY(PeerAddress address, PeerAddress::parse(text));
    if (!authorization.empty()) address.authorization = Secret(authorization.reveal());
    address.create = create;
    return parts_.peers(std::move(address));
  }
  QUIRE_TRY(const auto info, find_database(text, create));
  return Side::of(
      std::make_shared<LocalReplica>(parts_.replica, Caller::admin(), info.id, info.name, info.owner));
}

bool LocalReplications::is_there(const JobPointer& job) const {
  const auto found = jobs_.find(job->id);
  return found != jobs_.end() && found->second == job;
}

void LocalReplications::begin(const JobPointer& job) {
  unsigned start = 0;
  {
    const std::lock_guard lock(mutex_);
    if (!is_there(job) || job->replicator) return;
    start = ++job->starts;
    job->retry_ms = 0;
    job->changed_ms = parts_.replica.clock.wall_ms();
  }
  if (auto status = start_run(job, start); !status) ended(job, start, std::move(status).error());
}

Status LocalReplications::start_run(const JobPointer& job, unsigned start) {
  const ReplicationRequest& request = job->record.request;
  replication::ReplicatorOptions options;
  options.continuous = request.continuous;
  QUIRE_TRY(options.scope, replication::Scope::make(request.ids, request.collection, request.selector));
  QUIRE_TRY(const Side source, side(request.source, request.source_authorization, false));
  QUIRE_TRY(const Side target, side(request.target, request.target_authorization, request.create_target));
  auto made = std::make_unique<replication::Replicator>(
      replication::ReplicatorParts{parts_.replica.clock, parts_.random, parts_.executor}, source.source,
      target.target, options);
  // Storing waits for the disk, which the replicator's own executor must not.
  const auto end = std::make_shared<std::optional<Result<Progress>>>();
  const Task ended_later = gate_.guard([this, job, start, end] {
    parts_.replica.workers.post(
        gate_.guard([this, job, start, end] { ended(job, start, std::move(**end)); }));
  });
  const std::lock_guard lock(mutex_);
  if (!is_there(job)) return ok();
  job->replicator = std::move(made);
  ++running_;
  job->replicator->start([this, end, ended_later](Result<Progress> result) {
    end->emplace(std::move(result));
    ended_later();
    const std::lock_guard ending(mutex_);
    --running_;
    all_ended_.notify_all();
  });
  return ok();
}

// What has ended is written down, so that a restart does not begin it again. One that tries again does so
// after a while, ever longer while nothing comes of it: a key may have been renewed, a database made.
void LocalReplications::ended(const JobPointer& job, unsigned start, Result<Progress> end) {
  std::unique_ptr<replication::Replicator> over;  // ends outside the mutex
  std::vector<Completion<ReplicationStatus>> waiting;
  std::optional<ReplicationStatus> status;
  {
    const std::lock_guard storing(storing_);
    {
      const std::lock_guard lock(mutex_);
      if (!is_there(job) || job->starts != start) return;
      over = std::move(job->replicator);
      job->last = over ? over->progress() : Progress{};
      if (!end && end.error().code() == ErrorCode::cancelled) return;
      job->changed_ms = parts_.replica.clock.wall_ms();
      job->last.state = end ? RunState::finished : RunState::failed;
      if (!end) job->last.last_error = end.error();
      if (job->tries_again() && (!end || job->record.request.continuous)) {
        job->failures = job->last.checkpoints != 0 ? 1 : job->failures + 1;
        const auto pause = replication::backoff(parts_.random, job->failures - 1, tuning::kFirstRestart,
                                                tuning::kLongestRestart);
        job->retry_ms = job->changed_ms + pause.count();
        return try_later(job, pause);
      }
      job->failures = 0;
      job->record.ended = end ? "finished" : "failed";
      job->record.ended_ms = job->changed_ms;
      job->record.last = job->last;
      status = status_of(*job);
      waiting.swap(job->waiting);
      if (job->record.request.passing) jobs_.erase(job->id);
    }
    // A record that cannot be written says that it is to run, which finds nothing more to do.
    if (!job->record.request.passing) (void)store(*job);
  }
  for (const auto& done : waiting) {
    if (end) done(*status);
    if (!end) done(end.error());
  }
}

void LocalReplications::try_later(const JobPointer& job, std::chrono::milliseconds pause) {
  parts_.executor.post_after(pause, gate_.guard([this, job] {
    parts_.replica.workers.post(gate_.guard([this, job] { begin(job); }));
  }));
}

void LocalReplications::stop(Job& job) {
  std::unique_ptr<replication::Replicator> running;
  std::vector<Completion<ReplicationStatus>> waiting;
  {
    const std::lock_guard lock(mutex_);
    running = std::move(job.replicator);
    waiting.swap(job.waiting);
  }
  if (running) running->cancel();
  for (const auto& done : waiting) done(Error(ErrorCode::cancelled, "the replication was taken away"));
}

}  // namespace quire::engine
