#include <algorithm>

#include "base/bytes.h"
#include "database/change_builder.h"
#include "database/keys.h"
#include "database/stored_tree.h"
#include "database/tombstone.h"

// How the tree grows by a leaf, or loses some to a purge, and which texts move for it.
namespace quire::database {

using document::Leaf;
using document::Revision;
using document::RevisionTree;
using storage::Family;

// New texts obey, whoever brings them and whether they win; texts that a conflict or a deletion brings back
// were there before.
Status ChangeBuilder::obey_rule() {
  change_.rules_version = shard_.rules_.version();
  if (leaf_.deleted) return ok();
  const auto rule = shard_.rules_.rule_of(edit_->collection);
  return rule ? rule->check(edit_->id, leaf_.body) : ok();
}

Status ChangeBuilder::graft() {
  const auto linear = document::view_linear(current_.head.tree);
  const bool first = !current_.exists() && leaf_.path.size() == 1;
  const bool extends = linear && leaf_.path.size() > 1 && leaf_.path[1] == linear->leaf;
  if (first || extends) return graft_linear(linear.value_or(document::LinearTree{}));
  return graft_into_tree();
}

Status ChangeBuilder::graft_linear(const document::LinearTree& linear) {
  QUIRE_TRY_STATUS(obey_rule());
  QUIRE_TRY(const StoredTree stored,
            extend_linear(shard_.store_, linear, current_.head.chunked, leaf_.revision, leaf_.deleted,
                          revision_limit_, edit_->id, change_));
  if (current_.exists()) keep_winner_before(leaf_);
  return write_head(stored, leaf_.revision, leaf_.deleted, leaf_.attachments, leaf_.body);
}

Status ChangeBuilder::need_tree() {
  if (tree_) return ok();
  if (!current_.exists()) {
    tree_.emplace();
    return ok();
  }
  QUIRE_TRY(tree_, load_tree(shard_.store_, edit_->collection, edit_->id, current_.head));
  return ok();
}

Status ChangeBuilder::graft_into_tree() {
  QUIRE_TRY_STATUS(need_tree());
  const std::vector<Leaf> before = tree_->leaves();
  const RevisionTree::Merged merged = tree_->merge(leaf_.path, leaf_.deleted);
  if (merged.outcome == RevisionTree::Outcome::known) {
    change_ = PreparedChange{};
    change_.result = {edit_->id, leaf_.revision, 0};
    change_.nothing = true;
    return ok();
  }
  QUIRE_TRY_STATUS(obey_rule());
  if (merged.outcome != RevisionTree::Outcome::joined) came_.push_back(leaf_);
  return settle_tree(before);
}

// One of several replicated revisions goes into the tree; false where it was there.
Result<bool> ChangeBuilder::join() {
  QUIRE_TRY_STATUS(check_path());
  leaf_ = NewLeaf{.revision = edit_->path.front(), .deleted = edit_->deleted, .body = edit_->body};
  leaf_.path = edit_->path;
  if (current_.exists() && current_.head.stub && forgotten()) return false;
  if (!tree_->contains(leaf_.revision)) QUIRE_TRY_STATUS(obey_rule());
  if (edit_->attachments) leaf_.list = *edit_->attachments;
  const RevisionTree::Merged merged = tree_->merge(leaf_.path, leaf_.deleted);
  if (merged.outcome == RevisionTree::Outcome::known) return false;
  if (merged.outcome != RevisionTree::Outcome::joined) came_.push_back(std::move(leaf_));
  return true;
}

// Puts the texts where the tree, which has grown, wants them: the winner's in the head, those of the other
// leaves in records of their own. `before`: the leaves of the tree before.
Status ChangeBuilder::settle_tree(const std::vector<Leaf>& before) {
  const std::vector<Leaf> after = tree_->leaves();
  std::vector<Revision> leaves;
  leaves.reserve(after.size());
  for (const Leaf& leaf : after) leaves.push_back(leaf.revision);
  std::sort(leaves.begin(), leaves.end());
  const auto is_leaf = [&](const Revision& revision) {
    return std::binary_search(leaves.begin(), leaves.end(), revision);
  };
  QUIRE_TRY(const StoredTree stored,
            store_tree(shard_.store_, *tree_, current_.head.chunked, revision_limit_, edit_->id, change_));
  for (const Leaf& leaf : before) {
    if (is_leaf(leaf.revision)) continue;
    if (leaf.revision == current_.winner) {
      keep_replaced_winner();
    } else {
      QUIRE_TRY_STATUS(forget_loser(leaf.revision));
    }
  }
  const Leaf& winner = after.front();
  if (current_.exists() && winner.revision != current_.winner && is_leaf(current_.winner)) {
    QUIRE_TRY_STATUS(put_whole_before_winner());
    put_text(current_.winner, {current_.head.deleted, true, current_.head.attachments, current_.head.body});
  }
  std::optional<NewLeaf> won;
  for (NewLeaf& leaf : came_) {
    if (!is_leaf(leaf.revision)) continue;
    leaf_.revision = leaf.revision;  // of which the history speaks, unless one has won
    use_attachments(leaf, std::move(leaf.list));
    if (leaf.revision == winner.revision) {
      won = std::move(leaf);
    } else {
      put_text(leaf.revision, {leaf.deleted, true, leaf.attachments, leaf.body});
    }
  }
  if (won) {
    leaf_ = *std::move(won);
    return write_head(stored, leaf_.revision, leaf_.deleted, leaf_.attachments, leaf_.body);
  }
  if (winner.revision == current_.winner) {
    return write_head(stored, current_.winner, current_.head.deleted, current_.head.attachments,
                      current_.head.body);
  }
  QUIRE_TRY(const LoserText text, risen(winner.revision));
  change_.erases.push_back(
      {Family::documents, keys::revision(edit_->collection, edit_->id, winner.revision)});
  return write_head(stored, winner.revision, winner.deleted, text.record.attachments, text.record.body);
}

Status ChangeBuilder::purge() {
  change_.rules_version = shard_.rules_.version();
  change_.result.revision = current_.winner;
  QUIRE_TRY_STATUS(need_tree());
  change_.result.purged = tree_->purge(edit_->path);
  if (change_.result.purged.empty()) {
    change_.nothing = true;
    return ok();
  }
  change_.purge = true;
  QUIRE_TRY_STATUS(forget_purged());
  if (!tree_->contains(current_.winner))
    QUIRE_TRY_STATUS(drop_references(current_.winner, current_.head.attachments));
  const std::optional<Leaf> winner = tree_->winner();
  leaf_.revision = winner ? winner->revision : Revision{};
  QUIRE_TRY(const StoredTree stored,
            store_tree(shard_.store_, *tree_, current_.head.chunked, revision_limit_, edit_->id, change_));
  if (!winner) return leave_nothing();
  if (winner->revision == current_.winner) {
    return write_head(stored, current_.winner, current_.head.deleted, current_.head.attachments,
                      current_.head.body);
  }
  QUIRE_TRY(const LoserText text, risen(winner->revision));
  change_.erases.push_back(
      {Family::documents, keys::revision(edit_->collection, edit_->id, winner->revision)});
  return write_head(stored, winner->revision, winner->deleted, text.record.attachments, text.record.body);
}

// Every text that stands beside the head and belongs to no revision that stays, those of replaced ones too.
Status ChangeBuilder::forget_purged() {
  const std::string prefix = keys::revisions(edit_->collection, edit_->id);
  auto it = shard_.store_.iterate(Family::documents, {.upper_bound = keys::after_prefix(prefix)});
  for (it->seek(prefix); it->valid(); it->next()) {
    ByteReader in(it->key().substr(prefix.size()));
    const Revision revision = Revision::decode(in);
    if (!in.done()) return Error(ErrorCode::corrupt, "a kept text has a malformed key");
    QUIRE_TRY(const RevisionRecord record, decode_revision(it->value()));
    if (tree_->contains(revision)) {
      const bool alone = !record.shared || tree_->contains({revision.generation + 1, record.shared->child});
      if (!alone) QUIRE_TRY_STATUS(put_whole(revision));
      continue;
    }
    QUIRE_TRY_STATUS(drop_references(revision, record.attachments));
    change_.garbage_bytes += record.body.size();
    change_.erases.push_back({Family::documents, std::string(it->key())});
  }
  return it->status();
}

// No head, no counts, no keys: the document never was. Only the history says that it is gone.
Status ChangeBuilder::leave_nothing() {
  std::string old;
  const bool was_apart = current_.head.deleted && to_tombstone(current_.record.view(), old);
  if (was_apart) {
    change_.erases.push_back({Family::tombstones, keys::tombstone(edit_->collection, edit_->id)});
    if (!current_.head.stub) change_.superseded = current_.winner.hash;
  } else {
    change_.erases.push_back({Family::documents, keys::head(edit_->collection, edit_->id)});
  }
  write_history({}, true);
  change_.documents = -static_cast<int>(current_.live());
  change_.deleted = -static_cast<int>(!current_.live());
  change_.bytes = -static_cast<std::int64_t>(current_.live_body().size());
  change_.garbage_bytes += current_.record.size;
  change_.result.revision = {};
  return index({}, false);
}

}  // namespace quire::database
