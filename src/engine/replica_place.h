#pragma once

#include <string>
#include <vector>

#include "engine/local_replica.h"

// For the sources of LocalReplica only.
namespace quire::engine {

// A database and who acts there, which calls under way share.
class LocalReplica::Place {
 public:
  Place(const ReplicaParts& its_parts, Caller its_caller, std::string its_id, std::string its_name,
        std::string its_owner)
      : parts(its_parts),
        caller(std::move(its_caller)),
        id(std::move(its_id)),
        name(std::move(its_name)),
        owner(std::move(its_owner)) {}

  DatabaseAddress address() const { return {.name = name, .owner = owner}; }
  CollectionAddress collection(std::string_view collection) const { return {address(), collection}; }

  replication::SourcePosition text_of(const Position& position) const;
  // Errors: history_lost, where it is another database's, or none.
  Result<Position> position_of(const replication::SourcePosition& text) const;

  // The page behind `since`, as a replication sees it.
  Result<replication::ChangesPage> read_changes(const CallLimits& limits, const Position& since,
                                                const replication::ChangesOptions& options) const;

  // Names that came without a collection, split where one is there.
  Status find_collections(const CallLimits& limits, std::vector<replication::DocumentName*> names) const;

  const ReplicaParts parts;
  const Caller caller;
  const std::string id;
  const std::string name;
  const std::string owner;

 private:
  Result<bool> in_scope(const CallLimits& limits, const FeedRow& row, const replication::Scope& scope) const;
};

replication::AttachmentInfo travelling(const Attachment& attachment);

}  // namespace quire::engine
