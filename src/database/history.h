#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "database/change_listener.h"
#include "database/records.h"
#include "storage/store.h"

namespace quire::database {

struct HistoryOptions {
  Sequence since = 0;                        // exclusive
  std::optional<CollectionId> collection{};  // none: all
  bool current_only = false;                 // leave out what a later change of the same document supersedes
  bool descending = false;                   // from the newest to the oldest
  Sequence before = 0;                       // of descending: exclusive, from here; 0: from the newest
};

// Raises what says how far changes are gone, before the first of them goes. Any thread.
void raise_edge(std::atomic<Sequence>& edge, Sequence to);

// Walks a shard's history in commit order or against it, up to what was durable at its making. An entry that
// left its hash to a tombstone gets it from there, which is a get; every other costs a step of an iterator.
// Views are valid until the next move. One thread at a time; holds a snapshot of the store: for the length of
// a call. Destroyed before its shard.
class HistoryCursor {
 public:
  HistoryCursor(storage::Store& store, const HistoryOptions& options, Sequence until);
  ~HistoryCursor();

  // Moves to the next entry; false at the end, after which position() is `until`, or, descending, that of the
  // last entry.
  Result<bool> advance();
  // Moves to the entry of this sequence, whatever the walk leaves out; false where it is not there.
  Result<bool> find(Sequence sequence);
  // The last sequence that the walk shows.
  Sequence until() const { return until_; }
  // Where advance() came to. The entry may be moved from.
  Sequence sequence() const { return position_; }
  HistoryEntry& entry() { return entry_; }

  // Both in one, for callers that do not count nanoseconds; nullopt at the end.
  Result<std::optional<std::pair<Sequence, HistoryEntry>>> next();
  // Everything up to here was looked at.
  Sequence position() const { return position_; }

  // In the state that is walked: the last change that is gone of those that trimming took, whosever they
  // were, and of those of these collections, dropped ones too, that went with the commit that replaced them.
  // 0: all are kept.
  Result<Sequence> edge(std::span<const CollectionId> collections);
  // In the same state: a collection that is dropped and of which something is left.
  Result<std::optional<DroppedRecord>> find_dropped(CollectionId collection);
  Result<DroppedCollections> dropped();

 private:
  bool move();
  bool superseded(Sequence sequence);
  void note_mark();
  Result<bool> find_hash();
  Result<bool> end();

  storage::Store& store_;
  HistoryOptions options_;
  Sequence until_;
  Sequence position_;
  HistoryEntry entry_;
  bool started_ = false;
  std::unique_ptr<storage::Snapshot> snapshot_;
  std::unique_ptr<storage::Iterator> entries_;
  std::unique_ptr<storage::Iterator> marks_;  // of superseded entries, walked in step
  Sequence mark_ = 0;                         // where marks_ stands
};

// Who is told when a shard's history grows. Thread-safe. A listener is never called after remove() returned.
class ChangeListeners {
 public:
  void add(std::shared_ptr<ChangeListener> listener);
  void remove(const std::shared_ptr<ChangeListener>& listener);
  void changed(Sequence durable);
  void closed();

 private:
  std::mutex mutex_;
  std::vector<std::shared_ptr<ChangeListener>> listeners_;  // guarded by mutex_
  bool closed_ = false;                                     // guarded by mutex_
};

}  // namespace quire::database
