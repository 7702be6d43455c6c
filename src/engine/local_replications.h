#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/random.h"
#include "database/catalog.h"
#include "database/task_gate.h"
#include "engine/local_replica.h"
#include "engine/replication_record.h"
#include "engine/replications.h"
#include "replication/replicator.h"
#include "replication/side.h"

namespace quire::engine {

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
  ~LocalReplications() override;
  void start();

  void create(const Caller& caller, const CallLimits& limits, ReplicationRequest request,
              Completion<ReplicationStatus> done) override;
  void list(const Caller& caller, const CallLimits& limits,
            Completion<std::vector<ReplicationStatus>> done) override;
  void get(const Caller& caller, const CallLimits& limits, std::string_view id,
           Completion<ReplicationStatus> done) override;
  void remove(const Caller& caller, const CallLimits& limits, std::string_view id,
              Completion<void> done) override;

 private:
  struct Job {
    std::string id;
    ReplicationRecord record;
    std::string source;  // as they are shown
    std::string target;
    std::unique_ptr<replication::Replicator> replicator;  // null: it has ended, or could not begin
    replication::Progress last;                           // of one that has ended
    unsigned starts = 0;
  };

  explicit LocalReplications(Parts parts) : parts_(std::move(parts)) {}
  Status read_records();
  Result<replication::Side> side(const std::string& text, const Secret& authorization) const;
  Status run(const std::shared_ptr<Job>& job);
  void ended(const std::string& id, unsigned start, Result<replication::Progress> end);
  Status store(const Job& job);
  Status forget(std::string_view id);
  ReplicationStatus status_of(const Job& job) const;
  std::string draw_id() const;

  const Parts parts_;
  std::string database_;  // the id of the records' database
  database::CollectionId collection_ = database::kDefaultCollection;
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Job>, std::less<>> jobs_;  // guarded by mutex_
  database::TaskGate gate_;                                        // last, so that it closes first
};

}  // namespace quire::engine
