#include "engine/local_replications.h"

#include <algorithm>

#include "base/bytes.h"
#include "database/shard.h"
#include "engine/tuning.h"
#include "replication/scope.h"
#include "replication/tuning.h"

namespace quire::engine {

using replication::PeerAddress;
using replication::Progress;
using replication::RunState;
using replication::Side;

namespace {

constexpr std::string_view kRecords = "_replications";

Status administers(const Caller& caller) {
  if (caller.administers()) return ok();
  if (caller.kind() == Caller::Kind::anonymous) {
    return Error(ErrorCode::unauthenticated, "replications are for administrators");
  }
  return Error(ErrorCode::forbidden, "replications are for administrators");
}

Error no_replication() { return {ErrorCode::not_found, "there is no such replication"}; }

// The text without what it is shown to the other side.
Result<std::string> shown(const std::string& text) {
  if (!PeerAddress::looks_like(text)) return text;
  QUIRE_TRY(const PeerAddress address, PeerAddress::parse(text));
  return address.key;
}

Progress at_start() { return {}; }

}  // namespace

Result<std::unique_ptr<LocalReplications>> LocalReplications::open(Parts parts) {
  std::unique_ptr<LocalReplications> replications(new LocalReplications(std::move(parts)));
  QUIRE_TRY_STATUS(replications->read_records());
  return replications;
}

// Whatever ends from now on is not looked at.
LocalReplications::~LocalReplications() {
  gate_.close();
  jobs_.clear();
}

Status LocalReplications::read_records() {
  database::ShardSettings settings;
  settings.history_ms = 0;
  settings.history_bytes = 0;
  QUIRE_TRY(const auto info, parts_.databases.reserved(kRecords, settings));
  database_ = info.id;
  QUIRE_TRY(const auto shard, parts_.databases.use(database_));
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
        if (auto text = shown(record->request.source)) job->source = std::move(*text);
        if (auto text = shown(record->request.target)) job->target = std::move(*text);
        job->record = std::move(*record);
        jobs_.emplace(job->id, std::move(job));
        return true;
      }));
  return status;
}

void LocalReplications::start() {
  std::vector<std::shared_ptr<Job>> jobs;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, job] : jobs_) jobs.push_back(job);
  }
  for (const auto& job : jobs) {
    if (!job->record.ended.empty()) {
      job->last.state = job->record.ended == "finished" ? RunState::finished : RunState::failed;
      continue;
    }
    if (auto status = run(job); !status) {
      const std::lock_guard lock(mutex_);
      job->last.state = RunState::failed;
      job->last.last_error = std::move(status).error();
    }
  }
}

Result<Side> LocalReplications::side(const std::string& text, const Secret& authorization) const {
  if (PeerAddress::looks_like(text)) {
    QUIRE_TRY(PeerAddress address, PeerAddress::parse(text));
    if (!authorization.empty()) address.authorization = Secret(authorization.reveal());
    return parts_.peers(std::move(address));
  }
  const std::size_t colon = text.find(':');
  const std::string owner = colon == std::string::npos ? std::string() : text.substr(0, colon);
  const std::string name = colon == std::string::npos ? text : text.substr(colon + 1);
  database::DatabaseInfo info;
  if (database::is_database_id(text)) {
    QUIRE_TRY(info, parts_.databases.find_id(text));
  } else {
    QUIRE_TRY(info, parts_.databases.find(name, owner));
  }
  return Side::of(
      std::make_shared<LocalReplica>(parts_.replica, Caller::admin(), info.id, info.name, info.owner));
}

Status LocalReplications::run(const std::shared_ptr<Job>& job) {
  const ReplicationRequest& request = job->record.request;
  replication::ReplicatorOptions options;
  options.continuous = request.continuous;
  QUIRE_TRY(options.scope, replication::Scope::make(request.ids, request.collection, request.selector));
  QUIRE_TRY(const Side source, side(request.source, request.source_authorization));
  QUIRE_TRY(const Side target, side(request.target, request.target_authorization));
  auto replicator = std::make_unique<replication::Replicator>(
      replication::ReplicatorParts{parts_.replica.clock, parts_.random, parts_.executor}, source.source,
      target.target, options);
  replication::Replicator* const running = replicator.get();
  unsigned start = 0;
  {
    const std::lock_guard lock(mutex_);
    job->replicator.swap(replicator);
    start = ++job->starts;
  }
  // Storing waits for the disk, which the replicator's own executor must not.
  const auto end = std::make_shared<std::optional<Result<Progress>>>();
  const Task ended_later = gate_.guard([this, id = job->id, start, end] {
    parts_.replica.workers.post(gate_.guard([this, id, start, end] { ended(id, start, std::move(**end)); }));
  });
  running->start([end, ended_later](Result<Progress> result) {
    end->emplace(std::move(result));
    ended_later();
  });
  return ok();
}

// What has ended is written down, so that a restart does not begin it again. A continuous one that failed is
// tried again after a while: a key may have been renewed, a database made.
void LocalReplications::ended(const std::string& id, unsigned start, Result<Progress> end) {
  std::unique_ptr<replication::Replicator> over;
  std::shared_ptr<Job> job;
  {
    const std::lock_guard lock(mutex_);
    const auto found = jobs_.find(id);
    if (found == jobs_.end() || found->second->starts != start) return;
    job = found->second;
    over = std::move(job->replicator);
    job->last = over ? over->progress() : at_start();
    if (!end && end.error().code() == ErrorCode::cancelled) return;
    if (!job->record.request.continuous) job->record.ended = end ? "finished" : "failed";
  }
  if (!job->record.request.continuous) {
    (void)store(*job);
    return;
  }
  parts_.executor.post_after(replication::kLongestBackoff, gate_.guard([this, job] {
    {
      const std::lock_guard lock(mutex_);
      if (!jobs_.contains(job->id)) return;
    }
    (void)run(job);
  }));
}

Status LocalReplications::store(const Job& job) {
  QUIRE_TRY(const auto shard, parts_.databases.use(database_));
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
  QUIRE_TRY(const auto shard, parts_.databases.use(database_));
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

ReplicationStatus LocalReplications::status_of(const Job& job) const {
  const ReplicationRequest& request = job.record.request;
  return {.id = job.id,
          .source = job.source,
          .target = job.target,
          .continuous = request.continuous,
          .ids = request.ids,
          .collection = request.collection,
          .selector = request.selector,
          .created_ms = job.record.created_ms,
          .progress = job.replicator ? job.replicator->progress() : job.last};
}

std::string LocalReplications::draw_id() const {
  char bytes[tuning::kReplicationIdBytes];
  parts_.random.fill(bytes, sizeof bytes);
  return to_hex({bytes, sizeof bytes});
}

void LocalReplications::create(const Caller& caller, const CallLimits&, ReplicationRequest request,
                               Completion<ReplicationStatus> done) {
  const auto make = [&]() -> Result<ReplicationStatus> {
    QUIRE_TRY_STATUS(administers(caller));
    auto job = std::make_shared<Job>();
    QUIRE_TRY(job->source, shown(request.source));
    QUIRE_TRY(job->target, shown(request.target));
    if (job->source == job->target)
      return Error(ErrorCode::invalid, "source and target are the same").at("target");
    // What is wrong with it is said before anything is stored.
    QUIRE_TRY_STATUS(replication::Scope::make(request.ids, request.collection, request.selector));
    QUIRE_TRY_STATUS(side(request.source, request.source_authorization));
    QUIRE_TRY_STATUS(side(request.target, request.target_authorization));
    job->id = draw_id();
    job->record = {.request = std::move(request), .created_ms = parts_.replica.clock.wall_ms()};
    {
      const std::lock_guard lock(mutex_);
      if (jobs_.size() >= tuning::kReplications) {
        return Error(ErrorCode::exhausted, "there are as many replications as a node runs")
            .over(tuning::kReplications);
      }
      jobs_.emplace(job->id, job);
    }
    auto stored = store(*job);
    if (stored) stored = run(job);
    const std::lock_guard lock(mutex_);
    if (stored) return status_of(*job);
    jobs_.erase(job->id);
    return std::move(stored).error();
  };
  done(make());
}

void LocalReplications::list(const Caller& caller, const CallLimits&,
                             Completion<std::vector<ReplicationStatus>> done) {
  if (auto status = administers(caller); !status) return done(std::move(status).error());
  std::vector<ReplicationStatus> out;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, job] : jobs_) out.push_back(status_of(*job));
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const auto& a, const auto& b) { return a.created_ms < b.created_ms; });
  done(std::move(out));
}

void LocalReplications::get(const Caller& caller, const CallLimits&, std::string_view id,
                            Completion<ReplicationStatus> done) {
  if (auto status = administers(caller); !status) return done(std::move(status).error());
  std::optional<ReplicationStatus> found;
  {
    const std::lock_guard lock(mutex_);
    if (const auto job = jobs_.find(id); job != jobs_.end()) found = status_of(*job->second);
  }
  if (!found) return done(no_replication());
  done(std::move(*found));
}

void LocalReplications::remove(const Caller& caller, const CallLimits&, std::string_view id,
                               Completion<void> done) {
  if (auto status = administers(caller); !status) return done(std::move(status));
  std::shared_ptr<Job> job;
  {
    const std::lock_guard lock(mutex_);
    const auto found = jobs_.find(id);
    if (found != jobs_.end()) {
      job = found->second;
      jobs_.erase(found);
    }
  }
  if (!job) return done(no_replication());
  auto status = forget(id);
  if (job->replicator) job->replicator->cancel();
  done(std::move(status));
}

}  // namespace quire::engine
