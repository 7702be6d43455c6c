#include "database/head_walk.h"

#include "database/keys.h"
#include "database/tombstone.h"

// A document stands in one of the two places, so that no id comes twice.

namespace quire::database {

using storage::Family;

std::string_view HeadWalk::Place::id() const { return keys::head_id(iterator->key()); }

HeadWalk::HeadWalk(storage::Store& store, CollectionId collection, const ListOptions& options)
    : store_(store), descending_(options.descending), snapshot_(store.snapshot()) {
  documents_ = open('D', collection, options);
  if (options.include_deleted) tombstones_ = open('T', collection, options);
  choose();
}

HeadWalk::Place HeadWalk::open(char letter, CollectionId collection, const ListOptions& options) const {
  const std::string begin = keys::range_begin(letter, collection);
  const std::string end =
      options.before.empty() ? keys::range_end(letter, collection) : begin + options.before;
  Place place;
  place.first = options.after.empty() ? begin : begin + options.after + '\0';
  place.iterator = store_.iterate(letter == 'D' ? Family::documents : Family::tombstones,
                                  {.snapshot = snapshot_.get(), .upper_bound = end, .fill_cache = false});
  if (!descending_) {
    place.iterator->seek(place.first);
    return place;
  }
  place.iterator->seek_for_prev(end);
  if (place.iterator->valid() && place.iterator->key() == end) place.iterator->prev();
  return place;
}

void HeadWalk::choose() {
  at_ = documents_.valid() ? &documents_ : nullptr;
  if (!tombstones_.valid()) return;
  const bool sooner = at_ == nullptr ||
                      (descending_ ? tombstones_.id() > documents_.id() : tombstones_.id() < documents_.id());
  if (sooner) at_ = &tombstones_;
}

std::string_view HeadWalk::id() const { return at_->id(); }

Result<std::string_view> HeadWalk::record() {
  if (at_ == &documents_) return at_->iterator->value();
  QUIRE_TRY(expanded_, head_of_tombstone(at_->iterator->value()));
  return std::string_view(expanded_);
}

void HeadWalk::next() {
  descending_ ? at_->iterator->prev() : at_->iterator->next();
  choose();
}

Status HeadWalk::status() const {
  QUIRE_TRY_STATUS(documents_.iterator->status());
  return tombstones_.iterator ? tombstones_.iterator->status() : ok();
}

}  // namespace quire::database
