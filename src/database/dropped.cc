#include "database/dropped.h"

#include <utility>

#include "base/bytes.h"
#include "database/keys.h"

namespace quire::database {

using storage::Family;

Result<DroppedCollections> dropped_collections(storage::Store& store, const storage::Snapshot* snapshot) {
  DroppedCollections all;
  const auto it = store.iterate(
      Family::meta, {.snapshot = snapshot, .upper_bound = keys::after_prefix("P"), .fill_cache = false});
  for (it->seek("P"); it->valid(); it->next()) {
    if (it->key().size() != 5) return Error(ErrorCode::corrupt, "a dropped collection's key is malformed");
    QUIRE_TRY(DroppedRecord record, decode_dropped(it->value()));
    all.emplace(load_u32(it->key().data() + 1), std::move(record));
  }
  QUIRE_TRY_STATUS(it->status());
  return all;
}

void put_dropped(storage::Batch& batch, CollectionId collection, const DroppedRecord& dropped) {
  std::string value;
  encode(dropped, value);
  batch.put(Family::meta, keys::dropped(collection), value);
}

void erase_documents_of(CommitJob& job, CollectionId collection, DroppedRecord& dropped) {
  for (const char letter : {'D', 'R', 'A'}) {
    job.batch.erase_range(Family::documents, keys::range_begin(letter, collection),
                          keys::range_end(letter, collection));
  }
  job.state.garbage_bytes += std::exchange(dropped.bytes, 0);
}

void erase_dropped(CommitJob& job, CollectionId collection, DroppedRecord& dropped) {
  erase_documents_of(job, collection, dropped);  // also where only tombstones were left: of their ancestors
  job.batch.erase_range(Family::tombstones, keys::range_begin('T', collection),
                        keys::range_end('T', collection));
  job.batch.erase(Family::meta, keys::dropped(collection));
}

}  // namespace quire::database
