#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/call.h"
#include "database/document_cache.h"
#include "document/revision.h"
#include "document/revision_tree.h"
#include "engine/address.h"
#include "engine/body.h"
#include "engine/caller.h"
#include "engine/completion.h"
#include "engine/types.h"

namespace quire::engine {

struct GetOptions {
  std::optional<document::Revision> revision;  // a leaf, or an older one that is still kept; none: the winner
  // Of `revision`: instead of it the best of the leaves that descend from it, deleted or not; itself, where
  // it is one.
  bool latest = false;
  bool conflicts = false;  // fill Document::conflicts
  bool ancestors = false;  // fill Document::ancestors
  bool leaves = false;     // fill Document::leaves
  bool kept = false;       // fill Document::kept
  // Never waits: where the disk would be needed, the answer is an error for which needs_disk() is true, and
  // the call is to be repeated without this on a thread that may block.
  bool memory_only = false;
};

// A document as a read found it. Owns the bytes that its views show; cheap to move, kept as long as one
// likes.
struct Document {
  document::Revision revision;
  bool deleted = false;
  Sequence sequence = 0;  // of the document's last change; 0 where a revision was asked for that is
                          // not the winner
  std::string_view body;  // minified, without reserved members
  std::string_view attachment_list;  // attachments_of() reads it

  std::vector<document::Leaf> conflicts;      // the live leaves that lost, best first
  std::vector<document::Revision> ancestors;  // the revision and what it came from, newest first
  std::vector<document::Leaf> leaves;         // all of them, deleted ones too, winner first
  std::vector<Kept> kept;                     // of each revision that `ancestors` names or would name

  database::RecordRef bytes;
};

// Errors: corrupt.
Result<std::vector<Attachment>> attachments_of(const Document& document);

// Which revisions of a document are opened together.
struct OpenOptions {
  std::vector<document::Revision> revisions{};  // kOpenRevisions at most
  bool all_leaves = false;                      // instead of `revisions`: deleted ones too, winner first
  // Instead of a revision the leaves that descend from it, the best one first, and none of them twice.
  bool latest = false;
  bool ancestors = false;  // fill Document::ancestors
};
// A revision that was asked for, and the document as it was then; none: it is missing.
struct OpenedRevision {
  document::Revision asked;
  std::optional<Document> document;
};
// False ends the call.
using OpenSink = std::function<bool(OpenedRevision&)>;

// What turns the winner's text into the next one. An empty view: there is no live document. nullopt: nothing
// to change. May be called more than once, on any thread, when the document moves meanwhile. Errors refuse
// the change.
using Transform = std::function<Result<std::optional<Body>>(std::string_view body)>;

// A change of one document.
struct Change {
  enum class Kind : std::uint8_t {
    put,        // `body` is the new text
    remove,     // the document is deleted; `body` stays with the tombstone
    transform,  // `transform` makes the new text of the present one
    replicate,  // exactly this revision with its ancestors, wherever it fits: nothing is checked, nothing
                // made
  };
  enum class Condition : std::uint8_t {
    revision,  // the document is at `expected`; without one: it is not there, or deleted
    absent,    // it is not there, or deleted; of remove: it never was, and a tombstone is made
    any,       // whatever is there
  };

  Kind kind = Kind::put;
  Condition condition = Condition::revision;
  std::string collection = "_default";
  std::string id;  // empty, of a put: an ObjectId is made
  std::optional<document::Revision> expected;
  Body body;
  Transform transform;
  bool deleted = false;                  // of replicate
  std::vector<document::Revision> path;  // of replicate: newest first
  // All attachments of the new revision, made by attachment writers of this database or read from this
  // document; none: those of the revision before stay.
  std::optional<std::vector<Attachment>> attachments;
  // Names of attachments that stay beside these, as they are: of the revision that is replaced; of replicate,
  // of the newest revision of `path` whose text is here. One that is not there is an error for which
  // is_missing_stub() is true.
  std::vector<std::string> stubs{};
};

struct WriteOptions {
  Durability durability = Durability::disk;
  bool atomic = false;  // all changes or none, and no document may stand twice
  // A collection that is not there is made by a change that could put a document into it; for any other
  // change it is not_found.
  bool create_collections = false;
  std::string request_id;  // not empty: a retry within 24 hours gets the first answer
  // The caller's thread never waits: a change that would need the disk before it is committed, or a
  // collection that would have to be made, is an error for which needs_disk() is true, of the call or of its
  // row.
  bool memory_only = false;
};

struct ListOptions {
  std::string after;        // ids behind this one; empty: from the first
  std::string before;       // ids in front of this one; empty: to the last
  bool descending = false;  // then ids fall from `before` to `after`
  bool include_deleted = false;
  std::uint64_t limit = ~std::uint64_t{0};
};

// A document of a listing; the views are valid during the call that shows it.
struct ListRow {
  std::string_view id;
  const document::Revision& revision;
  bool deleted;
  std::string_view body;
};
// False ends the listing.
using ListSink = std::function<bool(const ListRow&)>;

struct ListEnd {
  std::uint64_t rows = 0;
  bool more = false;  // ended by the limit or the sink, and there may be more
};

// Takes an attachment piece by piece. One thread at a time. Destroyed without finish(): nothing stays of it.
class AttachmentWriter {
 public:
  virtual ~AttachmentWriter() = default;
  virtual Status write(std::string_view bytes) = 0;
  // What to put into a Change; name and content type are the caller's to fill in. Kept for an hour unless a
  // change refers to it.
  virtual Result<Attachment> finish() = 0;
};

// Bytes [offset, offset + length) of an attachment; past its end there is nothing.
struct ByteRange {
  std::uint64_t offset = 0;
  std::uint64_t length = ~std::uint64_t{0};
};

// Documents: reading and changing them. Callable from every thread. Arguments that are views or references
// need to live until the call returns, not longer. A call asks decide() for its action, and applies the
// predicate to every document it meets; what the predicate hides is not_found.
//
// Errors of every call: unauthenticated, forbidden, not_found (database or collection; `field` says which),
// deadline, cancelled, unavailable, corrupt, io.
class Documents {
 public:
  virtual ~Documents() = default;

  // Errors: not_found ("missing" or "deleted").
  virtual void get(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                   std::string_view id, const GetOptions& options, Completion<Document> done) = 0;

  // Shows several revisions of one document, in their order and from one state of it, on a thread that may
  // block. What is missing is a row that says so; only where all leaves are asked for, a document that never
  // was is not_found ("missing"). Errors: too_large.
  virtual void open_revisions(const Caller& caller, const CallLimits& limits,
                              const CollectionAddress& address, std::string_view id,
                              const OpenOptions& options, const OpenSink& sink, Completion<void> done) = 0;

  // Rows in the order of ids and from one state of the collection, on a thread that may block.
  virtual void list(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                    const ListOptions& options, const ListSink& sink, Completion<ListEnd> done) = 0;

  // Live documents, those counted that the caller may read.
  virtual void count(const Caller& caller, const CallLimits& limits, const CollectionAddress& address,
                     Completion<std::uint64_t> done) = 0;

  // Does the changes in order and answers a row each: an EditResult, or why not (conflict, exists, not_found,
  // invalid, too_large, forbidden). Answered when the durability is reached; the answer says which was. Where
  // it is atomic, a row that fails fails the call, `field` being "changes[N]". Also: exhausted, read_only.
  virtual void write(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
                     std::vector<Change> changes, const WriteOptions& options,
                     Completion<WriteResult> done) = 0;

  // Begins an attachment of some document of the collection.
  virtual void write_attachment(const Caller& caller, const CallLimits& limits,
                                const CollectionAddress& address,
                                Completion<std::unique_ptr<AttachmentWriter>> done) = 0;
  // Calls `sink` with the bytes in order, on a thread that may block, until it answers false. Answers what
  // the attachment is. `revision` as in GetOptions.
  virtual void read_attachment(const Caller& caller, const CallLimits& limits,
                               const CollectionAddress& address, std::string_view id, std::string_view name,
                               const std::optional<document::Revision>& revision, const ByteRange& range,
                               const std::function<bool(std::string_view)>& sink,
                               Completion<Attachment> done) = 0;
};

// Adds a finished attachment to a document in place of one of the same name, or takes one away (`attachment`
// none; not_found where there is none of the name). `expected` none: whatever revision the document is at,
// tried again where it moves. Errors: as get() and write().
void change_attachment(Documents& documents, const Caller& caller, const CallLimits& limits,
                       const CollectionAddress& address, std::string_view id,
                       const std::optional<document::Revision>& expected, std::string_view name,
                       std::optional<Attachment> attachment, const WriteOptions& options,
                       Completion<WriteResult> done);

}  // namespace quire::engine
