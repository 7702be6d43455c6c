#include "database/preparer.h"

#include <algorithm>
#include <span>

#include "base/bytes.h"
#include "base/hash.h"
#include "database/keys.h"
#include "database/stored_tree.h"
#include "database/tombstone.h"
#include "database/tuning.h"
#include "document/changed_fields.h"
#include "document/id.h"
#include "document/revision_tree.h"

// The life of an edit up to the commit:
//   1. the head is read, and what was committed before that reading is noted (`seen`);
//   2. the precondition picks the leaf that the edit replaces;
//   3. the new revision is hashed and put in the tree: where the tree has one leaf and the edit extends it,
//   on the encoded
//      bytes, else on a RevisionTree;
//   4. the winner before and the winner after decide which text stands in the head and which in records of
//   their own;
//   5. index keys, counts and the history entry follow from the winner before and after.

namespace quire::database {

using document::Leaf;
using document::Revision;
using document::RevisionTree;
using storage::Family;

namespace {

Error missing(std::string_view id) {
  return Error(ErrorCode::not_found, "there is no document '" + std::string(id) + "'").at("missing");
}
Error deleted(std::string_view id) {
  return Error(ErrorCode::not_found, "the document '" + std::string(id) + "' is deleted").at("deleted");
}
Error moved(std::string_view id) {
  return Error(ErrorCode::conflict, "the document '" + std::string(id) + "' has another revision now");
}

// What the shard holds of a document.
struct Current {
  RecordRef record;
  HeadRecord head;
  Revision winner;  // generation 0: there never was such a document

  bool exists() const { return static_cast<bool>(winner); }
  bool live() const { return exists() && !head.deleted; }
  std::string_view live_body() const { return live() ? head.body : std::string_view{}; }
};

// What an edit came to, before it is put in the tree.
struct NewLeaf {
  Revision revision{};
  bool deleted = false;
  std::string body{};
  std::string attachments{};       // encoded
  std::vector<Attachment> list{};  // what is to be encoded, and referred to, where it stays a leaf
  std::vector<Revision> path{};    // newest first; at least the leaf and its parent, if it has one
};

}  // namespace

std::uint64_t slot_of(CollectionId collection, std::string_view id) {
  return table_hash(id) ^ table_hash(std::uint64_t{collection});
}

// One prepare() under way.
class ChangeBuilder {
 public:
  ChangeBuilder(const Preparer& preparer, const Edit& edit, bool memory_only)
      : shard_(preparer), edit_(&edit), memory_only_(memory_only) {}

  Result<PreparedChange> build() {
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

  Result<PreparedChange> build(std::span<const Edit* const> edits) {
    QUIRE_TRY_STATUS(check_document());
    QUIRE_TRY_STATUS(read());
    QUIRE_TRY_STATUS(need_tree());
    const std::vector<Leaf> before = tree_->leaves();
    change_.rules_version = shard_.rules_.version();
    std::optional<Revision> touched;
    for (const Edit* const edit : edits) {
      edit_ = edit;
      PreparedChange::Joined& row =
          change_.joined.emplace_back(edit->path.empty() ? Revision{} : edit->path.front());
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

  // Whether the head is another than build() read.
  Result<bool> has_moved() const {
    QUIRE_TRY(const RecordRef now, shard_.heads_.read(edit_->collection, edit_->id));
    return now.view() != current_.record.view();
  }

 private:
  Status check() {
    QUIRE_TRY_STATUS(check_document());
    return edit_->kind == Edit::Kind::replicate ? check_path() : ok();
  }

  Status check_document() {
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

  Status read() {
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

  // --- which leaf is replaced

  Result<std::optional<Revision>> parent() {
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
        if (live && edit_->kind == Edit::Kind::put) return moved(edit_->id);
        if (live && edit_->kind == Edit::Kind::remove) return moved(edit_->id);
        break;
    }
    if (edit_->kind == Edit::Kind::remove && !live)
      return current_.exists() ? deleted(edit_->id) : missing(edit_->id);
    if (!current_.exists()) return std::optional<Revision>{};
    return std::optional(current_.winner);
  }

  Result<std::optional<Revision>> expected_leaf() {
    if (!current_.exists()) return moved(edit_->id);
    if (edit_->expected == current_.winner) return std::optional(current_.winner);
    if (document::view_linear(current_.head.tree)) return moved(edit_->id);
    QUIRE_TRY_STATUS(need_tree());
    if (!tree_->is_leaf(edit_->expected)) return moved(edit_->id);
    return std::optional(edit_->expected);
  }

  // --- what the new leaf is

  Status take_edit() {
    QUIRE_TRY(const std::optional<Revision> parent, this->parent());
    leaf_.deleted = edit_->kind == Edit::Kind::remove;
    QUIRE_TRY(const bool changed, take_body(parent));
    if (!changed) {
      change_.nothing = true;
      change_.pinned = edit_->kind == Edit::Kind::revise;
      change_.result.revision = current_.winner;
      return ok();
    }
    QUIRE_TRY(std::vector<Attachment> attachments, take_attachments(parent));
    std::vector<document::AttachmentDigest> digests;
    digests.reserve(attachments.size());
    for (const Attachment& attachment : attachments) digests.push_back({attachment.name, attachment.digest});
    leaf_.revision =
        document::derive_revision(parent.value_or(Revision{}), leaf_.deleted, leaf_.body, digests);
    leaf_.path = {leaf_.revision};
    if (parent) leaf_.path.push_back(*parent);
    use_attachments(std::move(attachments));
    return ok();
  }

  Result<bool> take_body(const std::optional<Revision>& parent) {
    if (edit_->kind == Edit::Kind::revise) return take_revised();
    if (edit_->kind != Edit::Kind::transform) {
      leaf_.body = edit_->body;
      return true;
    }
    if (parent && *parent != current_.winner) {
      return Error(ErrorCode::invalid, "only the winning revision can be updated; put the losing one whole")
          .at("_rev");
    }
    QUIRE_TRY(std::optional<std::string> body, edit_->transform(current_.live_body()));
    if (!body) return false;
    leaf_.body = std::move(*body);
    if (current_.live()) note_changes();
    return true;
  }

  Result<bool> take_revised() {
    QUIRE_TRY(Revised revised, edit_->revise({.revision = current_.winner, .body = current_.live_body()}));
    if (revised.kind == Revised::Kind::unchanged) return false;
    updates_ = revised.kind == Revised::Kind::updated;
    leaf_.deleted = revised.kind == Revised::Kind::removed;
    leaf_.body = std::move(revised.body);
    if (updates_ && current_.live()) note_changes();
    return true;
  }

  // Texts that are no JSON, which this layer takes as well as others, have no paths.
  void note_changes() {
    const auto changes = document::difference(current_.head.body, leaf_.body);
    if (changes && *changes) encode(**changes, changes_);
  }

  Result<std::vector<Attachment>> take_attachments(const std::optional<Revision>& parent) {
    if (!edit_->carried.empty()) return carry(parent);
    if (edit_->attachments) return *edit_->attachments;
    if (!parent || leaf_.deleted) return std::vector<Attachment>{};
    return attachments_at(*parent);
  }

  Result<std::vector<Attachment>> attachments_at(const Revision& revision) const {
    if (revision == current_.winner) return decode_attachments(current_.head.attachments);
    QUIRE_TRY(const LoserText text, loser(revision));
    return decode_attachments(text.record.attachments);
  }

  // Those that the edit brings, and those of the names that it carries over, as they are.
  Result<std::vector<Attachment>> carry(const std::optional<Revision>& from) const {
    std::vector<Attachment> held;
    if (from) {
      QUIRE_TRY(held, attachments_at(*from));
    }
    auto all = edit_->attachments.value_or(std::vector<Attachment>{});
    for (const std::string& name : edit_->carried) {
      const auto found = std::find_if(held.begin(), held.end(),
                                      [&](const Attachment& attachment) { return attachment.name == name; });
      if (found == held.end()) return missing_stub(edit_->id, name);
      all.push_back(*found);
    }
    return all;
  }

  // The newest revision of the path whose text is here.
  Result<std::optional<Revision>> newest_text() {
    QUIRE_TRY_STATUS(need_tree());
    const auto unknown = tree_->missing(leaf_.path);
    storage::ReadBuffer buffer;
    for (std::size_t i = unknown.size(); i < leaf_.path.size(); ++i) {
      const Revision& revision = leaf_.path[i];
      if (revision == current_.winner) return std::optional(revision);
      const std::string key = keys::revision(edit_->collection, edit_->id, revision);
      QUIRE_TRY(const bool found, shard_.store_.get(Family::documents, key, buffer));
      if (found) return std::optional(revision);
    }
    return std::optional<Revision>{};
  }

  void use_attachments(std::vector<Attachment> attachments) {
    use_attachments(leaf_, std::move(attachments));
  }

  void use_attachments(NewLeaf& leaf, std::vector<Attachment> attachments) {
    if (attachments.empty()) return;
    for (Attachment& attachment : attachments) {
      if (attachment.revpos == 0) attachment.revpos = leaf.revision.generation;
      change_.blobs.push_back(attachment.digest);
      change_.puts.push_back(
          {Family::blobs,
           keys::blob_reference(attachment.digest, edit_->collection, edit_->id, leaf.revision),
           {}});
    }
    encode(attachments, leaf.attachments);
  }

  Status take_replicated() {
    leaf_.revision = edit_->path.front();
    leaf_.deleted = edit_->deleted;
    leaf_.body = edit_->body;
    leaf_.path = edit_->path;
    change_.result.revision = leaf_.revision;
    if (current_.exists() && current_.head.stub && forgotten()) {
      change_.nothing = true;
      return ok();
    }
    if (!edit_->carried.empty()) {
      QUIRE_TRY(const auto from, newest_text());
      QUIRE_TRY(auto attachments, carry(from));
      use_attachments(std::move(attachments));
    } else if (edit_->attachments) {
      use_attachments(*edit_->attachments);
    }
    return ok();
  }

  Status check_path() const {
    const auto& path = edit_->path;
    if (path.empty())
      return Error(ErrorCode::invalid, "a replicated revision needs its path").at("_revisions");
    if (path.size() > tuning::kMostRevisions) {
      return Error(ErrorCode::too_large, "a revision comes with 20000 revisions of its history at most")
          .at("_revisions")
          .over(tuning::kMostRevisions);
    }
    bool falls = path.back().generation != 0;
    for (std::size_t i = 1; i < path.size(); ++i)
      falls = falls && path[i].generation + 1 == path[i - 1].generation;
    if (falls && path.front().generation <= document::kMaxStoredGeneration) return ok();
    return Error(ErrorCode::invalid, "the generations of a revision's path do not fall by one")
        .at("_revisions");
  }

  // A document whose tombstone was trimmed keeps its last revision: what is older, or beside it, and does not
  // descend from it was deleted with it and does not come back.
  bool forgotten() const {
    const bool descends =
        std::find(leaf_.path.begin(), leaf_.path.end(), current_.winner) != leaf_.path.end();
    return leaf_.revision == current_.winner ||
           (!descends && leaf_.revision.generation <= current_.winner.generation);
  }

  // --- into the tree

  // New texts obey, whoever brings them and whether they win; texts that a conflict or a deletion brings back
  // were there before.
  Status obey_rule() {
    change_.rules_version = shard_.rules_.version();
    if (leaf_.deleted) return ok();
    const auto rule = shard_.rules_.rule_of(edit_->collection);
    return rule ? rule->check(edit_->id, leaf_.body) : ok();
  }

  Status graft() {
    const auto linear = document::view_linear(current_.head.tree);
    const bool first = !current_.exists() && leaf_.path.size() == 1;
    const bool extends = linear && leaf_.path.size() > 1 && leaf_.path[1] == linear->leaf;
    if (first || extends) return graft_linear(linear.value_or(document::LinearTree{}));
    return graft_into_tree();
  }

  Status graft_linear(const document::LinearTree& linear) {
    QUIRE_TRY_STATUS(obey_rule());
    QUIRE_TRY(const StoredTree stored,
              extend_linear(shard_.store_, linear, current_.head.chunked, leaf_.revision, leaf_.deleted,
                            revision_limit_, edit_->id, change_));
    if (current_.exists()) keep_replaced_winner();
    return write_head(stored, leaf_.revision, leaf_.deleted, leaf_.attachments, leaf_.body);
  }

  Status need_tree() {
    if (tree_) return ok();
    if (!current_.exists()) {
      tree_.emplace();
      return ok();
    }
    QUIRE_TRY(tree_, load_tree(shard_.store_, edit_->collection, edit_->id, current_.head));
    return ok();
  }

  Status graft_into_tree() {
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
  Result<bool> join() {
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
  Status settle_tree(const std::vector<Leaf>& before) {
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
    if (current_.exists() && winner.revision != current_.winner && is_leaf(current_.winner))
      put_text(current_.winner, {current_.head.deleted, true, current_.head.attachments, current_.head.body});
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
    QUIRE_TRY(const LoserText text, loser(winner.revision));
    change_.erases.push_back(
        {Family::documents, keys::revision(edit_->collection, edit_->id, winner.revision)});
    return write_head(stored, winner.revision, winner.deleted, text.record.attachments, text.record.body);
  }

  // --- purge

  Status purge() {
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
    QUIRE_TRY(const LoserText text, loser(winner->revision));
    change_.erases.push_back(
        {Family::documents, keys::revision(edit_->collection, edit_->id, winner->revision)});
    return write_head(stored, winner->revision, winner->deleted, text.record.attachments, text.record.body);
  }

  // Every text that stands beside the head and belongs to no revision that stays, those of replaced ones too.
  Status forget_purged() {
    const std::string prefix = keys::revisions(edit_->collection, edit_->id);
    auto it = shard_.store_.iterate(Family::documents, {.upper_bound = keys::after_prefix(prefix)});
    for (it->seek(prefix); it->valid(); it->next()) {
      ByteReader in(it->key().substr(prefix.size()));
      const Revision revision = Revision::decode(in);
      if (!in.done()) return Error(ErrorCode::corrupt, "a kept text has a malformed key");
      if (tree_->contains(revision)) continue;
      QUIRE_TRY(const RevisionRecord record, decode_revision(it->value()));
      QUIRE_TRY_STATUS(drop_references(revision, record.attachments));
      change_.garbage_bytes += record.body.size();
      change_.erases.push_back({Family::documents, std::string(it->key())});
    }
    return it->status();
  }

  // No head, no counts, no keys: the document never was. Only the history says that it is gone.
  Status leave_nothing() {
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

  // --- texts outside the head

  struct LoserText {
    storage::ReadBuffer buffer;
    RevisionRecord record;
  };

  Result<LoserText> loser(const Revision& revision) const {
    LoserText text;
    const std::string key = keys::revision(edit_->collection, edit_->id, revision);
    QUIRE_TRY(const bool found, shard_.store_.get(Family::documents, key, text.buffer));
    if (!found) {
      return Error(ErrorCode::corrupt,
                   "the text of leaf " + revision.to_string() + " of '" + edit_->id + "' is gone");
    }
    QUIRE_TRY(text.record, decode_revision(text.buffer.view()));
    return text;
  }

  void put_text(const Revision& revision, const RevisionRecord& record) {
    std::string value;
    encode(record, value);
    change_.puts.push_back(
        {Family::documents, keys::revision(edit_->collection, edit_->id, revision), std::move(value)});
  }

  // A losing leaf got a child: its text is wanted no more.
  Status forget_loser(const Revision& revision) {
    QUIRE_TRY(const LoserText text, loser(revision));
    QUIRE_TRY_STATUS(drop_references(revision, text.record.attachments));
    change_.garbage_bytes += text.record.body.size();
    change_.erases.push_back({Family::documents, keys::revision(edit_->collection, edit_->id, revision)});
    return ok();
  }

  Status drop_references(const Revision& revision, std::string_view encoded) {
    QUIRE_TRY(const std::vector<Attachment> attachments, decode_attachments(encoded));
    for (const Attachment& attachment : attachments) {
      change_.erases.push_back(
          {Family::blobs, keys::blob_reference(attachment.digest, edit_->collection, edit_->id, revision)});
    }
    return ok();
  }

  // The winner got a child: its text stays for the history, until the trimmer takes both.
  void keep_replaced_winner() {
    if (!change_.keep_history) {
      // The references of a replaced text that nobody keeps go with it; a malformed list was refused when it
      // was read.
      (void)drop_references(current_.winner, current_.head.attachments);
      return;
    }
    if (current_.head.stub || (current_.head.deleted && current_.head.body == "{}")) return;
    put_text(current_.winner, {current_.head.deleted, false, current_.head.attachments, current_.head.body});
    change_.kept_bytes = current_.head.body.size();
  }

  // --- the records

  Status write_head(const StoredTree& stored, const Revision& winner, bool winner_deleted,
                    std::string_view attachments, std::string_view body) {
    encode(HeadRecord{.deleted = winner_deleted,
                      .sequence = 0,
                      .chunked = stored.chunked,
                      .tree = stored.tree,
                      .attachments = attachments,
                      .body = body},
           change_.head_record);
    place_head(winner_deleted);
    write_history(winner, winner_deleted);
    count(winner_deleted, body);
    change_.garbage_bytes += current_.record ? current_.record.size : 0;
    change_.result.revision = leaf_.revision;
    return index(winner_deleted ? std::string_view{} : body, !winner_deleted);
  }

  // Where the new head is stored, and that the old one goes where it stood elsewhere.
  void place_head(bool winner_deleted) {
    const bool apart = winner_deleted && to_tombstone(change_.head_record, change_.tombstone);
    std::string old;
    const bool was_apart =
        current_.exists() && current_.head.deleted && to_tombstone(current_.record.view(), old);
    std::string among_documents = keys::head(edit_->collection, edit_->id);
    std::string among_tombstones = keys::tombstone(edit_->collection, edit_->id);
    change_.head_key = apart ? among_tombstones : among_documents;
    if (was_apart && !current_.head.stub) change_.superseded = current_.winner.hash;
    if (!current_.exists() || apart == was_apart) return;
    if (was_apart) {
      change_.erases.push_back({Family::tombstones, std::move(among_tombstones)});
    } else {
      change_.erases.push_back({Family::documents, std::move(among_documents)});
    }
  }

  Operation operation(const Revision& winner, bool winner_deleted) const {
    if (change_.purge) return Operation::purge;
    if (winner == current_.winner) return Operation::conflict;
    if (winner_deleted) return Operation::remove;
    if (!current_.live()) return Operation::insert;
    return updates_ || edit_->kind == Edit::Kind::transform ? Operation::update : Operation::replace;
  }

  void write_history(const Revision& winner, bool winner_deleted) {
    HistoryEntry entry;
    entry.operation = operation(winner, winner_deleted);
    entry.deleted = winner_deleted;
    entry.collection = edit_->collection;
    entry.id = edit_->id;
    entry.revision = leaf_.revision;
    if (winner != leaf_.revision) entry.winner = winner;
    entry.in_tombstone = !change_.tombstone.empty() && entry.operation == Operation::remove && !entry.winner;
    if (entry.operation == Operation::update && !entry.winner) entry.changes = changes_;
    encode(entry, change_.history_record);
  }

  void count(bool winner_deleted, std::string_view body) {
    const bool live = current_.live();
    change_.documents = static_cast<int>(!winner_deleted) - static_cast<int>(live);
    change_.deleted = static_cast<int>(winner_deleted) - static_cast<int>(current_.exists() && !live);
    change_.bytes = static_cast<std::int64_t>(winner_deleted ? 0 : body.size()) -
                    static_cast<std::int64_t>(current_.live_body().size());
  }

  Status index(std::string_view body, bool live) {
    change_.indexes_version = shard_.indexes_.version();
    const Indexes::List indexes = shard_.indexes_.list();
    for (const OpenIndex& open : *indexes) {
      if (open.record.collection != edit_->collection || open.failed()) continue;
      QUIRE_TRY_STATUS(index_one(open, body, live));
    }
    return ok();
  }

  // Where an index is being built, whether the old text's entries are there already is not known: the old
  // keys go and all new ones are put, so that the build has nothing to do with a document that was written
  // since it began.
  Status index_one(const OpenIndex& open, std::string_view body, bool live) {
    IndexKeys before;
    IndexKeys after;
    if (current_.live()) {
      Status found = open.hook->keys_of(edit_->id, current_.head.body, before);
      if (!found && !open.building()) return found;
      if (!found) before.clear();  // a text that the index cannot have: nothing of it is there
    }
    if (live) QUIRE_TRY_STATUS(open.hook->keys_of(edit_->id, body, after));
    each_once(before.keys);
    each_once(after.keys);
    const std::string prefix = keys::index_entries(open.id);
    const bool unique = open.hook->unique();
    for (const std::string& key : before.keys) {
      if (std::binary_search(after.keys.begin(), after.keys.end(), key)) continue;
      std::string entry = entry_key(prefix, key);
      if (unique) change_.freed.push_back(entry);
      change_.erases.push_back({Family::index, std::move(entry)});
    }
    for (const std::string& key : after.keys) {
      const bool stays = std::binary_search(before.keys.begin(), before.keys.end(), key);
      if (stays && !open.building()) continue;
      if (unique) change_.unique_keys.push_back({open.id, prefix + key});
      change_.puts.push_back({Family::index, entry_key(prefix, key), index_value(key)});
    }
    if (after.multikey && !open.multikey->load(std::memory_order_relaxed)) {
      change_.multikey.push_back(open.multikey);
      change_.puts.push_back({Family::meta, keys::index_multikey(open.id), {}});
    }
    return ok();
  }

  static void each_once(std::vector<std::string>& keys) {
    if (keys.size() < 2) return;
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  }

  std::string entry_key(const std::string& prefix, const std::string& key) const {
    std::string entry;
    entry.reserve(prefix.size() + key.size() + edit_->id.size());
    return entry.append(prefix).append(key).append(edit_->id);
  }

  const Preparer& shard_;
  const Edit* edit_;
  const bool memory_only_;
  bool updates_ = false;  // of a revise that made its text of the one before
  std::uint64_t revision_limit_ = 0;
  Current current_;
  NewLeaf leaf_;
  std::optional<RevisionTree> tree_;
  std::vector<NewLeaf> came_;  // into a tree of several leaves
  std::string changes_;        // of an update, encoded; empty where paths cannot say it
  PreparedChange change_;
};

// The head, and the texts and ancestors that stand beside it, are read one after the other. Where the
// document moves in between they may not belong together; what looks like damage then is none.
Result<PreparedChange> Preparer::prepare(const Edit& edit, bool memory_only) const {
  const Edit* const alone = &edit;
  return prepare(std::span(&alone, 1), memory_only);
}

Result<PreparedChange> Preparer::prepare(std::span<const Edit* const> edits, bool memory_only) const {
  while (true) {
    ChangeBuilder builder(*this, *edits.front(), memory_only);
    Result<PreparedChange> prepared = edits.size() == 1 ? builder.build() : builder.build(edits);
    if (prepared || prepared.error().code() != ErrorCode::corrupt) return prepared;
    QUIRE_TRY(const bool moved, builder.has_moved());
    if (!moved) return prepared;
  }
}

}  // namespace quire::database
