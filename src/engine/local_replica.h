#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/executor.h"
#include "engine/caller.h"
#include "engine/catalog.h"
#include "engine/checkpoints.h"
#include "engine/documents.h"
#include "engine/feeds.h"
#include "engine/revisions.h"
#include "replication/source.h"
#include "replication/target.h"

namespace quire::engine {

// What a replica works with; all of it outlives it and its answers.
struct ReplicaParts {
  Documents& documents;
  Feeds& feeds;
  Catalog& catalog;
  Revisions& revisions;
  Checkpoints& checkpoints;
  const Clock& clock;
  Executor& workers;  // whose threads may block on the disk
};

// A database, as one side of a replication that acts as somebody: it sees, and changes, what that caller may.
// Calls are done by the workers.
class LocalReplica final : public replication::Source, public replication::Target {
 public:
  // `id` is the database's own (DatabaseDescription::id); the name and the owner are how its calls are
  // decided.
  LocalReplica(const ReplicaParts& parts, Caller caller, std::string id, std::string name, std::string owner);
  ~LocalReplica() override;

  std::string key() const override;
  void open(const CallLimits& limits, std::string_view checkpoint,
            replication::Completion<replication::Opened> done) override;
  void write_checkpoint(const CallLimits& limits, std::string_view checkpoint,
                        const replication::StoredCheckpoint& record,
                        replication::Completion<std::string> done) override;

  // A position is "DATABASE/SEQUENCE-INCARNATION".
  bool tells_lives_apart() const override { return true; }
  void changes(const CallLimits& limits, const replication::SourcePosition& since,
               const replication::ChangesOptions& options,
               replication::Completion<replication::ChangesPage> done) override;
  void fetch(const CallLimits& limits, const std::vector<replication::WantedRevisions>& wanted,
             std::uint64_t bytes, replication::Completion<replication::FetchedRevisions> done) override;
  void open_attachment(const CallLimits& limits, const replication::TravellingRevision& revision,
                       const replication::AttachmentInfo& attachment,
                       replication::Completion<std::unique_ptr<ByteStream>> done) override;

  void missing(const CallLimits& limits, const std::vector<replication::RevisionsOf>& documents,
               replication::Completion<std::vector<replication::MissingOf>> done) override;
  // Makes collections that are not there, where the caller may.
  void write(const CallLimits& limits, std::vector<replication::TravellingRevision> revisions,
             const replication::AttachmentOpener& attachments,
             replication::Completion<replication::WrittenRevisions> done) override;

 private:
  class Place;
  class Writing;
  const std::shared_ptr<const Place> place_;
};

}  // namespace quire::engine
