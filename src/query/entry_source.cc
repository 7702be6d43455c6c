// Walks over the entries of an index. Forward they come as the index has them. Backward the keys fall, but
// the ids under one key are to rise, so that an order does not depend on the way an index was walked: the
// entries of a key are gathered and given in reverse, and where they are many, walked forward by a cursor of
// their own.
#include <algorithm>

#include "database/keys.h"
#include "query/sources.h"

namespace quire::query {

namespace {

using database::IndexCursor;
using database::Walk;

bool is_behind(const EntryWalk& walk, std::string_view key, std::string_view id) {
  if (!walk.after) return true;
  if (key != walk.after->key) return walk.backward ? key < walk.after->key : key > walk.after->key;
  return id > walk.after->id;
}

// The spans that a walk that goes on behind a key has still to go over.
std::vector<KeySpan> remaining(const EntryWalk& walk) {
  std::vector<KeySpan> spans = walk.spans;
  if (!walk.after) return spans;
  const std::string& key = walk.after->key;
  if (walk.backward) {
    const std::string end = database::keys::after_prefix(key);
    for (KeySpan& span : spans) {
      if (!end.empty() && (span.to.empty() || span.to > end)) span.to = end;
    }
  } else {
    for (KeySpan& span : spans) span.from = std::max(span.from, key);
  }
  std::erase_if(spans, [](const KeySpan& span) { return !span.to.empty() && span.from >= span.to; });
  return spans;
}

class ForwardEntries final : public EntrySource {
 public:
  ForwardEntries(const Documents& documents, const EntryWalk& walk, Watch& watch)
      : walk_(walk), spans_(remaining(walk)), watch_(watch) {
    if (spans_.empty()) return;
    cursor_ = documents.view.entries(walk.index, {spans_.front().from, spans_.back().to, Walk::forward});
  }

  Result<bool> next() override {
    if (cursor_ == nullptr) return false;
    for (;;) {
      QUIRE_TRY(const bool more, cursor_->advance());
      if (!more) return false;
      QUIRE_TRY_STATUS(watch_.entry());
      while (!spans_[at_].to.empty() && cursor_->key() >= spans_[at_].to) {
        if (++at_ == spans_.size()) return false;
      }
      if (cursor_->key() < spans_[at_].from) {
        cursor_->skip_to(spans_[at_].from);
        continue;
      }
      if (is_behind(walk_, cursor_->key(), cursor_->id())) return true;
    }
  }
  std::string_view key() const override { return cursor_->key(); }
  std::string_view id() const override { return cursor_->id(); }

 private:
  const EntryWalk walk_;
  const std::vector<KeySpan> spans_;
  Watch& watch_;
  std::unique_ptr<IndexCursor> cursor_;
  std::size_t at_ = 0;
};

class BackwardEntries final : public EntrySource {
 public:
  BackwardEntries(const Documents& documents, const EntryWalk& walk, Watch& watch)
      : documents_(documents), walk_(walk), spans_(remaining(walk)), watch_(watch) {}

  Result<bool> next() override {
    for (;;) {
      QUIRE_TRY(const bool more, next_of_run());
      if (!more) {
        QUIRE_TRY(const bool another, gather_run());
        if (!another) return false;
        continue;
      }
      if (is_behind(walk_, key_, id_)) return true;
    }
  }
  std::string_view key() const override { return key_; }
  std::string_view id() const override { return id_; }

 private:
  // The next id of the key that was gathered.
  Result<bool> next_of_run() {
    if (forward_ != nullptr) {
      QUIRE_TRY(const bool more, forward_->advance());
      if (more) {
        QUIRE_TRY_STATUS(watch_.entry());
        id_ = forward_->id();
        return true;
      }
      forward_.reset();
      return false;
    }
    if (run_.empty()) return false;
    id_ = std::move(run_.back());
    run_.pop_back();
    return true;
  }

  // The entry in front of those that were walked over, left in the cursor.
  Result<bool> peek() {
    if (std::exchange(peeked_, false)) return true;
    for (;;) {
      if (cursor_ == nullptr) {
        if (spans_.empty()) return false;
        const KeySpan& span = spans_.back();
        cursor_ = documents_.view.entries(walk_.index, {span.from, span.to, Walk::backward});
      }
      QUIRE_TRY(const bool more, cursor_->advance());
      if (more) {
        QUIRE_TRY_STATUS(watch_.entry());
        return true;
      }
      cursor_.reset();
      spans_.pop_back();
    }
  }

  Result<bool> gather_run() {
    QUIRE_TRY(bool more, peek());
    if (!more) return false;
    key_ = cursor_->key();
    while (more && cursor_ != nullptr && cursor_->key() == key_) {
      if (run_.size() == tuning::kReversedEntries) return walk_run_forward();
      run_.emplace_back(cursor_->id());
      QUIRE_TRY(more, peek());
    }
    peeked_ = more;
    return true;
  }

  Result<bool> walk_run_forward() {
    run_.clear();
    forward_ =
        documents_.view.entries(walk_.index, {key_, database::keys::after_prefix(key_), Walk::forward});
    // The walk goes on in front of this key.
    cursor_.reset();
    spans_.back().to = key_;
    if (spans_.back().from >= key_) spans_.pop_back();
    return true;
  }

  const Documents documents_;
  const EntryWalk walk_;
  std::vector<KeySpan> spans_;  // the last one is being walked
  Watch& watch_;
  std::unique_ptr<IndexCursor> cursor_;
  bool peeked_ = false;           // the cursor stands at an entry that nobody has taken
  std::vector<std::string> run_;  // ids of key_, falling
  std::unique_ptr<IndexCursor> forward_;
  std::string key_;
  std::string id_;
};

}  // namespace

std::unique_ptr<EntrySource> walk_entries(const Documents& documents, const EntryWalk& walk, Watch& watch) {
  if (walk.backward) return std::make_unique<BackwardEntries>(documents, walk, watch);
  return std::make_unique<ForwardEntries>(documents, walk, watch);
}

}  // namespace quire::query
