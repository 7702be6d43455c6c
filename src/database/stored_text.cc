#include "database/stored_text.h"

#include <utility>

#include "database/keys.h"
#include "database/records.h"

namespace quire::database {

Result<std::optional<StoredDocument>> stored_text(storage::Store& store, CollectionId collection,
                                                  std::string_view id, const document::Revision& revision,
                                                  const storage::Snapshot* snapshot) {
  storage::ReadBuffer buffer;
  const std::string key = keys::revision(collection, id, revision);
  QUIRE_TRY(const bool found, store.get(storage::Family::documents, key, buffer, snapshot));
  if (!found) return std::optional<StoredDocument>{};
  StoredDocument document;
  document.record = RecordRef::copy(buffer.view());
  QUIRE_TRY(const RevisionRecord text, decode_revision(document.record.view()));
  document.revision = revision;
  document.deleted = text.deleted;
  document.body = text.body;
  document.attachments = text.attachments;
  return std::optional(std::move(document));
}

}  // namespace quire::database
