#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "database/shard.h"
#include "engine/decide.h"
#include "engine/documents.h"

namespace quire::engine {

// The changes of a call that never reached the shard, by their place in the list, rising.
using RefusedRows = std::vector<std::pair<std::size_t, Error>>;

// Puts the refused rows back among those that were done.
WriteResult merge_rows(RefusedRows refused, WriteResult done);

// Turns the changes of one call into edits for a shard: asks decide() for each collection, finds or makes the
// collections, and refuses what the caller may not write. Used once; what it is given outlives it.
class WritePlan {
 public:
  WritePlan(const Caller& caller, const DatabaseAddress& address, database::Shard& shard,
            const Authority& authority, const database::Fence& fence, const WriteOptions& options)
      : caller_(caller),
        address_(address),
        shard_(shard),
        authority_(authority),
        fence_(fence),
        options_(options) {}

  // An error where the call as a whole is refused: it is atomic and a change cannot be done, or the caller
  // may not write in any of the collections named.
  Result<std::vector<database::Edit>> make(std::vector<Change> changes);

  RefusedRows take_refused() { return std::move(refused_); }

 private:
  Status refuse_together(const std::vector<Change>& changes);
  struct Place {
    std::string name;
    database::CollectionId id = 0;
    Predicate predicate;
  };
  // The collection of the change: made, where it may be and the change could put a document into it.
  Result<const Place*> place(const Change& change);
  Result<database::Edit> make_edit(Change&& change);
  // Where a rule says which documents may be written: both the present text and the new one must obey it.
  Status obey(const Place& place, Change& change);

  const Caller caller_;
  const DatabaseAddress address_;
  database::Shard& shard_;
  const Authority& authority_;
  const database::Fence& fence_;
  const WriteOptions& options_;
  std::vector<std::unique_ptr<Place>> places_;  // those that this call has met
  RefusedRows refused_;
};

}  // namespace quire::engine
