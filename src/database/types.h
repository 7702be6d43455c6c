#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "document/revision.h"

// The words of the layer: what is asked of a shard, and what it answers.
namespace quire::database {

// A collection is a number that prefixes its keys; never used again after a drop.
using CollectionId = std::uint32_t;
inline constexpr CollectionId kDefaultCollection = 1;
inline constexpr std::string_view kDefaultCollectionName = "_default";

// The place of a change in a shard's history; 0 is before the first. Grows by one a change and is never used
// again.
using Sequence = std::uint64_t;

// A sequence with the life of the shard that gave it out. The incarnation is drawn when a database is made,
// and again by a restore or a repair, so that no position is taken for one of another history; its last
// sixteen bits count the lives from 1.
struct Position {
  std::uint64_t incarnation = 0;
  Sequence sequence = 0;
  friend bool operator==(const Position&, const Position&) = default;
};
// At random, below 2^53, which every client can hold.
std::uint64_t draw_incarnation(Random& random, std::uint64_t life);
std::uint64_t life_of(std::uint64_t incarnation);
// Whether `given` means this incarnation: it is the same, or the number of its life alone.
bool means_incarnation(std::uint64_t given, std::uint64_t incarnation);

// How safe a write is when it is answered; each answer says which was reached.
enum class Durability : std::uint8_t {
  memory,  // checked and in order; on disk within kSyncIntervalMs
  os,      // handed to the operating system: survives the process, not the machine
  disk,    // the log is fsynced
};
std::string_view name(Durability durability);

// Attached bytes, kept once by digest. `digest` is BLAKE2b-256, `md5` what CouchDB's protocol wants; both raw
// bytes.
struct Attachment {
  std::string name;
  std::string content_type;
  std::string digest;
  std::string md5;
  std::uint64_t length = 0;
  std::uint64_t revpos = 0;  // the generation that added it
  friend bool operator==(const Attachment&, const Attachment&) = default;
};

// A document's winner as a revision of it is asked for.
struct Present {
  document::Revision revision;  // generation 0: there never was such a document
  std::string_view body;        // empty: there is no live document
};

// What is to stand there instead.
struct Revised {
  enum class Kind : std::uint8_t { unchanged, updated, replaced, removed };
  Kind kind = Kind::unchanged;
  std::string body = "{}";  // minified, without reserved members; of `removed`: what the deletion carries
};

// A change of one document, as its caller asks for it.
struct Edit {
  enum class Kind : std::uint8_t {
    put,        // a new revision with `body`
    remove,     // a deleted revision; `body` is "{}" or what the deletion should carry
    replicate,  // exactly the revision `path.front()` with its ancestors, wherever it fits (new_edits=false)
    transform,  // `transform` makes the new body of the current one; run again when the document moves
    // `revise` looks at the current one and says what becomes of it; run again when the document moves. In an
    // atomic write what it found is still there when all is committed, even where it changes nothing: a
    // check.
    revise,
    // The leaves of `path` go with the ancestors that only they have, and all that is kept of them; where no
    // leaf stays, the document never was. What is no leaf is left out.
    purge,
  };
  enum class Precondition : std::uint8_t {
    revision,  // `expected` must be a leaf; with none given, the document must not exist (or be deleted)
    absent,    // the document must not exist or be deleted, whatever `expected`; of `remove`: it never was
    any,       // replaces the winner, whatever it is
  };

  CollectionId collection = kDefaultCollection;
  std::string id;
  Kind kind = Kind::put;
  Precondition precondition = Precondition::revision;
  document::Revision expected;
  std::string body = "{}";                             // minified, without reserved members
  bool deleted = false;                                // of `replicate`
  std::vector<document::Revision> path;                // of `replicate`: newest first; of `purge`: leaves
  std::optional<std::vector<Attachment>> attachments;  // none: those of the revision that is replaced stay
  // Names of attachments that stay beside those: of the revision that is replaced; of `replicate`, of the
  // newest revision of `path` whose text is here.
  std::vector<std::string> carried{};
  // The current winner's body (empty view: no live document) in, the new one out; nullopt: nothing to change.
  std::function<Result<std::optional<std::string>>(std::string_view)> transform;
  std::function<Result<Revised>(const Present&)> revise;
  // Of a request id: which items of the caller's list this edit answers, where that is not its own place, and
  // what they asked for (16 bytes), where the edit does not show it.
  std::vector<std::uint32_t> items{};
  std::string fingerprint{};
};

// What became of an edit.
struct EditResult {
  std::string id;
  document::Revision revision;
  Sequence sequence = 0;  // 0: nothing had to be written (a known revision, an update that changes nothing)
  std::vector<document::Revision> purged{};  // of a purge: the leaves that went; `revision` is the winner now
};

// What became of a list of edits: a row an edit in order, and the durability that was reached.
struct WriteResult {
  std::vector<Result<EditResult>> rows;
  Durability durable = Durability::disk;
};

// What an item of a request was answered, with the fingerprint of what it had asked for.
struct AnsweredItem {
  std::uint32_t item = 0;
  std::string fingerprint;
  EditResult result;
};

// How a collection keeps the past of its documents.
struct CollectionSettings {
  std::uint64_t revision_limit = 0;  // generations that are remembered of each document; 0: the default
  // False: what an update replaces, its text and its entry in the history, goes at once, whatever the
  // database's retention is. A feed then shows the last change of each document only; one that goes on from
  // a position in front of a change that is gone is told so.
  bool history = true;
};

// Says whether a write was prepared under what is in force still: the committer refuses it where the number
// has moved meanwhile. Copies share the number.
struct Fence {
  std::shared_ptr<const std::atomic<std::uint64_t>> now;  // null: nothing can move
  std::uint64_t prepared = 0;  // what it held before the caller's right was decided

  bool holds() const { return now == nullptr || now->load(std::memory_order_acquire) == prepared; }
};

struct WriteOptions {
  Durability durability = Durability::disk;
  bool atomic =
      false;  // all edits or none; then one failing row fails the call, and no document may stand twice
  // An edit whose document would have to be read from disk first gets unavailable (needs_disk()).
  bool memory_only = false;
  std::string request_id{};  // not empty: a retry with the same id within 24 h gets the first answer
  Fence fence{};
  // Refused with conflict (collections_moved()) where collections have been made or dropped since
  // Collections::version() was this; for who found that one was not there.
  std::optional<std::uint64_t> collections{};
};

// How much is left of a revision's text.
enum class Kept : std::uint8_t {
  nothing,  // it was replaced, and its text is gone
  text,
  deletion,  // it deletes the document, and what it carries is there
};

// What happened, as the history keeps it.
enum class Operation : std::uint8_t {
  insert = 1,    // no live document before
  update = 2,    // a new winner from a transform
  replace = 3,   // a new winner, given whole
  remove = 4,    // the winner is deleted now
  conflict = 5,  // a leaf was added or replaced, the winner stays
  create_collection = 6,
  drop_collection = 7,
  purge = 8,
};
// As texts say it: "insert", "create_collection".
std::string_view name(Operation operation);
std::optional<Operation> operation_of(std::string_view name);

// What a call that may not wait for the disk answers where it would have to.
Error not_in_memory();
bool needs_disk(const Error& error);

// What a write answers whose request id was that of another write.
Error request_id_reused();
bool is_request_id_reused(const Error& error);

// What an edit answers that carries an attachment which is not there to be carried.
Error missing_stub(std::string_view id, std::string_view name);
bool is_missing_stub(const Error& error);

// What a write answers whose fence has moved.
Error fence_moved();

// And one that asked for other collections than there are by now.
Error collections_moved();
bool is_collections_moved(const Error& error);

struct Counts {
  std::uint64_t documents = 0;  // live
  std::uint64_t deleted = 0;    // tombstones
  std::uint64_t bytes = 0;      // of the bodies of live winners
  // The last change that went with the commit that replaced it, because replaced ones are not kept: older
  // positions are lost to who follows the collection.
  Sequence edge = 0;
  friend bool operator==(const Counts&, const Counts&) = default;
};

}  // namespace quire::database
