#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "database/records.h"
#include "database/types.h"
#include "document/revision.h"

namespace quire::crash {

// One document as the requests that reached it, in the order of the history, must have made it. Shares no
// code with the tree and the records of the database.
class ModelDocument {
 public:
  struct Text {
    bool deleted = false;
    std::string body;
    std::vector<database::Attachment> attachments;
  };
  // What an edit makes of the document as it is.
  struct Effect {
    document::Revision revision;
    std::vector<document::Revision> path;  // newest first; at least the revision
    Text text;
  };

  // nullopt where the edit could not have been taken: its parent is no leaf.
  std::optional<Effect> effect_of(const database::Edit& edit, const std::string& tag) const;
  void apply(const Effect& effect);

  std::optional<document::Revision> winner() const;
  const std::set<document::Revision>& leaves() const { return leaves_; }
  const Text& text(const document::Revision& revision) const { return texts_.at(revision); }
  const std::map<document::Revision, Text>& texts() const { return texts_; }
  // From a revision to its oldest known ancestor.
  std::vector<document::Revision> path(const document::Revision& revision) const;
  bool live() const;

 private:
  std::optional<document::Revision> parent_of(const database::Edit& edit, bool& possible) const;

  std::map<document::Revision, std::optional<document::Revision>> parents_;
  std::map<document::Revision, Text> texts_;  // of all revisions but ancestors that only a path named
  std::set<document::Revision> leaves_;
};

// All documents and collections of a shard, made by its history.
class Model {
 public:
  using Key = std::pair<database::CollectionId, std::string>;

  // Takes a change with the edit that asked for it; a line for each thing that the entry says otherwise. Of
  // one that was trimmed no more is known than its document and revision.
  std::vector<std::string> apply(database::Sequence sequence, const database::HistoryEntry& entry,
                                 const database::Edit& edit, const std::string& tag, bool trimmed);
  std::vector<std::string> apply_collection(const database::HistoryEntry& entry);
  // Whether this edit, taken now, would be this change: for finding out whose change it is.
  bool explains(const database::HistoryEntry& entry, const database::Edit& edit,
                const std::string& tag) const;

  const std::map<Key, ModelDocument>& documents() const { return documents_; }
  // 0: no change of it is known.
  database::Sequence last_of(const Key& key) const {
    const auto found = last_.find(key);
    return found == last_.end() ? 0 : found->second;
  }
  const std::map<database::CollectionId, std::string>& collections() const { return collections_; }

 private:
  std::map<Key, ModelDocument> documents_;
  std::map<Key, database::Sequence> last_;
  std::map<database::CollectionId, std::string> collections_{
      {database::kDefaultCollection, std::string(database::kDefaultCollectionName)}};
};

}  // namespace quire::crash
