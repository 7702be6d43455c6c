#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "document/revision_tree.h"
#include "replication/scope.h"
#include "replication/source.h"
#include "replication/target.h"
#include "replication/types.h"

namespace quire::replication::testing {

// A store of documents with their trees, histories and records, in memory: what a replication may rely on,
// and nothing more. What is written is lost by crash() unless sync() came after it; the feed shows only what
// is synced. One thread.
class MemoryStore {
 public:
  explicit MemoryStore(std::string id) : id_(std::move(id)) {}

  // --- as a program uses it
  // Makes the next revision below `parent`, or a first one. Errors: conflict, where that is no leaf, or the
  // document has a live winner and no parent is named.
  Result<document::Revision> put(const DocumentName& name, const std::optional<document::Revision>& parent,
                                 std::string body, bool deleted = false);
  // A revision beside the winner, below the same parent, as if somebody else had made it.
  document::Revision branch(const DocumentName& name, std::string body);
  // The winner gets one more attachment, in a new revision.
  Result<document::Revision> attach(const DocumentName& name, const std::string& attachment,
                                    const std::string& bytes);
  std::optional<document::Leaf> winner(const DocumentName& name) const;
  std::vector<document::Leaf> leaves(const DocumentName& name) const;
  std::string body(const DocumentName& name, const document::Revision& revision) const;

  // --- as a disk treats it
  void sync() {
    durable_ = live_;
    synced_changes_ = changes_made;
  }
  bool is_synced() const { return synced_changes_ == changes_made; }
  void crash() {
    live_ = durable_;
    synced_changes_ = changes_made;
  }
  // As if a copy of it from earlier had been put in its place: the same store, another life.
  void restore(const MemoryStore& backup);
  void forget_checkpoints();

  // --- as a replication sees it
  const std::string& id() const { return id_; }
  SourcePosition position() const { return text_of(durable_.last); }
  Result<ChangesPage> changes(const SourcePosition& since, const ChangesOptions& options) const;
  FetchedRevisions fetch(const std::vector<WantedRevisions>& wanted, std::uint64_t bytes) const;
  std::vector<MissingOf> missing(const std::vector<RevisionsOf>& documents) const;
  // `blobs` are the bytes of the revision's attachments, in their order.
  Status replicate(const TravellingRevision& revision, const std::vector<std::string>& blobs);
  bool has_blob(const std::string& digest) const { return live_.blobs.contains(digest); }
  const std::string& blob(const std::string& digest) const { return live_.blobs.at(digest); }
  StoredCheckpoint checkpoint(const std::string& name) const;
  Result<std::string> write_checkpoint(const std::string& name, const StoredCheckpoint& record);

  // Documents that nobody may write.
  std::set<DocumentName> forbidden;
  // Written on every change, so that a test sees a revision come twice.
  std::uint64_t changes_made = 0;

  // What two stores that agree print in the same words: every document with its leaves, texts and
  // attachments.
  std::string picture() const;
  std::size_t checkpoint_bytes() const;
  std::size_t documents() const { return live_.documents.size(); }
  // Every leaf of every document that is synced.
  std::vector<std::pair<DocumentName, document::Revision>> durable_leaves() const;
  // The revision is in the document's tree.
  bool knows(const DocumentName& name, const document::Revision& revision) const;

 private:
  struct Text {
    std::string body;
    std::vector<AttachmentInfo> attachments;
  };
  struct Document {
    document::RevisionTree tree;
    std::map<document::Revision, Text> texts;  // of leaves
    std::uint64_t sequence = 0;
  };
  struct State {
    std::map<DocumentName, Document> documents;
    std::map<std::uint64_t, DocumentName> history;  // the last change of each document
    std::map<std::string, std::string> blobs;       // by digest
    std::map<std::string, std::pair<std::uint64_t, std::string>> checkpoints;
    std::uint64_t last = 0;
  };

  SourcePosition text_of(std::uint64_t sequence) const;
  std::optional<std::uint64_t> sequence_of(const SourcePosition& position) const;
  bool in_scope(const DocumentName& name, const Document& document, const Scope& scope) const;
  void add(const DocumentName& name, const std::vector<document::Revision>& path, bool deleted, Text text);

  const std::string id_;
  std::uint64_t life_ = 1;
  State live_;
  State durable_;
  std::uint64_t synced_changes_ = 0;
};

}  // namespace quire::replication::testing
