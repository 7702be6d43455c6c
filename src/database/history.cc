#include "database/history.h"

#include <algorithm>

#include "database/dropped.h"
#include "database/keys.h"
#include "database/tombstone.h"

namespace quire::database {

using storage::Family;

void raise_edge(std::atomic<Sequence>& edge, Sequence to) {
  Sequence now = edge.load(std::memory_order_relaxed);
  while (now < to && !edge.compare_exchange_weak(now, to, std::memory_order_acq_rel)) {
  }
}

HistoryCursor::HistoryCursor(storage::Store& store, const HistoryOptions& options, Sequence until)
    : store_(store), options_(options), until_(until), position_(options.since), snapshot_(store.snapshot()) {
  if (options_.descending)
    position_ = options_.before != 0 ? std::min(options_.before, until_ + 1) : until_ + 1;
  storage::IterateOptions walk{.snapshot = snapshot_.get(),
                               .upper_bound = keys::history(until_ + 1),
                               .fill_cache = false,
                               .read_ahead = true};
  entries_ = store.iterate(Family::history, walk);
  if (options_.current_only) {
    walk.upper_bound = keys::superseded(until_ + 1);
    marks_ = store.iterate(Family::history, walk);
  }
  if (options_.descending) {
    entries_->seek_for_prev(keys::history(position_ - 1));
    if (marks_) marks_->seek_for_prev(keys::superseded(position_ - 1));
  } else {
    entries_->seek(keys::history(options_.since + 1));
    if (marks_) marks_->seek(keys::superseded(options_.since + 1));
  }
  note_mark();
}

HistoryCursor::~HistoryCursor() = default;

// Entries stand before the marks, so that a walk backwards may leave the marks for them.
void HistoryCursor::note_mark() {
  const bool there = marks_ && marks_->valid() && marks_->key().front() == 'S';
  mark_ = there ? keys::sequence_of(marks_->key()) : 0;
}

// True where a later change of the same document, itself not past `until`, has replaced this one.
bool HistoryCursor::superseded(Sequence sequence) {
  if (options_.descending) {
    for (; mark_ > sequence; note_mark()) marks_->prev();
  } else {
    for (; mark_ != 0 && mark_ < sequence; note_mark()) marks_->next();
  }
  if (mark_ != sequence) return false;
  const auto record = decode_superseded(marks_->value());
  return record && record->by <= until_;
}

// To the next entry in the order of the walk; false where there is none.
bool HistoryCursor::move() {
  if (started_) options_.descending ? entries_->prev() : entries_->next();
  started_ = true;
  if (!entries_->valid()) return false;
  return !options_.descending || keys::sequence_of(entries_->key()) > options_.since;
}

Result<bool> HistoryCursor::advance() {
  while (true) {
    if (!move()) return end();
    position_ = keys::sequence_of(entries_->key());
    QUIRE_TRY_STATUS(decode_history_into(entries_->value(), position_, entry_));
    if (options_.collection && entry_.collection != *options_.collection) continue;
    if (marks_ && superseded(position_)) continue;
    if (!entry_.in_tombstone) return true;
    QUIRE_TRY(const bool found, find_hash());
    if (found) return true;
  }
}

Result<bool> HistoryCursor::find(Sequence sequence) {
  if (sequence > until_) return false;
  entries_->seek(keys::history(sequence));
  QUIRE_TRY_STATUS(entries_->status());
  started_ = entries_->valid();
  if (!entries_->valid() || entries_->key() != keys::history(sequence)) return false;
  position_ = sequence;
  QUIRE_TRY_STATUS(decode_history_into(entries_->value(), position_, entry_));
  return entry_.in_tombstone ? find_hash() : Result<bool>(true);
}

// The hash of a removal, as this snapshot has it: from the tombstone while the entry is current, else from
// its mark. False where the collection was dropped and all of it is going: nobody is shown its entries.
Result<bool> HistoryCursor::find_hash() {
  storage::ReadBuffer buffer;
  const std::string key = keys::tombstone(entry_.collection, entry_.id);
  QUIRE_TRY(const bool deleted, store_.get(Family::tombstones, key, buffer, snapshot_.get()));
  if (deleted) {
    QUIRE_TRY(const TombstoneView tombstone, view_tombstone(buffer.view()));
    if (tombstone.sequence == position_) {
      entry_.revision = tombstone.revision;
      return true;
    }
  }
  QUIRE_TRY(const bool marked,
            store_.get(Family::history, keys::superseded(position_), buffer, snapshot_.get()));
  if (marked) {
    QUIRE_TRY(const SupersededRecord mark, decode_superseded(buffer.view()));
    if (mark.hash) {
      entry_.revision.hash = *mark.hash;
      return true;
    }
  }
  QUIRE_TRY(const bool exists,
            store_.get(Family::meta, keys::collection(entry_.collection), buffer, snapshot_.get()));
  if (!exists) return false;
  return Error(ErrorCode::corrupt, "the revision of change " + std::to_string(position_) + " is gone");
}

Result<bool> HistoryCursor::end() {
  QUIRE_TRY_STATUS(entries_->status());
  if (marks_) QUIRE_TRY_STATUS(marks_->status());
  if (!options_.descending) position_ = std::max(position_, until_);
  started_ = false;  // an iterator at its end is not moved again
  return false;
}

Result<Sequence> HistoryCursor::edge(std::span<const CollectionId> collections) {
  storage::ReadBuffer buffer;
  Sequence edge = 0;
  QUIRE_TRY(const bool trimmed, store_.get(Family::meta, keys::kTrim, buffer, snapshot_.get()));
  if (trimmed) {
    QUIRE_TRY(const TrimRecord trim, decode_trim(buffer.view()));
    edge = trim.edge;
  }
  for (const CollectionId collection : collections) {
    const std::string key = keys::counts(collection);
    QUIRE_TRY(const bool counted, store_.get(Family::meta, key, buffer, snapshot_.get()));
    if (counted) {
      QUIRE_TRY(const Counts counts, decode_counts(buffer.view()));
      edge = std::max(edge, counts.edge);
      continue;
    }
    QUIRE_TRY(const auto dropped, find_dropped(collection));
    if (dropped) edge = std::max(edge, dropped->edge);
  }
  return edge;
}

Result<DroppedCollections> HistoryCursor::dropped() { return dropped_collections(store_, snapshot_.get()); }

Result<std::optional<DroppedRecord>> HistoryCursor::find_dropped(CollectionId collection) {
  storage::ReadBuffer buffer;
  QUIRE_TRY(const bool found, store_.get(Family::meta, keys::dropped(collection), buffer, snapshot_.get()));
  if (!found) return std::optional<DroppedRecord>();
  QUIRE_TRY(DroppedRecord record, decode_dropped(buffer.view()));
  return std::optional(std::move(record));
}

Result<std::optional<std::pair<Sequence, HistoryEntry>>> HistoryCursor::next() {
  std::optional<std::pair<Sequence, HistoryEntry>> found;
  QUIRE_TRY(const bool there, advance());
  if (there) found.emplace(position_, std::move(entry_));
  return found;
}

void ChangeListeners::add(std::shared_ptr<ChangeListener> listener) {
  const std::lock_guard lock(mutex_);
  if (closed_) {
    listener->closed();
    return;
  }
  listeners_.push_back(std::move(listener));
}

void ChangeListeners::remove(const std::shared_ptr<ChangeListener>& listener) {
  const std::lock_guard lock(mutex_);
  std::erase(listeners_, listener);
}

void ChangeListeners::changed(Sequence durable) {
  const std::lock_guard lock(mutex_);
  for (const auto& listener : listeners_) listener->changed(durable);
}

void ChangeListeners::closed() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  for (const auto& listener : listeners_) listener->closed();
  listeners_.clear();
}

}  // namespace quire::database
