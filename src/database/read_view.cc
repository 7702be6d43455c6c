#include "database/read_view.h"

#include "base/bytes.h"
#include "database/head_reader.h"
#include "database/keys.h"
#include "database/local_read_view.h"
#include "database/records.h"
#include "database/tuning.h"

// A walk over documents does as little as it can for each: it steps the store's iterator, skips the front of
// the head, and points into the store's block. A record that does not look right goes through decode_head(),
// which says what is wrong.

namespace quire::database {

using storage::Family;

namespace {

// Bytes of a head's key before the id, and of an entry's before the index's key.
constexpr std::size_t kPrefixBytes = 5;

// An iterator over the keys between two bounds, in one direction.
class BoundedWalk {
 public:
  BoundedWalk(storage::Store& store, Family family, std::string first, const storage::IterateOptions& options,
              Walk walk)
      : first_(std::move(first)), end_(options.upper_bound), forward_(walk == Walk::forward) {
    iterator_ = store.iterate(family, options);
  }

  // False at the end, or where the store failed.
  bool advance() {
    if (!begun_) {
      begun_ = true;
      forward_ ? iterator_->seek(first_) : seek_below(end_);
    } else if (pending_) {
      forward_ ? iterator_->seek(skipped_to_) : seek_below(skipped_to_);
    } else if (iterator_->valid()) {
      forward_ ? iterator_->next() : iterator_->prev();
    }
    pending_ = false;
    return iterator_->valid() && (forward_ || iterator_->key() >= first_);
  }

  // Never back, and never past the bounds.
  void skip_to(std::string key) {
    if (forward_ ? key <= first_ : key >= end_) return;
    if (begun_) {
      if (!iterator_->valid()) return;
      if (forward_ ? key <= iterator_->key() : key > iterator_->key()) return;
      skipped_to_ = std::move(key);
      pending_ = true;
    } else if (forward_) {
      first_ = std::move(key);
    } else {
      end_ = std::move(key);
    }
  }

  std::string_view key() const { return iterator_->key(); }
  std::string_view value() const { return iterator_->value(); }
  Status status() const { return iterator_->status(); }

 private:
  void seek_below(const std::string& end) {
    iterator_->seek_for_prev(end);
    if (iterator_->valid() && iterator_->key() == end) iterator_->prev();
  }

  std::string first_;
  std::string end_;
  std::string skipped_to_;
  const bool forward_;
  bool begun_ = false;
  bool pending_ = false;
  std::unique_ptr<storage::Iterator> iterator_;
};

class HeadCursor final : public DocumentCursor {
 public:
  explicit HeadCursor(BoundedWalk walk) : walk_(std::move(walk)) {}

  Result<bool> advance() override {
    while (walk_.advance()) {
      switch (look_at_head(walk_.value(), body_)) {
        case HeadLook::live: return true;
        case HeadLook::deleted: break;
        case HeadLook::damaged: {
          const auto head = decode_head(walk_.value());
          return head ? Error(ErrorCode::corrupt, "a head record is malformed") : head.error();
        }
      }
    }
    QUIRE_TRY_STATUS(walk_.status());
    return false;
  }
  std::string_view id() const override { return walk_.key().substr(kPrefixBytes); }
  std::string_view body() const override { return body_; }
  Result<document::Revision> revision() const override {
    QUIRE_TRY(const HeadRecord head, decode_head(walk_.value()));
    return winner_revision(head);
  }

 private:
  BoundedWalk walk_;
  std::string_view body_;
};

class EntryCursor final : public IndexCursor {
 public:
  EntryCursor(BoundedWalk walk, std::string prefix) : walk_(std::move(walk)), prefix_(std::move(prefix)) {}

  Result<bool> advance() override {
    if (!walk_.advance()) {
      QUIRE_TRY_STATUS(walk_.status());
      return false;
    }
    const std::string_view entry = walk_.key().substr(kPrefixBytes);
    QUIRE_TRY(const std::size_t length, decode_index_value(walk_.value(), entry.size()));
    key_ = entry.substr(0, length);
    id_ = entry.substr(length);
    return true;
  }
  void skip_to(std::string_view key) override { walk_.skip_to(prefix_ + std::string(key)); }
  std::string_view key() const override { return key_; }
  std::string_view id() const override { return id_; }

 private:
  BoundedWalk walk_;
  const std::string prefix_;
  std::string_view key_;
  std::string_view id_;
};

}  // namespace

LocalReadView::LocalReadView(storage::Store& store, const HeadReader& heads, const Collections& collections,
                             const Indexes& indexes)
    : store_(store),
      heads_(heads),
      collections_(collections),
      indexes_(indexes.list()),
      snapshot_(store.snapshot()) {}

Status LocalReadView::begin() {
  storage::ReadBuffer buffer;
  QUIRE_TRY(const bool found, store_.get(Family::meta, keys::kState, buffer, snapshot_.get()));
  if (!found) return Error(ErrorCode::corrupt, "the shard's state record is gone");
  QUIRE_TRY(const StateRecord state, decode_state(buffer.view()));
  sequence_ = state.sequence;
  return ok();
}

// A change has a sequence beyond all earlier ones, and the cache never holds an older head after a newer one
// was applied: a head of now that this view's sequence covers is the view's own.
Result<std::optional<ReadView::Found>> LocalReadView::get(CollectionId collection, std::string_view id) {
  QUIRE_TRY(RecordRef record, heads_.read(collection, id));
  if (record) {
    QUIRE_TRY(const HeadRecord head, decode_head(record.view()));
    if (head.sequence <= sequence_) return found(std::move(record), head);
  }
  keys::head_to(key_, collection, id);
  QUIRE_TRY(const bool stands, store_.get(Family::documents, key_, buffer_, snapshot_.get()));
  if (!stands) return std::optional<Found>{};  // there was none, or it was deleted then
  record = RecordRef::copy(buffer_.view());
  QUIRE_TRY(const HeadRecord head, decode_head(record.view()));
  return found(std::move(record), head);
}

Result<std::optional<ReadView::Found>> LocalReadView::found(RecordRef record, const HeadRecord& head) {
  if (head.deleted) return std::optional<Found>{};
  QUIRE_TRY(const document::Revision revision, winner_revision(head));
  return std::optional(Found{.body = head.body, .revision = revision, .record = std::move(record)});
}

bool LocalReadView::fits_cache(CollectionId collection) const {
  const auto info = collections_.find(collection);
  return info && info->counts.bytes <= store_.cache_bytes() / tuning::kScansOfCache;
}

std::unique_ptr<DocumentCursor> LocalReadView::documents(CollectionId collection, const IdRange& range) {
  const bool keep = fits_cache(collection);
  const std::string prefix = keys::heads(collection);
  const storage::IterateOptions options{
      .snapshot = snapshot_.get(),
      .upper_bound = range.to.empty() ? keys::heads_end(collection) : prefix + range.to,
      .fill_cache = keep,
      .read_ahead = !keep};
  return std::make_unique<HeadCursor>(
      BoundedWalk(store_, Family::documents, prefix + range.from, options, range.walk));
}

std::vector<ViewIndex> LocalReadView::indexes(CollectionId collection) const {
  std::vector<ViewIndex> usable;
  for (const OpenIndex& index : *indexes_) {
    if (index.record.collection != collection || !index.ready()) continue;
    usable.push_back({.id = index.id,
                      .kind = index.record.kind,
                      .hook = index.hook,
                      .multikey = index.multikey->load(std::memory_order_acquire)});
  }
  return usable;
}

std::unique_ptr<IndexCursor> LocalReadView::entries(std::uint32_t index, const EntryRange& range) {
  const std::string prefix = keys::index_entries(index);
  const storage::IterateOptions options{
      .snapshot = snapshot_.get(),
      .upper_bound = range.to.empty() ? keys::after_prefix(prefix) : prefix + range.to};
  return std::make_unique<EntryCursor>(
      BoundedWalk(store_, Family::index, prefix + range.from, options, range.walk), prefix);
}

Result<bool> LocalReadView::has_entry(std::uint32_t index, std::string_view key, std::string_view id) {
  key_ = keys::index_entries(index);
  key_.append(key).append(id);
  QUIRE_TRY(const bool stands, store_.get(Family::index, key_, buffer_, snapshot_.get()));
  if (!stands) return false;
  // Where the key ends is in the value.
  QUIRE_TRY(const std::size_t length, decode_index_value(buffer_.view(), key.size() + id.size()));
  return length == key.size();
}

}  // namespace quire::database
