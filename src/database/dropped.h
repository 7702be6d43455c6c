#pragma once

#include "base/result.h"
#include "database/committer.h"
#include "database/records.h"
#include "storage/store.h"

// What stays of a dropped collection: its history, and for as long as that may hold so much, the documents
// that it shows. No name leads there any more.
namespace quire::database {

// As a snapshot has them, or, without one, as they are now.
Result<DroppedCollections> dropped_collections(storage::Store& store,
                                               const storage::Snapshot* snapshot = nullptr);
void put_dropped(storage::Batch& batch, CollectionId collection, const DroppedRecord& dropped);
// With every text that is kept of them; tombstones stay, where removals in the history have their hashes.
void erase_documents_of(CommitJob& job, CollectionId collection, DroppedRecord& dropped);
// When the history has nothing of it any more.
void erase_dropped(CommitJob& job, CollectionId collection, DroppedRecord& dropped);

}  // namespace quire::database
