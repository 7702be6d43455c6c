#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/byte_stream.h"
#include "replication/peer.h"
#include "replication/scope.h"

namespace quire::replication {

struct ChangesOptions {
  Scope scope;
  std::uint32_t limit = 500;
  // Where there is nothing the answer is held back until there is, so long at most.
  std::chrono::milliseconds wait{0};
};

// Where revisions come from.
class Source : public Peer {
 public:
  // True where a position names the life of the store: changes() answers history_lost for one of another
  // life. Then nothing is recorded on this side, and open() is not called.
  virtual bool tells_lives_apart() const = 0;

  // The changes behind `since`. Errors: history_lost (begin again from the empty position).
  virtual void changes(const CallLimits& limits, const SourcePosition& since, const ChangesOptions& options,
                       Completion<ChangesPage> done) = 0;

  // Some of these revisions, from the front of the list, as far as they fit into about `bytes`.
  virtual void fetch(const CallLimits& limits, const std::vector<WantedRevisions>& wanted,
                     std::uint64_t bytes, Completion<FetchedRevisions> done) = 0;

  // The bytes of an attachment of a revision that was fetched.
  virtual void open_attachment(const CallLimits& limits, const TravellingRevision& revision,
                               const AttachmentInfo& attachment,
                               Completion<std::unique_ptr<ByteStream>> done) = 0;
};

}  // namespace quire::replication
