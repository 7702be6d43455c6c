#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/call.h"
#include "base/clock.h"
#include "base/executor.h"
#include "base/random.h"
#include "database/change_listener.h"
#include "database/collections.h"
#include "database/document_cache.h"
#include "database/document_view.h"
#include "database/history.h"
#include "database/index_hook.h"
#include "database/read_view.h"
#include "database/records.h"
#include "database/rules.h"
#include "database/types.h"
#include "storage/open.h"
#include "storage/store.h"

namespace quire::database {

// What a shard is handed; everything outlives it.
struct Environment {
  const Clock& clock;
  Random& random;
  Executor& executor;
  DocumentCache& documents;
  std::vector<const IndexHookFactory*> index_kinds;
  std::vector<const DocumentRuleFactory*> rule_kinds{};
};

// What a database's owner sets.
struct ShardSettings {
  // How long replaced texts and superseded history entries stay, and how many bytes of such texts at most.
  std::int64_t history_ms = 24LL * 3600 * 1000;
  std::uint64_t history_bytes = 2ULL << 20;
  // After this a deleted document keeps only its id and last revision; none: tombstones stay whole.
  std::optional<std::int64_t> tombstone_ms{};
  // Generations that are remembered of each document, in collections that do not say it themselves; 0: the
  // default.
  std::uint64_t revision_limit = 0;
  // Of how many purges clients ask that they be remembered; 0: they have not asked. None is, since a purge
  // leaves nothing: this is for them to read again.
  std::uint64_t purge_limit = 0;
};

struct GetOptions {
  // This revision, a leaf or a kept older one; none: the winner.
  std::optional<document::Revision> revision;
  // Answers unavailable (needs_disk()) rather than waiting for the disk. Winners only.
  bool memory_only = false;
};

struct ListOptions {
  std::string after{};      // exclusive, from here; empty: from the first
  std::string before{};     // exclusive, up to here; empty: to the last
  bool descending = false;  // then `after` and `before` keep their places: ids fall from before to after
  bool include_deleted = false;
};

// An index as its shard knows it.
struct IndexInfo {
  std::uint32_t id = 0;
  CollectionId collection = 0;
  std::string kind;
  std::string definition;
  std::shared_ptr<const IndexHook> hook;
  IndexState state = IndexState::ready;
  std::uint64_t done = 0;   // documents of a build
  std::uint64_t total = 0;  // that there were when it began
  std::string failure;      // of a failed one
  bool multikey = false;
};

class BlobStore;
class CheckpointStore;

// One shard: the unit of ownership, atomicity, durability and backup. All methods may be called from every
// thread.
//
// Reads see every write that was answered, and never wait. A write is answered when it has reached the
// durability it asked for. After a failed write or fsync every write answers read_only, until the shard is
// closed and opened again.
class Shard {
 public:
  // Takes over an open store; makes the first records in an empty one. Errors: corrupt, io.
  static Result<std::unique_ptr<Shard>> open(std::unique_ptr<storage::Store> store,
                                             const Environment& environment, const ShardSettings& settings);
  // Waits for writes under way, syncs what is not yet on disk, tells listeners, and closes the files.
  virtual ~Shard() = default;

  // --- documents
  // Errors: not_found ("missing"; "deleted" for a deleted winner asked for without a revision), corrupt, io.
  virtual Result<StoredDocument> get(CollectionId collection, std::string_view id,
                                     const GetOptions& options = {}) = 0;
  // The head of a document, deleted or not; nullopt where there never was one. For who writes it next: that
  // it is absent is remembered.
  virtual Result<std::optional<StoredDocument>> head(CollectionId collection, std::string_view id) = 0;
  // For who will ask for the heads of all these documents, which is cheaper behind it. A hint: none of it is
  // kept for sure.
  virtual Status read_heads_ahead(CollectionId collection, std::span<const std::string_view> ids) = 0;
  // The whole revision tree, chunked ancestors included, encoded; empty where there is no document.
  virtual Result<std::string> tree(CollectionId collection, std::string_view id) = 0;

  // One state of a document, with its texts and its tree; null where there never was one. Errors: corrupt,
  // io.
  virtual Result<std::unique_ptr<DocumentView>> document(CollectionId collection, std::string_view id) = 0;

  // Calls `visit` with each document in the order of ids, over one snapshot, until it answers false.
  // `limits` is asked every few hundred documents.
  using Visitor = std::function<bool(std::string_view id, const StoredDocument&)>;
  virtual Status list(CollectionId collection, const ListOptions& options, const CallLimits& limits,
                      const Visitor& visit) = 0;

  // One state of the shard, for queries; read_view.h. Errors: corrupt, io.
  virtual Result<std::unique_ptr<ReadView>> view() = 0;

  // Does all edits in one batch where it can. Blocking: returns when the durability is reached.
  // Rows: conflict, exists, not_found, invalid, too_large, ... The call fails as a whole when it is atomic
  // and one edit fails, or with exhausted (queue full), read_only, deadline, cancelled (nothing was written
  // then).
  virtual Result<WriteResult> write(std::vector<Edit> edits, const WriteOptions& options,
                                    const CallLimits& limits = {}) = 0;
  // The same without blocking for the disk: `done` is called once, perhaps before this returns, perhaps on
  // another thread.
  virtual void write_async(std::vector<Edit> edits, const WriteOptions& options, const CallLimits& limits,
                           std::function<void(Result<WriteResult>)> done) = 0;
  // What the items of a request with this id were answered, rising; none where it was not done, or is
  // forgotten by now.
  virtual Result<std::vector<AnsweredItem>> answered(std::string_view request_id) = 0;
  // Returns when no write is under way any more whose fence had moved before this was called. Errors:
  // read_only.
  virtual Status settle() = 0;
  // What reads have shown by now is on disk when this returns; nothing to do where every write asked for
  // that. Errors: io, read_only.
  virtual Status sync_seen() = 0;

  // --- collections
  virtual const Collections& collections() const = 0;
  // Errors: exists, invalid, too_large, conflict (ids of _default already use the name as a prefix).
  virtual Result<CollectionInfo> create_collection(std::string_view name,
                                                   const CollectionSettings& settings = {},
                                                   const Fence& fence = {}) = 0;
  virtual Status drop_collection(std::string_view name, const Fence& fence = {}) = 0;

  // --- rules
  // From now on every new text of the collection's documents obeys the rule; what stands there stays. In the
  // place of the one it had. Errors: invalid (no maker, or it refuses), not_found.
  virtual Status set_rule(CollectionId collection, std::string_view kind, std::string_view definition,
                          const Fence& fence = {}) = 0;
  // Errors: not_found, where it has none.
  virtual Status drop_rule(CollectionId collection, const Fence& fence = {}) = 0;
  virtual std::optional<OpenRule> rule(CollectionId collection) const = 0;

  // --- history
  virtual Position position() const = 0;  // the last durable change
  // Positions from this on are good for every change stream: of what lies behind nothing is gone. Older ones
  // may be good for some, which HistoryCursor::edge() tells.
  virtual Sequence history_edge() const = 0;
  virtual std::unique_ptr<HistoryCursor> history(const HistoryOptions& options) = 0;
  virtual ChangeListeners& listeners() = 0;
  // How many purges there have been.
  virtual std::uint64_t purges() const = 0;

  // --- indexes, seen from below: the query layer decides what they mean
  // Stores the definition, durably, and answers: from here on every write maintains the index, and the
  // entries of what is there are built beside them (index_builder.h). Errors: invalid (no maker), not_found
  // (the collection), exists (an index of this name), exhausted (too many indexes).
  virtual Result<std::uint32_t> create_index(CollectionId collection, std::string_view kind,
                                             std::string_view definition, const Fence& fence = {}) = 0;
  // Gone at once, with its entries. Errors: not_found.
  virtual Status drop_index(std::uint32_t index, const Fence& fence = {}) = 0;
  // All there are, of all collections, by number.
  virtual std::vector<IndexInfo> indexes() const = 0;
  // Returns when the index is no longer being built: it is ready, or has failed, or was dropped. Errors:
  // deadline, cancelled, unavailable (the store failed, and the build stands still).
  virtual Status wait_for_index(std::uint32_t index, const CallLimits& limits = {}) = 0;
  // About how many entries have keys in the range. Exact where they are few.
  virtual Result<std::uint64_t> estimate_entries(std::uint32_t index, const EntryRange& range) = 0;
  // The ids under the keys in [begin, end), in key order, until `visit` answers false.
  virtual Status scan_index(std::uint32_t index, std::string_view begin, std::string_view end,
                            const std::function<bool(std::string_view key, std::string_view id)>& visit) = 0;

  // --- blobs
  virtual BlobStore& blobs() = 0;

  // --- small records beside the documents
  virtual CheckpointStore& checkpoints() = 0;

  // --- care
  // Takes what retention lets go (superseded history, replaced texts, tombstones, request ids, orphaned
  // blobs), and gives space back where enough of it is garbage. Called by the scheduler; returns when the
  // next call is due, if one is.
  virtual Result<std::optional<WallMs>> maintain(const CallLimits& limits) = 0;
  // Lets superseded history and replaced texts go now, whatever the retention, and rewrites the files without
  // what is gone. Long; one after the other, and never beside maintain().
  virtual Status compact(const CallLimits& limits) = 0;
  virtual storage::Store& store() = 0;
  virtual Status health() const = 0;
  // Something is under way that closing would interrupt.
  virtual bool busy() const = 0;
  // There is an index that lets documents expire: maintain() removes what is due.
  virtual bool expires() const = 0;
  virtual void set_settings(const ShardSettings& settings) = 0;
  // Begins a new incarnation: after a restore or a repair, so that positions given out before are told apart.
  virtual Status begin_incarnation() = 0;
};

}  // namespace quire::database
