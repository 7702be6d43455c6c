#pragma once

// The document database as a library: open a directory, and have databases of collections of JSON documents
// in it, with a history that can be followed.
//
//   auto db = quire::open("weather").value().database();
//   auto stations = db.collection("stations");
//   stations.put("7", R"({"celsius": 3.5})").value();
//   std::cout << stations.get("7").value().body() << "\n";
//
// Threads: every handle (Quire, Database, Collection) may be copied and used by any number of threads at the
// same time; a Changes or an AttachmentWriter is for one thread at a time. All calls block until they are
// answered. Ownership: the directory is given back when the last handle, Changes and AttachmentWriter that
// came from it ends. Documents own their bytes and may outlive everything. Processes: one process at a time
// has a directory; a second gets `locked`. After fork(), the child gets `unavailable` from everything that
// was opened before it; the parent goes on. Text is UTF-8. Times are milliseconds since 1970-01-01 UTC. The
// library throws nothing.

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quire/result.h"

QUIRE_NAMESPACE_BEGIN

struct Core;

// The version of the library, "MAJOR.MINOR.PATCH".
QUIRE_API std::string_view version();

// How safe a write is when its call returns.
enum class Durability : std::uint8_t {
  memory,  // checked and in order; on disk within 50 ms
  os,      // survives the end of the process, not of the machine
  disk,    // synced to the disk
};

struct Options {
  bool create = true;                            // make the directory where there is none; else not_found
  bool in_memory = false;                        // keep everything in memory, gone at the end: for tests
  std::uint64_t memory_bytes = 256ULL << 20;     // caches and write buffers of all databases together
  unsigned threads = 0;                          // for work in the background; 0: one a processor, 4 at most
  Durability durability = Durability::disk;      // of writes that do not say
  std::chrono::milliseconds idle_close{60'000};  // a database that nobody uses is closed after this
};

// --- documents

struct Attachment {
  std::string name;
  std::string content_type;
  std::string digest;  // BLAKE2b-256 of the bytes, 64 hexadecimal digits
  std::uint64_t length = 0;
};

// A document as it was read: a value that owns its bytes.
class QUIRE_API Document {
 public:
  const std::string& id() const { return id_; }
  // Its members as minified JSON, byte for byte as they were written; without `_id` and `_rev`.
  std::string_view body() const { return body_; }
  // With `_id` and `_rev` as the first members.
  std::string json() const;
  // "GENERATION-HASH"
  std::string revision() const;
  bool deleted() const { return deleted_; }
  // By name. Empty for a document of a listing.
  Result<std::vector<Attachment>> attachments() const;
  // The revisions of live branches that lost against this one, best first; where the read asked for them.
  const std::vector<std::string>& conflicts() const { return conflicts_; }

 private:
  friend struct DocumentAccess;
  std::string id_;
  std::string_view body_;
  std::string_view attachments_;
  std::uint64_t generation_ = 0;
  std::array<char, 32> hash_{};
  bool deleted_ = false;
  std::string other_hash_;  // a hash that came from elsewhere and does not fit
  std::vector<std::string> conflicts_;
  std::shared_ptr<const void> owner_;
};

struct GetOptions {
  std::string revision = {};  // a leaf, or an older one that is still kept; empty: the winner
  bool conflicts = false;     // fill Document::conflicts()
};

// What a document must be at for a write to be done.
enum class Condition : std::uint8_t {
  revision,  // at the revision given; with none given: not there (or deleted)
  absent,    // not there (or deleted)
  any,       // anything: the winner is replaced
};

struct WriteOptions {
  std::string revision = {};  // that is replaced; empty: `_rev` of the document, if it has one
  Condition condition = Condition::revision;
  std::optional<Durability> durability = {};  // none: as opened
  std::string request_id =
      {};  // a retry with the same id within 24 hours does nothing and gets the first answer
};

// What was written.
struct Written {
  std::string id;
  std::string revision;
  Durability durable = Durability::disk;  // what was reached
  bool changed = true;                    // false: nothing had to be written
};

// One of many writes of Database::write().
struct Write {
  enum class Kind : std::uint8_t { put, remove, update };
  Kind kind = Kind::put;
  std::string collection = "_default";  // of put: made where it is not there
  std::string id = {};                  // empty, of put: the `_id` of the document, or one is made
  std::string json = {};                // the document, or the change of an update
  std::string revision = {};
  Condition condition = Condition::revision;
};

struct BulkOptions {
  bool atomic = false;  // all or none; 4,096 writes at most, no document twice
  std::optional<Durability> durability = {};
  std::string request_id = {};
};

struct ListOptions {
  std::string after = {};   // ids behind this one; empty: from the first
  std::string before = {};  // ids in front of this one; empty: to the last
  bool descending = false;  // then ids fall from `before` to `after`
  std::uint64_t limit = 1000;
};

struct Page {
  std::vector<Document> documents;
  bool more = false;  // go on with `after` (or `before`) at the last id
};

// --- changes

enum class Operation : std::uint8_t {
  insert = 1,             // a document that was not there
  update = 2,             // changed by an update
  replace = 3,            // given whole
  remove = 4,             // deleted
  conflict = 5,           // a losing branch was added or changed; the winner stays
  create_collection = 6,  // `collection` only
  drop_collection = 7,
  purge = 8,
};
QUIRE_API std::string_view name(Operation operation);

// A change of the history. The views are valid until the next call of the Changes that showed it.
struct Change {
  std::uint64_t sequence = 0;
  std::int64_t time_ms = 0;
  Operation operation = Operation::insert;
  bool deleted = false;
  std::string_view collection;
  std::string_view id;
  std::string_view body;  // where bodies were asked for, and this revision's text is still kept
  bool has_body = false;
  std::string_view revision;  // "GENERATION-HASH"; empty where the change is of a collection
};

struct ChangesOptions {
  std::string since = "0";      // a Changes::position(), or "0": from the oldest change that is kept
  std::string collection = {};  // empty: all
  bool bodies = false;
  bool current_only = false;  // leave out what a later change of the same document supersedes
  bool live = false;          // wait for changes to come, instead of ending
  std::optional<std::chrono::milliseconds> timeout =
      {};  // of a live feed: how long next() waits; none: for ever
};

// A walk through a database's history, oldest change first, that sees only what is durable. For one thread at
// a time, but stop().
class QUIRE_API Changes {
 public:
  Changes(Changes&&) noexcept;
  Changes& operator=(Changes&&) noexcept;
  ~Changes();

  // The next change; null at the end, or, of a live feed, when the timeout was over before anything came. May
  // be called again after either. Errors: history_lost (begin again, from the documents or with
  // current_only), cancelled (by stop()), unavailable, corrupt, io.
  Result<const Change*> next();
  // Where this walk is: behind the last change that next() answered. Keep it to go on later, even after a
  // restart.
  std::string position() const;
  // Ends a next() that waits, and all later ones, within half a second. Any thread may call it.
  void stop();

 private:
  friend class Database;
  struct Impl;
  explicit Changes(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// --- handles

// Takes an attachment piece by piece: any size in a bounded memory. Destroyed without finish(): nothing
// stays.
class QUIRE_API AttachmentWriter {
 public:
  AttachmentWriter(AttachmentWriter&&) noexcept;
  AttachmentWriter& operator=(AttachmentWriter&&) noexcept;
  ~AttachmentWriter();

  Status write(std::string_view bytes);
  // Makes it a part of the document, in place of one of the same name. Errors: as Collection::put().
  Result<Written> finish(const WriteOptions& options = {});

 private:
  friend class Collection;
  struct Impl;
  explicit AttachmentWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The documents of one collection. It need not exist: the first put makes it; until then it is empty.
class QUIRE_API Collection {
 public:
  const std::string& name() const { return name_; }

  // Errors: not_found.
  Result<Document> get(std::string_view id) const;
  Result<Document> get(std::string_view id, const GetOptions& options) const;

  // Writes a document whole. Its `_id`, where it has one, must be `id`; without an id of either kind one is
  // made (24 hexadecimal digits, rising with time). Errors: conflict (it exists, or is at another revision),
  // exists (Condition::absent), invalid, too_large, exhausted, read_only.
  Result<Written> put(std::string_view json, const WriteOptions& options = {});
  Result<Written> put(std::string_view id, std::string_view json, const WriteOptions& options = {});
  // Changes some members. An object whose names all begin with "$" holds update operators ($set, $unset,
  // $inc, ...); any other is merged into the document (JSON Merge Patch, RFC 7396: null takes a member away).
  // Without a revision, whatever is there is changed; of nobody else's changes is anything lost. Errors: as
  // put(), and not_found.
  Result<Written> update(std::string_view id, std::string_view change, const WriteOptions& options = {});
  // Without a revision: whatever is there. Condition::absent: what never was leaves a tombstone, as a
  // deletion that was decided elsewhere. Errors: not_found, exists, conflict, exhausted, read_only.
  Result<Written> remove(std::string_view id, const WriteOptions& options = {});

  // A page of documents by id.
  Result<Page> list(const ListOptions& options = {}) const;
  // Shows every document by id, all from one moment, until `visit` answers false. It is valid during that
  // call; a copy of it stays.
  Status scan(const std::function<bool(const Document&)>& visit) const;
  // Exact.
  Result<std::uint64_t> count() const;

  Result<AttachmentWriter> write_attachment(std::string_view id, std::string_view name,
                                            std::string_view content_type);
  // Shows the bytes [offset, offset + length), or up to the end, in order, until `sink` answers false.
  Result<Attachment> read_attachment(std::string_view id, std::string_view name,
                                     const std::function<bool(std::string_view)>& sink,
                                     std::uint64_t offset = 0,
                                     std::uint64_t length = ~std::uint64_t{0}) const;
  Result<Written> remove_attachment(std::string_view id, std::string_view name,
                                    const WriteOptions& options = {});

 private:
  friend class Database;
  Collection(std::shared_ptr<Core> core, std::string database, std::string name);
  Result<Written> write(Write::Kind kind, std::string_view id, std::string_view json,
                        const WriteOptions& options);

  std::shared_ptr<Core> core_;
  std::string database_;
  std::string name_;
};

struct CollectionFigures {
  std::string name;
  std::uint64_t documents = 0;
  std::uint64_t deleted = 0;
  std::uint64_t bytes = 0;  // of the bodies of live documents
};

struct DatabaseFigures {
  std::string name;
  std::string position;  // of the last change
  std::vector<CollectionFigures> collections;
  std::uint64_t disk_bytes = 0;
};

// A database by its name. Nothing is looked up before a call needs it.
class QUIRE_API Database {
 public:
  const std::string& name() const { return name_; }
  Collection collection(std::string_view name = "_default") const;

  // By name.
  Result<std::vector<std::string>> collections() const;
  // Errors: exists, invalid, too_large, conflict (ids of _default begin with the name and a colon).
  Status create_collection(std::string_view name);
  // With all its documents, at once. Errors: not_found, invalid (_default).
  Status drop_collection(std::string_view name);

  // Many writes, in order, with one sync for all: an answer each. Where they are atomic, one that fails fails
  // the call and nothing is written.
  Result<std::vector<Result<Written>>> write(const std::vector<Write>& writes,
                                             const BulkOptions& options = {});

  Result<Changes> changes(const ChangesOptions& options = {}) const;
  Result<DatabaseFigures> figures() const;

 private:
  friend class Quire;
  Database(std::shared_ptr<Core> core, std::string name);
  std::shared_ptr<Core> core_;
  std::string name_;
};

// An open directory.
class QUIRE_API Quire {
 public:
  // "main" exists from the start.
  Database database(std::string_view name = "main") const;
  Result<std::vector<std::string>> databases() const;
  // Errors: exists, invalid, too_large.
  Status create_database(std::string_view name);
  // With all its files. Errors: not_found.
  Status remove_database(std::string_view name);

  // A consistent copy of everything, made while work goes on, in a directory that must not exist.
  Status backup(const std::string& directory) const;
  // Reads every stored byte and checks it; `damaged` gets a line a finding.
  Status verify(const std::function<void(const std::string&)>& damaged) const;

 private:
  friend QUIRE_API Result<Quire> open(const std::string& directory, const Options& options);
  explicit Quire(std::shared_ptr<Core> core);
  std::shared_ptr<Core> core_;
};

// Opens a directory, or makes one. Errors: locked (another process or handle has it), not_found, corrupt,
// invalid (a directory of something else, or of another version), io.
QUIRE_API Result<Quire> open(const std::string& directory, const Options& options = {});

// Makes a fresh directory of a backup. Positions of feeds that were given out before answer history_lost
// afterwards. Errors: exists, not_found, corrupt, io.
QUIRE_API Status restore(const std::string& backup_directory, const std::string& directory);

QUIRE_NAMESPACE_END
