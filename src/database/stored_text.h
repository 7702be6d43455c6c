#pragma once

#include <optional>
#include <string_view>

#include "database/document_view.h"
#include "document/revision.h"
#include "storage/store.h"

namespace quire::database {

// A revision that is not the winner, from the record of its own; nullopt where that is not kept. Errors:
// corrupt, io.
Result<std::optional<StoredDocument>> stored_text(storage::Store& store, CollectionId collection,
                                                  std::string_view id, const document::Revision& revision,
                                                  const storage::Snapshot* snapshot = nullptr);

}  // namespace quire::database
