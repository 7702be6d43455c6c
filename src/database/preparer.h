#pragma once

#include <atomic>
#include <span>
#include <string_view>

#include "base/result.h"
#include "database/collections.h"
#include "database/head_reader.h"
#include "database/indexes.h"
#include "database/prepared_change.h"
#include "database/rules.h"
#include "database/shard.h"

namespace quire::database {

// Works out what an edit would write, on its caller's thread, against what the shard holds now: checks, the
// new revision, the tree, the winner, index keys, counts. Writes nothing. Callable from every thread at the
// same time.
class Preparer {
 public:
  // `committed`: the last sequence whose batch has been applied.
  Preparer(storage::Store& store, const HeadReader& heads, const Collections& collections,
           const Indexes& indexes, const Rules& rules, const std::atomic<Sequence>& committed,
           const std::atomic<bool>& keep_history)
      : store_(store),
        heads_(heads),
        collections_(collections),
        indexes_(indexes),
        rules_(rules),
        committed_(committed),
        keep_history_(keep_history) {}

  // Errors: not_found, conflict, exists, invalid, too_large, corrupt, io, and what a transform or the
  // collection's rule answers; with
  // `memory_only`, unavailable (needs_disk()) where the document's head is not in memory.
  Result<PreparedChange> prepare(const Edit& edit, bool memory_only = false) const;
  // Replicated revisions of one document, none of which carries attachments over, as one change: a document
  // of many conflicts is read and written once for all of them. Each has its place in PreparedChange::joined.
  Result<PreparedChange> prepare(std::span<const Edit* const> edits, bool memory_only) const;

 private:
  friend class ChangeBuilder;

  storage::Store& store_;
  const HeadReader& heads_;
  const Collections& collections_;
  const Indexes& indexes_;
  const Rules& rules_;
  const std::atomic<Sequence>& committed_;
  const std::atomic<bool>& keep_history_;
};

}  // namespace quire::database
