#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "database/head_reader.h"
#include "database/indexes.h"
#include "database/prepared_change.h"
#include "database/preparer.h"
#include "database/records.h"
#include "database/stored_text.h"
#include "database/stored_tree.h"
#include "document/revision.h"
#include "document/revision_tree.h"

namespace quire::database {

// One Preparer::prepare() under way, on its caller's thread; build() is called once. Its errors are those of
// prepare(). Its rooms: change_builder.cc, change_leaf.cc, change_tree.cc, change_records.cc.
class ChangeBuilder {
 public:
  ChangeBuilder(const Preparer& preparer, const Edit& edit, bool memory_only)
      : shard_(preparer), edit_(&edit), memory_only_(memory_only) {}

  Result<PreparedChange> build();
  // Replicated revisions of one document, as one change.
  Result<PreparedChange> build(std::span<const Edit* const> edits);
  // Whether the head is another than build() read.
  Result<bool> has_moved() const;

 private:
  // What the shard holds of the document.
  struct Current {
    RecordRef record;
    HeadRecord head;
    document::Revision winner;  // generation 0: there never was such a document

    bool exists() const { return static_cast<bool>(winner); }
    bool live() const { return exists() && !head.deleted; }
    std::string_view live_body() const { return live() ? head.body : std::string_view{}; }
  };

  // What an edit came to, before it is put in the tree.
  struct NewLeaf {
    document::Revision revision{};
    bool deleted = false;
    std::string body{};
    std::string attachments{};               // encoded
    std::vector<Attachment> list{};          // what is to be encoded, and referred to, where it stays a leaf
    std::vector<document::Revision> path{};  // newest first; at least the leaf and its parent, if it has one
  };

  Status check();
  Status check_document();
  Status read();

  // --- which leaf is replaced
  Result<std::optional<document::Revision>> parent();
  Result<std::optional<document::Revision>> expected_leaf();

  // --- what the new leaf is
  Status take_edit();
  Result<bool> take_body(const std::optional<document::Revision>& parent);
  Result<bool> take_revised();
  void note_changes();
  Result<std::vector<Attachment>> take_attachments(const std::optional<document::Revision>& parent);
  Result<std::vector<Attachment>> attachments_at(const document::Revision& revision) const;
  Result<std::vector<Attachment>> carry(const std::optional<document::Revision>& from) const;
  Result<std::optional<document::Revision>> newest_text();
  void use_attachments(std::vector<Attachment> attachments);
  void use_attachments(NewLeaf& leaf, std::vector<Attachment> attachments);
  Status take_replicated();
  Status check_path() const;
  bool forgotten() const;

  // --- into the tree
  Status obey_rule();
  Status graft();
  Status graft_linear(const document::LinearTree& linear);
  Status need_tree();
  Status graft_into_tree();
  Result<bool> join();
  Status settle_tree(const std::vector<document::Leaf>& before);

  // --- purge
  Status purge();
  Status forget_purged();
  Status leave_nothing();

  // --- texts outside the head
  struct LoserText {
    storage::ReadBuffer buffer;
    RevisionRecord record;
  };
  Result<LoserText> loser(const document::Revision& revision) const;
  // The losing leaf that wins now.
  Result<LoserText> risen(const document::Revision& revision) const;
  std::size_t put_text(const document::Revision& revision, const RevisionRecord& record);
  TextsOf texts() const;
  Status put_whole(const document::Revision& revision);
  Status put_whole_before_winner();
  Status forget_loser(const document::Revision& revision);
  Status drop_references(const document::Revision& revision, std::string_view encoded);
  void keep_replaced_winner();
  void keep_winner_before(const NewLeaf& child);
  void keep(const RevisionRecord& replaced);

  // --- the records
  Status write_head(const StoredTree& stored, const document::Revision& winner, bool winner_deleted,
                    std::string_view attachments, std::string_view body);
  void place_head(bool winner_deleted);
  Operation operation(const document::Revision& winner, bool winner_deleted) const;
  void write_history(const document::Revision& winner, bool winner_deleted);
  void count(bool winner_deleted, std::string_view body);
  Status index(std::string_view body, bool live);
  Status index_one(const OpenIndex& open, std::string_view body, bool live);
  std::string entry_key(const std::string& prefix, const std::string& key) const;

  const Preparer& shard_;
  const Edit* edit_;
  const bool memory_only_;
  bool updates_ = false;  // of a revise that made its text of the one before
  std::uint64_t revision_limit_ = 0;
  Current current_;
  NewLeaf leaf_;
  std::optional<document::RevisionTree> tree_;
  std::vector<NewLeaf> came_;  // into a tree of several leaves
  std::string changes_;        // of an update, encoded; empty where paths cannot say it
  PreparedChange change_;
};

}  // namespace quire::database
