#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "database/document_cache.h"
#include "storage/store.h"

namespace quire::database {

// Reads heads: from the cache, else from the store, and remembers them. A head stands in the documents, or as
// a tombstone (tombstone.h); what is answered is a head record either way. Thread-safe.
class HeadReader {
 public:
  HeadReader(storage::Store& store, DocumentCache& cache, std::uint64_t shard)
      : store_(store), cache_(cache), shard_(shard) {}

  // The record; empty where there is none, which is remembered on request: who asks will write it.
  enum class Absence : std::uint8_t { forgotten, remembered };
  Result<RecordRef> read(CollectionId collection, std::string_view id,
                         Absence absence = Absence::forgotten) const;
  // Reads those that the cache has not, at once, so that read() of each needs the memory only. A hint.
  Status read_ahead(CollectionId collection, std::span<const std::string_view> ids) const;
  // As it was in a snapshot; past the cache.
  Result<RecordRef> read_at(CollectionId collection, std::string_view id,
                            const storage::Snapshot& snapshot) const;
  // The same without waiting for the disk. Errors: unavailable (needs_disk()), where it stands nowhere else.
  // A document that is deleted or written anew meanwhile may look as if it never was: where nobody looks
  // again, as the committer does, such a miss is that error too.
  enum class Misses : std::uint8_t { sure, looked_at_again };
  Result<RecordRef> read_cached(CollectionId collection, std::string_view id, Misses misses) const;

  DocumentCache::Key cache_key(CollectionId collection, std::string_view id) const {
    return DocumentCache::key(shard_, collection, id);
  }

 private:
  storage::Store& store_;
  DocumentCache& cache_;
  std::uint64_t shard_;
};

}  // namespace quire::database
