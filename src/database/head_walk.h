#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "database/shard.h"
#include "storage/store.h"

namespace quire::database {

// Walks the heads of a collection in the order of ids, over one snapshot: those among the documents, and with
// `include_deleted` the tombstones between them. Views are valid until the next move. One thread at a time;
// destroyed before its store.
class HeadWalk {
 public:
  HeadWalk(storage::Store& store, CollectionId collection, const ListOptions& options);

  bool valid() const { return at_ != nullptr; }
  std::string_view id() const;
  // As records.h lays it out. Errors: corrupt.
  Result<std::string_view> record();
  void next();
  Status status() const;

 private:
  // One of the two places.
  struct Place {
    std::string first;  // the first key that is wanted
    std::unique_ptr<storage::Iterator> iterator;
    bool valid() const { return iterator && iterator->valid() && iterator->key() >= first; }
    std::string_view id() const;
  };
  Place open(char letter, CollectionId collection, const ListOptions& options) const;
  void choose();

  storage::Store& store_;
  const bool descending_;
  const std::unique_ptr<storage::Snapshot> snapshot_;
  Place documents_;
  Place tombstones_;
  Place* at_ = nullptr;
  std::string expanded_;
};

}  // namespace quire::database
