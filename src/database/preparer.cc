#include "database/preparer.h"

#include "base/hash.h"
#include "database/change_builder.h"

namespace quire::database {

std::uint64_t slot_of(CollectionId collection, std::string_view id) {
  return table_hash(id) ^ table_hash(std::uint64_t{collection});
}

// The head, and the texts and ancestors that stand beside it, are read one after the other. Where the
// document moves in between they may not belong together; what looks like damage then is none.
Result<PreparedChange> Preparer::prepare(const Edit& edit, bool memory_only) const {
  const Edit* const alone = &edit;
  return prepare(std::span(&alone, 1), memory_only);
}

Result<PreparedChange> Preparer::prepare(std::span<const Edit* const> edits, bool memory_only) const {
  while (true) {
    ChangeBuilder builder(*this, *edits.front(), memory_only);
    Result<PreparedChange> prepared = edits.size() == 1 ? builder.build() : builder.build(edits);
    if (prepared || prepared.error().code() != ErrorCode::corrupt) return prepared;
    QUIRE_TRY(const bool moved, builder.has_moved());
    if (!moved) return prepared;
  }
}

}  // namespace quire::database
