#include "database/document_view.h"

#include "database/keys.h"
#include "database/records.h"
#include "database/stored_text.h"
#include "database/stored_tree.h"

namespace quire::database {

using document::Revision;
using storage::Family;

Result<StoredDocument> from_head(RecordRef record) {
  QUIRE_TRY(StoredDocument document, from_head(record.view()));
  document.record = std::move(record);
  return document;
}

Result<StoredDocument> from_head(std::string_view bytes) {
  QUIRE_TRY(const HeadRecord head, decode_head(bytes));
  StoredDocument document;
  QUIRE_TRY(document.revision, winner_revision(head));
  document.deleted = head.deleted;
  document.sequence = head.sequence;
  document.body = head.body;
  document.attachments = head.attachments;
  document.tree = head.tree;
  document.whole_tree = head.chunked == 0;
  return document;
}

Result<std::unique_ptr<DocumentView>> DocumentView::open(storage::Store& store, const HeadReader& heads,
                                                         CollectionId collection, std::string_view id) {
  std::unique_ptr<DocumentView> view(new DocumentView(store, collection, id));
  QUIRE_TRY(RecordRef record, heads.read_at(collection, id, *view->snapshot_));
  if (!record) return std::unique_ptr<DocumentView>();
  QUIRE_TRY(const HeadRecord head, decode_head(record.view()));
  view->stub_ = head.stub;
  QUIRE_TRY(view->tree_, load_tree(store, collection, id, head, view->snapshot_.get()));
  QUIRE_TRY(view->winner_, from_head(std::move(record)));
  return view;
}

Result<std::optional<StoredDocument>> DocumentView::text(const Revision& revision) const {
  if (revision == winner_.revision) return std::optional(winner_);
  return stored_text({.store = store_,
                      .collection = collection_,
                      .id = id_,
                      .winner = winner_.revision,
                      .winner_body = winner_.body,
                      .snapshot = snapshot_.get()},
                     revision);
}

Result<Kept> DocumentView::kept(const Revision& revision) const {
  if (revision == winner_.revision) return winner_.deleted ? Kept::deletion : Kept::text;
  storage::ReadBuffer buffer;
  const std::string key = keys::revision(collection_, id_, revision);
  QUIRE_TRY(const bool found, store_.get(Family::documents, key, buffer, snapshot_.get()));
  if (!found) return Kept::nothing;
  QUIRE_TRY(const RevisionRecord text, decode_revision(buffer.view()));
  return text.deleted ? Kept::deletion : Kept::text;
}

}  // namespace quire::database
