#pragma once

#include <memory>
#include <string>

#include "network.h"
#include "replication/testing/memory_replica.h"

namespace quire::sim {

// A store as another one sees it over the network: questions and answers are messages. A question that is
// doubled is asked twice; of answers the first counts, and one that is lost is never known to have been.
class DistantPeer final : public replication::Source, public replication::Target {
 public:
  DistantPeer(std::shared_ptr<replication::testing::MemoryReplica> peer, Network& network, int here,
              int there)
      : peer_(std::move(peer)), road_{&network, here, there} {}

  std::string key() const override { return peer_->key(); }
  bool tells_lives_apart() const override { return peer_->tells_lives_apart(); }
  void open(const CallLimits& limits, std::string_view checkpoint,
            replication::Completion<replication::Opened> done) override;
  void write_checkpoint(const CallLimits& limits, std::string_view checkpoint,
                        const replication::StoredCheckpoint& record,
                        replication::Completion<std::string> done) override;
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
  void write(const CallLimits& limits, std::vector<replication::TravellingRevision> revisions,
             const replication::AttachmentOpener& attachments,
             replication::Completion<replication::WrittenRevisions> done) override;

  struct Road {
    Network* network;
    int here;
    int there;
    Road back() const { return {network, there, here}; }
  };

 private:
  const std::shared_ptr<replication::testing::MemoryReplica> peer_;
  const Road road_;
};

}  // namespace quire::sim
