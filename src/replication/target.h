#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/byte_stream.h"
#include "replication/peer.h"

namespace quire::replication {

// Gives a target the bytes of an attachment while it writes: the revision's place in the list, and the
// attachment's among those of the revision.
using AttachmentOpener = std::function<void(std::size_t revision, std::size_t attachment,
                                            Completion<std::unique_ptr<ByteStream>> done)>;

// Where revisions go.
class Target : public Peer {
 public:
  // Which of these it lacks; documents that lack nothing are left out. What was purged of a document, or
  // deleted so long ago that only the stub of its tombstone stays, counts as known. What is known is durable
  // when it is answered: it will not be sent, and what a crash took back would be lost here.
  virtual void missing(const CallLimits& limits, const std::vector<RevisionsOf>& documents,
                       Completion<std::vector<MissingOf>> done) = 0;

  // Writes revisions as they are, with their ancestors, wherever they fit; one that is there already is
  // passed over. Attachments that the target has, by their digests, are not opened. Answers when all that did
  // not fail is durable. Failures are of single documents (forbidden, invalid, too_large, corrupt, ...); an
  // error of the call means that nothing is known of any of them.
  virtual void write(const CallLimits& limits, std::vector<TravellingRevision> revisions,
                     const AttachmentOpener& attachments, Completion<WrittenRevisions> done) = 0;
};

}  // namespace quire::replication
