#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "database/document_cache.h"
#include "database/head_reader.h"
#include "database/types.h"
#include "document/revision_tree.h"
#include "storage/store.h"

namespace quire::database {

// A document as a read found it. Holds the bytes it points into: cheap to move, lives as long as its owner
// likes.
class StoredDocument {
 public:
  document::Revision revision;
  bool deleted = false;
  Sequence sequence = 0;  // of the last change of the document (of a winner), else 0
  std::string_view body;
  std::string_view attachments;  // encoded; decode_attachments()
  std::string_view tree;         // of a winner: the encoded revision tree, without chunked ancestors
  bool whole_tree = true;        // false: older ancestors stand in chunks

  RecordRef record;  // owns the bytes
};

// What a head record says of its winner, in bytes that the caller keeps, or with the record. Errors: corrupt.
Result<StoredDocument> from_head(std::string_view record);
Result<StoredDocument> from_head(RecordRef record);

// One state of a document: winner, tree and texts belong together, however the document moves meanwhile.
// Holds a snapshot of the store: for the length of a call. One thread at a time; destroyed before its shard.
class DocumentView {
 public:
  // Null where there never was such a document. Errors: corrupt, io.
  static Result<std::unique_ptr<DocumentView>> open(storage::Store& store, const HeadReader& heads,
                                                    CollectionId collection, std::string_view id);

  const StoredDocument& winner() const { return winner_; }
  // Its retention is over: nothing is left of the document but the revision of its deletion.
  bool stub() const { return stub_; }
  // The whole tree.
  const document::RevisionTree& tree() const { return tree_; }
  // Each leaf's text is there, and that of an older revision while it is kept; nullopt: it is not.
  Result<std::optional<StoredDocument>> text(const document::Revision& revision) const;
  Result<Kept> kept(const document::Revision& revision) const;

 private:
  DocumentView(storage::Store& store, CollectionId collection, std::string_view id)
      : store_(store), snapshot_(store.snapshot()), collection_(collection), id_(id) {}

  storage::Store& store_;
  const std::unique_ptr<storage::Snapshot> snapshot_;
  const CollectionId collection_;
  const std::string id_;
  StoredDocument winner_;
  bool stub_ = false;
  document::RevisionTree tree_;
};

}  // namespace quire::database
