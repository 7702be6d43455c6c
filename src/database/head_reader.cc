#include "database/head_reader.h"

#include <optional>
#include <string>
#include <vector>

#include "database/keys.h"
#include "database/tombstone.h"

namespace quire::database {

using storage::Family;

namespace {

// The head as `get` finds it, in one place or the other; empty where it is in neither. The document may move
// from the second to the first between the two looks.
template <class Get>
Result<RecordRef> look(CollectionId collection, std::string_view id, const Get& get) {
  thread_local std::string key;
  storage::ReadBuffer buffer;
  keys::head_to(key, collection, id);
  QUIRE_TRY(const bool stands, get(Family::documents, key, buffer));
  if (stands) return RecordRef::copy(buffer.view());
  keys::tombstone_to(key, collection, id);
  QUIRE_TRY(const bool deleted, get(Family::tombstones, key, buffer));
  if (!deleted) return RecordRef{};
  QUIRE_TRY(const std::string head, head_of_tombstone(buffer.view()));
  return RecordRef::copy(head);
}

}  // namespace

Result<RecordRef> HeadReader::read(CollectionId collection, std::string_view id, Absence absence) const {
  const DocumentCache::Key key = cache_key(collection, id);
  DocumentCache::Ticket ticket = 0;
  if (RecordRef cached = cache_.find(key, ticket)) return cached.absent() ? RecordRef{} : cached;
  QUIRE_TRY(RecordRef record, look(collection, id, [this](Family family, std::string_view at, auto& buffer) {
              return store_.get(family, at, buffer);
            }));
  if (!record) {
    if (cache_.unchanged(key, ticket)) {
      if (absence == Absence::remembered) cache_.put_absence(key, ticket);
      return record;
    }
    // Both looks at one state of the store: a document that is deleted and written anew all the while is
    // never missed.
    const auto snapshot = store_.snapshot();
    return read_at(collection, id, *snapshot);
  }
  cache_.put(key, record, ticket);
  return record;
}

Status HeadReader::read_ahead(CollectionId collection, std::span<const std::string_view> ids) const {
  struct Wanted {
    std::string_view id;
    DocumentCache::Key key;
    DocumentCache::Ticket ticket = 0;
  };
  std::vector<Wanted> wanted;
  std::vector<std::string> keys;
  for (const std::string_view id : ids) {
    Wanted one{.id = id, .key = cache_key(collection, id)};
    if (cache_.find(one.key, one.ticket)) continue;
    keys::head_to(keys.emplace_back(), collection, id);
    wanted.push_back(one);
  }
  std::vector<Wanted> absent;
  QUIRE_TRY_STATUS(store_.get_many(Family::documents, keys, [&](std::size_t i, auto value) {
    if (value) {
      cache_.put(wanted[i].key, RecordRef::copy(*value), wanted[i].ticket);
    } else {
      absent.push_back(wanted[i]);
    }
  }));
  keys.clear();
  for (const Wanted& one : absent) keys::tombstone_to(keys.emplace_back(), collection, one.id);
  return store_.get_many(Family::tombstones, keys, [&](std::size_t i, auto value) {
    if (value || !cache_.unchanged(absent[i].key, absent[i].ticket)) return;
    cache_.put_absence(absent[i].key, absent[i].ticket);
  });
}

Result<RecordRef> HeadReader::read_at(CollectionId collection, std::string_view id,
                                      const storage::Snapshot& snapshot) const {
  return look(collection, id, [&](Family family, std::string_view at, auto& buffer) {
    return store_.get(family, at, buffer, &snapshot);
  });
}

Result<RecordRef> HeadReader::read_cached(CollectionId collection, std::string_view id, Misses misses) const {
  const DocumentCache::Key key = cache_key(collection, id);
  DocumentCache::Ticket ticket = 0;
  if (RecordRef cached = cache_.find(key, ticket)) return cached.absent() ? RecordRef{} : cached;
  const auto get = [this](Family family, std::string_view at, auto& buffer) -> Result<bool> {
    QUIRE_TRY(const auto found, store_.get_cached(family, at, buffer));
    if (found == storage::Store::Found::unknown) return not_in_memory();
    return found == storage::Store::Found::yes;
  };
  QUIRE_TRY(RecordRef record, look(collection, id, get));
  if (!record) {
    const bool sure = misses == Misses::looked_at_again || cache_.unchanged(key, ticket);
    return sure ? Result<RecordRef>(RecordRef{}) : not_in_memory();
  }
  cache_.put(key, record, ticket);
  return record;
}

}  // namespace quire::database
