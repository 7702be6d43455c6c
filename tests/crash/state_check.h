#pragma once

#include <set>
#include <string>

#include "history_check.h"

namespace quire::crash {

// Compares all that a shard holds with what its history makes of it: collections, documents, trees, texts,
// attachments and their bytes, indexes, counts, and feeds from many positions.
class StateCheck {
 public:
  StateCheck(database::Shard& shard, const Record& record, const HistoryCheck& history, std::uint64_t seed,
             Report& report)
      : shard_(shard), record_(record), history_(history), seed_(seed), report_(report) {}

  void run();

 private:
  void check_collections();
  void check_documents(database::CollectionId collection);
  void check_document(const Model::Key& key, const database::StoredDocument& head);
  void check_tree(const Model::Key& key, const ModelDocument& wanted);
  void check_texts(const Model::Key& key, const ModelDocument& wanted);
  void check_text(const std::string& place, const database::StoredDocument& text,
                  const ModelDocument::Text& wanted);
  void check_blob(const std::string& place, const database::Attachment& attachment);
  void check_indexes();
  void check_unique(std::uint32_t index);
  void check_feeds();
  void check_feed(database::Sequence since);

  void wrong(const std::string& what) { report_.add("state", what); }

  database::Shard& shard_;
  const Record& record_;
  const HistoryCheck& history_;
  const std::uint64_t seed_;
  Report& report_;
  std::set<std::string> whole_blobs_;  // by digest
};

}  // namespace quire::crash
