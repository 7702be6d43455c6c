#pragma once

#include <optional>
#include <string_view>

#include "database/document_view.h"
#include "database/records.h"
#include "document/revision.h"
#include "storage/store.h"

namespace quire::database {

// The record of a text that `next`, the text of its child, replaces: as what the two do not share, where that
// is less than half of it, else whole. `text` is not deleted and no leaf; views of both go into the answer.
RevisionRecord without_shared(const RevisionRecord& text, const document::RevisionHash& child,
                              std::string_view next);

// Where the texts of a document stand that are not its winner's. The winner is that of the state which is
// read: some texts are told by the ones that replaced them.
struct TextsOf {
  storage::Store& store;
  CollectionId collection;
  std::string_view id;
  const document::Revision& winner;
  std::string_view winner_body;
  const storage::Snapshot* snapshot = nullptr;
};

// A revision that is not the winner, from the record of its own; nullopt where that, or a text that it is
// told by, is not kept. Errors: corrupt, io.
Result<std::optional<StoredDocument>> stored_text(const TextsOf& of, const document::Revision& revision);

}  // namespace quire::database
