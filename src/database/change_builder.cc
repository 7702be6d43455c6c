#include "database/change_builder.h"

#include "database/document_errors.h"
#include "document/id.h"

// The life of an edit up to the commit:
//   1. the head is read, and what was committed before that reading is noted (`seen`);
//   2. the precondition picks the leaf that the edit replaces;
//   3. the new revision is hashed (change_leaf.cc) and put in the tree (change_tree.cc): on the encoded bytes
//      where the tree has one leaf and the edit extends it, else on a RevisionTree;
//   4. the winner before and the winner after decide which text stands in the head and which in records of
//      their own;
//   5. index keys, counts and the history entry follow from the winner before and after (change_records.cc).
namespace quire::database {

using document::Leaf;
using document::Revision;

Result<PreparedChange> ChangeBuilder::build() {
  QUIRE_TRY_STATUS(check());
  QUIRE_TRY_STATUS(read());
  if (edit_->kind == Edit::Kind::purge) {
    QUIRE_TRY_STATUS(purge());
    return std::move(change_);
  }
  if (edit_->kind == Edit::Kind::replicate) {
    QUIRE_TRY_STATUS(take_replicated());
  } else {
    QUIRE_TRY_STATUS(take_edit());
  }
  if (!change_.nothing) QUIRE_TRY_STATUS(graft());
  return std::move(change_);
}

Result<PreparedChange> ChangeBuilder::build(std::span<const Edit* const> edits) {
  QUIRE_TRY_STATUS(check_document());
  QUIRE_TRY_STATUS(read());
  QUIRE_TRY_STATUS(need_tree());
  const std::vector<Leaf> before = tree_->leaves();
  change_.rules_version = shard_.rules_.version();
  std::optional<Revision> touched;
  for (const Edit* const edit : edits) {
    edit_ = edit;
    PreparedChange::Joined& row = change_.joined.emplace_back();
    if (!edit->path.empty()) row.revision = edit->path.front();
    const auto written = join();
    if (!written && written.error().code() == ErrorCode::corrupt) return written.error();
    if (!written) row.refused = written.error();
    row.written = written && *written;
    if (row.written) touched = row.revision;
  }
  change_.nothing = !touched;
  if (touched) {
    leaf_ = NewLeaf{};
    leaf_.revision = *touched;
    QUIRE_TRY_STATUS(settle_tree(before));
  }
  return std::move(change_);
}

Result<bool> ChangeBuilder::has_moved() const {
  QUIRE_TRY(const RecordRef now, shard_.heads_.read(edit_->collection, edit_->id));
  return now.view() != current_.record.view();
}

Status ChangeBuilder::check() {
  QUIRE_TRY_STATUS(check_document());
  return edit_->kind == Edit::Kind::replicate ? check_path() : ok();
}

Status ChangeBuilder::check_document() {
  QUIRE_TRY_STATUS(document::check_id(edit_->id));
  change_.collection = edit_->collection;
  change_.collections_version = shard_.collections_.version();
  const auto settings = shard_.collections_.settings(edit_->collection);
  if (!settings) return Error(ErrorCode::not_found, "there is no such collection").at("collection");
  revision_limit_ = settings->revision_limit;
  change_.keep_history = settings->history && shard_.keep_history_.load(std::memory_order_relaxed);
  if (edit_->collection == kDefaultCollection) {
    if (const auto owner = shard_.collections_.owner_of(edit_->id)) {
      return Error(ErrorCode::invalid,
                   "an id that begins with '" + owner->name + ":' belongs to the collection of that name")
          .at("_id");
    }
  }
  return ok();
}

Status ChangeBuilder::read() {
  change_.result.id = edit_->id;
  change_.slot = slot_of(edit_->collection, edit_->id);
  change_.seen = shard_.committed_.load(std::memory_order_acquire);
  QUIRE_TRY(current_.record, memory_only_ ? shard_.heads_.read_cached(edit_->collection, edit_->id,
                                                                      HeadReader::Misses::looked_at_again)
                                          : shard_.heads_.read(edit_->collection, edit_->id));
  if (!current_.record) return ok();
  QUIRE_TRY(current_.head, decode_head(current_.record.view()));
  QUIRE_TRY(current_.winner, winner_revision(current_.head));
  change_.base = current_.head.sequence;
  return ok();
}

Result<std::optional<Revision>> ChangeBuilder::parent() {
  const bool live = current_.live();
  switch (edit_->precondition) {
    case Edit::Precondition::any: break;
    case Edit::Precondition::absent:
      if (live) {
        return Error(ErrorCode::exists, "the document '" + edit_->id + "' exists already");
      }
      break;
    case Edit::Precondition::revision:
      if (edit_->expected) return expected_leaf();
      if (live && edit_->kind == Edit::Kind::put) return other_revision(edit_->id);
      if (live && edit_->kind == Edit::Kind::remove) return other_revision(edit_->id);
      break;
  }
  if (edit_->kind == Edit::Kind::remove && !live) {
    if (current_.exists()) return deleted_document(edit_->id);
    if (edit_->precondition != Edit::Precondition::absent) return no_document(edit_->id);
  }
  if (!current_.exists()) return std::optional<Revision>{};
  return std::optional(current_.winner);
}

Result<std::optional<Revision>> ChangeBuilder::expected_leaf() {
  if (!current_.exists()) return no_revision(edit_->id);
  if (edit_->expected == current_.winner) return std::optional(current_.winner);
  if (document::view_linear(current_.head.tree)) return other_revision(edit_->id);
  QUIRE_TRY_STATUS(need_tree());
  if (!tree_->is_leaf(edit_->expected)) return other_revision(edit_->id);
  return std::optional(edit_->expected);
}

}  // namespace quire::database
