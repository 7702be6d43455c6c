#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/call.h"
#include "document/revision.h"
#include "engine/address.h"
#include "engine/caller.h"
#include "engine/completion.h"
#include "engine/types.h"

namespace quire::engine {

// Revisions of a document, by name.
struct NamedRevisions {
  std::string collection = "_default";
  std::string id{};
  std::vector<document::Revision> revisions{};
};

// What of them is not here.
struct MissingRevisions {
  std::vector<document::Revision> missing{};  // in the order in which they were asked for
  // Leaves that are here and may be ancestors of what is missing: those of a lower generation than one of it,
  // best first, kPossibleAncestors at most.
  std::vector<document::Revision> possible_ancestors{};
};

// What became of a purge.
struct Purged {
  std::vector<Result<std::vector<document::Revision>>> rows;  // the leaves that went, a row a document
  std::uint64_t purge_sequence = 0;                           // how many purges the database has seen
};

// What replication asks about revisions, beside documents themselves. Callable from every thread; arguments
// that are views or references need to live until the call returns.
//
// Errors of every call: unauthenticated, forbidden, not_found (the database), too_large (kNamedDocuments,
// kNamedRevisions), deadline, cancelled, unavailable, corrupt, io.
class Revisions {
 public:
  virtual ~Revisions() = default;

  // Which of these revisions the database does not know, a row for each that was asked, in their order. Needs
  // the right to read; a collection that is not there, or a document that the caller may not see, holds
  // nothing. A deleted document of which only the last revision is left knows all of its generation and
  // below: they were deleted with it, and a write of them would be ignored. What is known is durable when it
  // is answered. On a thread that may block.
  virtual void missing(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
                       const std::vector<NamedRevisions>& asked,
                       Completion<std::vector<MissingRevisions>> done) = 0;

  // Takes leaves away, with the ancestors that only they have, as if they had never been: their texts, index
  // entries, and references to attachments. A document without a leaf left is gone; nothing tells replicas.
  // What is no leaf is left out of the row. Needs the right to administer. Durable when it is answered; each
  // document is a change of its own. Rows: not_found (the collection), and those of writes.
  virtual void purge(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
                     std::vector<NamedRevisions> leaves, Completion<Purged> done) = 0;
};

}  // namespace quire::engine
