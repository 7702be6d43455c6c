#pragma once

#include <atomic>
#include <string_view>

#include "database/document_cache.h"
#include "database/keys.h"
#include "database/records.h"
#include "storage/store.h"

namespace quire::database {

// Reads heads: from the cache, else from the store, and remembers them. Thread-safe.
class HeadReader {
 public:
  HeadReader(storage::Store& store, DocumentCache& cache, std::uint64_t shard)
      : store_(store), cache_(cache), shard_(shard) {}

  // The record; empty where there is none.
  Result<RecordRef> read(CollectionId collection, std::string_view id) const {
    return read_with(collection, id, [this](std::string_view key, storage::ReadBuffer& buffer) {
      return store_.get(storage::Family::documents, key, buffer);
    });
  }
  // The same without waiting for the disk. Errors: unavailable (needs_disk()), where it stands nowhere else.
  Result<RecordRef> read_cached(CollectionId collection, std::string_view id) const {
    return read_with(
        collection, id, [this](std::string_view key, storage::ReadBuffer& buffer) -> Result<bool> {
          QUIRE_TRY(const auto found, store_.get_cached(storage::Family::documents, key, buffer));
          if (found == storage::Store::Found::unknown) return not_in_memory();
          return found == storage::Store::Found::yes;
        });
  }

  DocumentCache::Key cache_key(CollectionId collection, std::string_view id) const {
    return DocumentCache::key(shard_, collection, id);
  }

 private:
  template <class Get>
  Result<RecordRef> read_with(CollectionId collection, std::string_view id, const Get& get) const {
    const DocumentCache::Key key = DocumentCache::key(shard_, collection, id);
    DocumentCache::Ticket ticket = 0;
    if (RecordRef cached = cache_.find(key, ticket)) return cached;
    thread_local std::string store_key;
    keys::head_to(store_key, collection, id);
    storage::ReadBuffer buffer;
    QUIRE_TRY(const bool found, get(store_key, buffer));
    if (!found) return RecordRef{};
    RecordRef record = RecordRef::copy(buffer.view());
    cache_.put(key, record, ticket);
    return record;
  }

  storage::Store& store_;
  DocumentCache& cache_;
  std::uint64_t shard_;
};

}  // namespace quire::database
