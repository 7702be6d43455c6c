#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/random.h"
#include "database/catalog.h"
#include "database/task_gate.h"
#include "engine/feed_wait.h"
#include "engine/local_replica.h"
#include "engine/replication_record.h"
#include "engine/replications.h"
#include "replication/replicator.h"
#include "replication/side.h"

namespace quire::engine {

// An address without what it is shown to the other side; a database's name as it is. Errors: invalid.
Result<std::string> shown_address(const std::string& text);

// The replications of this process. Their records stand in a database of the server's own. Thread-safe; what
// it is given outlives it. Its end lets go of all that run: they go on with the next start.
class LocalReplications final : public Replications {
 public:
  struct Parts {
    database::Catalog& databases;
    ReplicaParts replica;
    Random& random;
    Executor& executor;  // of the replicators' own steps, which never wait
    replication::SideMaker peers;
  };
  // Reads the records; start() runs what is to run. Errors: corrupt, io.
  static Result<std::unique_ptr<LocalReplications>> open(Parts parts);
  // Returns when no replicator begins a call any more. Not on the executor.
  ~LocalReplications() override;
  void start();

  void create(const Caller& caller, const CallLimits& limits, ReplicationRequest request,
              Completion<ReplicationStatus> done) override;
  void run(const Caller& caller, const CallLimits& limits, ReplicationRequest request,
           Completion<ReplicationStatus> done) override;
  void list(const Caller& caller, const CallLimits& limits,
            Completion<std::vector<ReplicationStatus>> done) override;
  void get(const Caller& caller, const CallLimits& limits, std::string_view id,
           Completion<ReplicationStatus> done) override;
  void remove(const Caller& caller, const CallLimits& limits, std::string_view id,
              Completion<void> done) override;
  void removed(const Caller& caller, const CallLimits& limits, std::string_view id,
               Completion<ReplicationStatus> done) override;
  void changes(const Caller& caller, const CallLimits& limits, const Position& since, std::uint32_t limit,
               bool descending, Completion<ReplicationChanges> done) override;
  void wait_for_change(const Caller& caller, const CallLimits& limits, const Position& since,
                       Completion<Position> done) override;
  void position(const Caller& caller, const CallLimits& limits, Completion<Position> done) override;

 private:
  struct Job {
    std::string id;
    ReplicationRecord record;
    std::string source;  // as they are shown
    std::string target;
    std::unique_ptr<replication::Replicator> replicator;  // null: it has ended, or could not begin
    replication::Progress last;                           // of one that does not run
    WallMs changed_ms = 0;
    WallMs retry_ms = 0;
    unsigned starts = 0;
    unsigned failures = 0;                               // starts in a row that came to nothing
    std::vector<Completion<ReplicationStatus>> waiting;  // for its end

    bool tries_again() const { return record.request.continuous || !record.request.document.empty(); }
  };
  using JobPointer = std::shared_ptr<Job>;

  explicit LocalReplications(Parts parts) : parts_(std::move(parts)) {}

  // --- calls: local_replications.cc
  static Status administers(const Caller& caller);
  Result<ReplicationStatus> make(const Caller& caller, ReplicationRequest request,
                                 const Completion<ReplicationStatus>& waiting);
  // What is wrong with a request is said before anything is stored.
  Status check(const Job& job) const;
  // Puts it among the others, or in the place of the one that it replaces. False: it only joins another.
  Result<bool> enter(const JobPointer& job, JobPointer& replaced);
  ReplicationStatus status_of(const Job& job) const;  // under mutex_
  std::string draw_id() const;

  // --- what is kept: local_replications_store.cc
  static constexpr std::string_view kRecords = "_replications";
  Result<std::shared_ptr<database::Shard>> records();
  // Null where nothing was ever kept.
  Result<std::shared_ptr<database::Shard>> records_if_any();
  Status read_records();
  Status store(const Job& job);
  Status forget(const Job& job);
  static JobPointer job_of(std::string_view id, ReplicationRecord record);

  // --- its changes: local_replications_changes.cc
  Result<ReplicationChanges> read_changes(const CallLimits& limits, const Position& since,
                                          std::uint32_t limit, bool descending);
  Result<ReplicationChange> change_of(const FeedRow& row) const;
  Result<ReplicationStatus> find_removed(std::string_view id);

  // --- running: local_replications_run.cc
  Result<database::DatabaseInfo> find_database(const std::string& text, bool create) const;
  Result<replication::Side> side(const std::string& text, const Secret& authorization, bool create) const;
  // Begins it; what fails at once is an end like others. Not under a mutex.
  void begin(const JobPointer& job);
  Status start_run(const JobPointer& job, unsigned start);
  void ended(const JobPointer& job, unsigned start, Result<replication::Progress> end);
  void try_later(const JobPointer& job, std::chrono::milliseconds pause);
  // Of one that is no more among the others.
  void stop(Job& job);
  bool is_there(const JobPointer& job) const;  // under mutex_

  const Parts parts_;
  const std::shared_ptr<FeedWaits> waits_ = std::make_shared<FeedWaits>();
  database::CollectionId collection_ = database::kDefaultCollection;
  std::mutex storing_;  // held while records are changed together with jobs_; taken before mutex_
  mutable std::mutex mutex_;
  std::map<std::string, JobPointer, std::less<>> jobs_;  // guarded by mutex_, as what they point to
  int running_ = 0;                                      // guarded by mutex_: replicators without an end
  std::condition_variable all_ended_;
  database::TaskGate gate_;  // last, so that it closes first
};

}  // namespace quire::engine
