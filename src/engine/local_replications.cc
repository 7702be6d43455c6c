#include "engine/local_replications.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "engine/tuning.h"
#include "replication/scope.h"

namespace quire::engine {

using replication::PeerAddress;

Status LocalReplications::administers(const Caller& caller) {
  if (caller.administers()) return ok();
  if (caller.kind() == Caller::Kind::anonymous) {
    return Error(ErrorCode::unauthenticated, "replications are for administrators");
  }
  return Error(ErrorCode::forbidden, "replications are for administrators");
}

namespace {

Error no_replication() { return {ErrorCode::not_found, "there is no such replication"}; }

// Whether an address brings nothing that the other side is shown.
bool bare(const std::string& text, const Secret& authorization) {
  if (!PeerAddress::looks_like(text) || !authorization.empty()) return false;
  const auto address = PeerAddress::parse(text);
  return address && address->authorization.empty();
}

void inherit(const std::string& shown_before, std::string& before, const Secret& authorization_before,
             const std::string& shown_now, std::string& now, Secret& authorization) {
  if (shown_before != shown_now || !bare(now, authorization)) return;
  now = before;
  authorization = Secret(authorization_before.reveal());
}

}  // namespace

Result<std::string> shown_address(const std::string& text) {
  if (!PeerAddress::looks_like(text)) return text;
  QUIRE_TRY(const PeerAddress address, PeerAddress::parse(text));
  return address.key;
}

Result<std::unique_ptr<LocalReplications>> LocalReplications::open(Parts parts) {
  std::unique_ptr<LocalReplications> replications(new LocalReplications(std::move(parts)));
  QUIRE_TRY_STATUS(replications->read_records());
  return replications;
}

// Whatever ends from now on is not looked at.
LocalReplications::~LocalReplications() {
  gate_.close();
  waits_->close();
  std::map<std::string, JobPointer, std::less<>> jobs;
  {
    const std::lock_guard lock(mutex_);
    jobs.swap(jobs_);
  }
  for (const auto& [id, job] : jobs) {
    job->replicator.reset();
    for (const auto& done : job->waiting) done(Error(ErrorCode::unavailable, "the server ends"));
  }
  std::unique_lock lock(mutex_);
  all_ended_.wait(lock, [this] { return running_ == 0; });
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
          .document = request.document,
          .passing = request.passing,
          .created_ms = job.record.created_ms,
          .changed_ms = job.changed_ms,
          .failures = job.failures,
          .retry_ms = job.retry_ms,
          .progress = job.replicator ? job.replicator->progress() : job.last};
}

std::string LocalReplications::draw_id() const {
  char bytes[tuning::kReplicationIdBytes];
  parts_.random.fill(bytes, sizeof bytes);
  return to_hex({bytes, sizeof bytes});
}

Status LocalReplications::check(const Job& job) const {
  const ReplicationRequest& request = job.record.request;
  if (job.source == job.target) {
    return Error(ErrorCode::invalid, "source and target are the same").at("target");
  }
  QUIRE_TRY_STATUS(replication::Scope::make(request.ids, request.collection, request.selector));
  const auto passes = [&](const Error& error, bool made) {
    return error.code() == ErrorCode::not_found && (made || !request.document.empty());
  };
  const auto source = side(request.source, request.source_authorization, false);
  if (!source && !passes(source.error(), false)) return source.error();
  // An address where something is to be made is asked about that; a database is made when it begins.
  const bool address = PeerAddress::looks_like(request.target);
  const auto target = side(request.target, request.target_authorization, address && request.create_target);
  if (!target && !passes(target.error(), request.create_target)) return target.error();
  return ok();
}

Result<bool> LocalReplications::enter(const JobPointer& job, JobPointer& replaced) {
  const std::lock_guard lock(mutex_);
  ReplicationRequest& request = job->record.request;
  const auto found = jobs_.find(job->id);
  if (found == jobs_.end()) {
    if (request.replaces) return Error(ErrorCode::conflict, "there is nothing to replace");
    if (jobs_.size() >= tuning::kReplications) {
      return Error(ErrorCode::exhausted, "there are as many replications as a node runs")
          .over(tuning::kReplications);
    }
    jobs_.emplace(job->id, job);
    return true;
  }
  Job& there = *found->second;
  if (request.passing && there.record.request.passing) {
    for (auto& done : job->waiting) there.waiting.push_back(std::move(done));
    return false;
  }
  if (!request.replaces) return Error(ErrorCode::exists, "there is a replication of this name").at("name");
  ReplicationRequest& before = there.record.request;
  if (before.document != *request.replaces) {
    return Error(ErrorCode::conflict, "the replication was changed meanwhile");
  }
  inherit(there.source, before.source, before.source_authorization, job->source, request.source,
          request.source_authorization);
  inherit(there.target, before.target, before.target_authorization, job->target, request.target,
          request.target_authorization);
  replaced = std::exchange(found->second, job);
  return true;
}

Result<ReplicationStatus> LocalReplications::make(const Caller& caller, ReplicationRequest request,
                                                  const Completion<ReplicationStatus>& waiting) {
  QUIRE_TRY_STATUS(administers(caller));
  const auto job = std::make_shared<Job>();
  QUIRE_TRY(job->source, shown_address(request.source));
  QUIRE_TRY(job->target, shown_address(request.target));
  job->id = request.name.empty() ? draw_id() : request.name;
  job->record.request = std::move(request);
  job->record.created_ms = job->changed_ms = parts_.replica.clock.wall_ms();
  if (waiting) job->waiting.push_back(waiting);
  QUIRE_TRY_STATUS(check(*job));
  JobPointer replaced;
  std::optional<ReplicationStatus> status;
  {
    const std::lock_guard storing(storing_);
    QUIRE_TRY(const bool entered, enter(job, replaced));
    const auto stored = entered && !job->record.request.passing ? store(*job) : ok();
    const std::lock_guard lock(mutex_);
    if (!stored && replaced) jobs_[job->id] = replaced;
    if (!stored && !replaced) jobs_.erase(job->id);
    if (!stored) return stored.error();
    status = status_of(*jobs_.find(job->id)->second);
  }
  if (replaced) stop(*replaced);
  begin(job);
  return *std::move(status);
}

void LocalReplications::create(const Caller& caller, const CallLimits&, ReplicationRequest request,
                               Completion<ReplicationStatus> done) {
  done(make(caller, std::move(request), nullptr));
}

void LocalReplications::run(const Caller& caller, const CallLimits&, ReplicationRequest request,
                            Completion<ReplicationStatus> done) {
  if (auto made = make(caller, std::move(request), done); !made) done(std::move(made).error());
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
  auto status = administers(caller);
  if (!status) return done(std::move(status));
  JobPointer job;
  {
    const std::lock_guard storing(storing_);
    {
      const std::lock_guard lock(mutex_);
      const auto found = jobs_.find(id);
      if (found == jobs_.end()) return done(no_replication());
      job = found->second;
      jobs_.erase(found);
    }
    status = job->record.request.passing ? ok() : forget(*job);
  }
  stop(*job);
  done(std::move(status));
}

}  // namespace quire::engine
