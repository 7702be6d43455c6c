#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "database/types.h"
#include "document/revision.h"

// How the head of a deleted document lies where nothing but the deletion is left: without a text or
// attachments, and with one line of revisions that all are digests. That is nearly every deletion, and a
// database may have many more of them than documents, so they stand in a family of their own, in few bytes
// (docs/formats/records.md, "A tombstone"): a revision that Quire derived from its parent is not stored, but
// derived again. Whoever reads a head gets the record of records.h, whichever of the two it was made from.
namespace quire::database {

// Appends the tombstone that says what this encoded head says; false, and nothing, where it says more or is
// malformed.
bool to_tombstone(std::string_view head_record, std::string& out);
// The head that a tombstone stands for. Errors: corrupt, for all that to_tombstone() does not write.
Result<std::string> head_of_tombstone(std::string_view tombstone);
// What the history wants of a tombstone. Errors: as those of head_of_tombstone().
struct TombstoneView {
  document::Revision revision;
  Sequence sequence = 0;
};
Result<TombstoneView> view_tombstone(std::string_view tombstone);
// Writes the sequence into a tombstone, in place: the committer knows it last.
void set_tombstone_sequence(std::string& tombstone, Sequence sequence);

}  // namespace quire::database
