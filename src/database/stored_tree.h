#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "database/prepared_change.h"
#include "database/records.h"
#include "document/revision_tree.h"
#include "storage/store.h"

// A document's revision tree as it lies in records. A linear tree keeps its newest nodes in the head and
// older ones in chunks, so that an edit writes little however long the history is. A tree with branches
// stands whole in the head.
namespace quire::database {

struct StoredTree {
  std::string tree;           // for the head
  std::uint64_t chunked = 0;  // for the head
};

// The whole tree, chunks included; of a head that was read from the snapshot, if there is one.
Result<document::RevisionTree> load_tree(storage::Store& store, CollectionId collection, std::string_view id,
                                         const HeadRecord& head, const storage::Snapshot* snapshot = nullptr);

// The tree of a document whose only leaf gets a child: the usual edit. Chunk records go into `change`.
Result<StoredTree> extend_linear(storage::Store& store, const document::LinearTree& linear,
                                 std::uint64_t chunked, const document::Revision& child, bool deleted,
                                 std::uint64_t revision_limit, std::string_view id, PreparedChange& change);

// Any tree, stemmed; replaces what stood there before. Chunk records go into `change`.
Result<StoredTree> store_tree(storage::Store& store, document::RevisionTree tree,
                              std::uint64_t chunked_before, std::uint64_t revision_limit, std::string_view id,
                              PreparedChange& change);

}  // namespace quire::database
