#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "document/revision.h"
#include "document/revision_tree.h"

// The words of the layer: what travels between two stores.
namespace quire::replication {

// How a call answers: exactly once, perhaps before the call returns, perhaps on another thread.
template <class T>
using Completion = std::function<void(Result<T>)>;

// A document, as both ends know it. Where the collection is empty the name comes from somebody who has none:
// the store that takes it looks whether the id begins with a collection of its own and a colon.
struct DocumentName {
  std::string collection;
  std::string id;
  friend auto operator<=>(const DocumentName&, const DocumentName&) = default;
  friend bool operator==(const DocumentName&, const DocumentName&) = default;
};

// A place in a source's history: a text that only the source understands; empty is before the first change.
using SourcePosition = std::string;

// A document that has changed, with all its leaves as they are now: the winner first, deleted ones too.
struct ChangedDocument {
  DocumentName name;
  std::vector<document::Leaf> leaves;
};

// A stretch of changes, oldest first; a document stands in it once, at its last change.
struct ChangesPage {
  std::vector<ChangedDocument> rows;
  SourcePosition next;                   // read on from here; rows may be none although there is more
  bool at_end = false;                   // nothing was there beyond `next`
  std::optional<std::uint64_t> pending;  // exactly how many rows follow, where the source knows
};

struct RevisionsOf {
  DocumentName name;
  std::vector<document::Revision> revisions;
};

// Of a document that was asked for: what the target lacks, and leaves of it that may be ancestors of that.
struct MissingOf {
  std::size_t document = 0;  // its place in the list that was asked
  std::vector<document::Revision> revisions;
  std::vector<document::Revision> possible_ancestors;
};

// Attached bytes, as a revision names them. Digests are raw bytes, empty where the source does not know them:
// BLAKE2b-256, and MD5 where it is of the bytes as they are.
struct AttachmentInfo {
  std::string name;
  std::string content_type;
  std::uint64_t length = 0;
  std::uint64_t revpos = 0;  // the generation that added it
  std::string digest;
  std::string md5;
  friend bool operator==(const AttachmentInfo&, const AttachmentInfo&) = default;
};

// A revision with all that belongs to it but the bytes of attachments.
struct TravellingRevision {
  DocumentName name;
  std::vector<document::Revision> path;  // itself, then its ancestors, newest first
  bool deleted = false;
  std::string body = "{}";  // minified, without reserved members
  std::vector<AttachmentInfo> attachments;

  std::uint64_t bytes() const;  // about what it takes in memory
};

struct WantedRevisions {
  DocumentName name;
  std::vector<document::Revision> revisions;
  std::vector<document::Revision> possible_ancestors;  // that the target has: a path may end at one of them
};

// Why a revision did not travel.
struct RevisionFailure {
  DocumentName name;
  document::Revision revision;
  Error error;
};

// What was fetched. A revision that is no leaf any more may be answered by its descendants. One that is gone
// (not_found) was replaced or purged since: what came after it stands later in the history.
struct FetchedRevisions {
  std::vector<TravellingRevision> revisions;
  std::vector<RevisionFailure> failures;
  std::size_t documents = 0;  // so many of the list were answered, from its front; at least one
};

struct WrittenRevisions {
  std::vector<std::pair<std::size_t, Error>> failures;  // the place in the list, and why
};

// A record of a place that was reached. `json` is an object; `revision` is what its next write must name,
// empty where there is none.
struct StoredCheckpoint {
  std::string revision;
  std::string json;
};

}  // namespace quire::replication
