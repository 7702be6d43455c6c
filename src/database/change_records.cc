#include <algorithm>

#include "base/bytes.h"
#include "database/change_builder.h"
#include "database/keys.h"
#include "database/stored_tree.h"
#include "database/tombstone.h"
#include "database/tuning.h"

// The records that a change consists of: texts beside the head, the head, the history entry, index entries.
namespace quire::database {

using document::Revision;
using storage::Family;

namespace {

void each_once(std::vector<std::string>& keys) {
  if (keys.size() < 2) return;
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
}

}  // namespace

Result<ChangeBuilder::LoserText> ChangeBuilder::loser(const Revision& revision) const {
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

Result<ChangeBuilder::LoserText> ChangeBuilder::risen(const Revision& revision) const {
  QUIRE_TRY(LoserText text, loser(revision));
  if (!text.record.shared) return text;
  return Error(ErrorCode::corrupt,
               "the text of leaf " + revision.to_string() + " of '" + edit_->id + "' is that of no leaf");
}

// How many bytes its record has.
std::size_t ChangeBuilder::put_text(const Revision& revision, const RevisionRecord& record) {
  std::string value;
  encode(record, value);
  const std::size_t size = value.size();
  change_.puts.push_back(
      {Family::documents, keys::revision(edit_->collection, edit_->id, revision), std::move(value)});
  return size;
}

TextsOf ChangeBuilder::texts() const {
  return {.store = shard_.store_,
          .collection = edit_->collection,
          .id = edit_->id,
          .winner = current_.winner,
          .winner_body = current_.head.body};
}

// A replaced text that can be told by its child's no longer.
Status ChangeBuilder::put_whole(const Revision& revision) {
  QUIRE_TRY(const auto text, stored_text(texts(), revision));
  if (text) put_text(revision, {.attachments = text->attachments, .body = text->body});
  return ok();
}

// The winner is to be a loser, whose text goes with whatever replaces it: the one before it stands alone. The
// tree may have forgotten which that is.
Status ChangeBuilder::put_whole_before_winner() {
  const std::uint64_t before = current_.winner.generation - 1;
  const std::string all = keys::revisions(edit_->collection, edit_->id);
  std::string prefix = all;
  put_varint(prefix, before);
  auto it = shard_.store_.iterate(Family::documents, {.upper_bound = keys::after_prefix(prefix)});
  for (it->seek(prefix); it->valid(); it->next()) {
    QUIRE_TRY(const RevisionRecord record, decode_revision(it->value()));
    if (!record.shared || record.shared->child != current_.winner.hash) continue;
    ByteReader in(it->key().substr(all.size()));
    QUIRE_TRY_STATUS(put_whole(Revision::decode(in)));
  }
  return it->status();
}

// A losing leaf got a child: its text is wanted no more.
Status ChangeBuilder::forget_loser(const Revision& revision) {
  QUIRE_TRY(const LoserText text, loser(revision));
  QUIRE_TRY_STATUS(drop_references(revision, text.record.attachments));
  change_.garbage_bytes += text.record.body.size();
  change_.erases.push_back({Family::documents, keys::revision(edit_->collection, edit_->id, revision)});
  return ok();
}

Status ChangeBuilder::drop_references(const Revision& revision, std::string_view encoded) {
  QUIRE_TRY(const std::vector<Attachment> attachments, decode_attachments(encoded));
  for (const Attachment& attachment : attachments) {
    change_.erases.push_back(
        {Family::blobs, keys::blob_reference(attachment.digest, edit_->collection, edit_->id, revision)});
  }
  return ok();
}

// The winner got a child: its text stays for the history, until the trimmer takes both.
void ChangeBuilder::keep_replaced_winner() {
  keep({current_.head.deleted, false, current_.head.attachments, current_.head.body});
}

// The child is to be the winner, which nothing takes away without its ancestors but what knows of the texts
// that are told by it.
void ChangeBuilder::keep_winner_before(const NewLeaf& child) {
  const bool whole =
      current_.head.deleted || child.deleted || current_.winner.generation % tuning::kWholeTextEvery == 0;
  if (whole || !change_.keep_history) return keep_replaced_winner();
  keep(without_shared({.attachments = current_.head.attachments, .body = current_.head.body},
                      child.revision.hash, child.body));
}

void ChangeBuilder::keep(const RevisionRecord& replaced) {
  if (!change_.keep_history) {
    // The references of a replaced text that nobody keeps go with it; a malformed list was refused when it
    // was read.
    (void)drop_references(current_.winner, current_.head.attachments);
    return;
  }
  if (current_.head.stub || (current_.head.deleted && current_.head.body == "{}")) return;
  const std::size_t size = put_text(current_.winner, replaced);
  change_.kept_bytes = replaced.shared ? size : replaced.body.size();
}

Status ChangeBuilder::write_head(const StoredTree& stored, const Revision& winner, bool winner_deleted,
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
void ChangeBuilder::place_head(bool winner_deleted) {
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

Operation ChangeBuilder::operation(const Revision& winner, bool winner_deleted) const {
  if (change_.purge) return Operation::purge;
  if (winner == current_.winner) return Operation::conflict;
  if (winner_deleted) return Operation::remove;
  if (!current_.live()) return Operation::insert;
  return updates_ || edit_->kind == Edit::Kind::transform ? Operation::update : Operation::replace;
}

void ChangeBuilder::write_history(const Revision& winner, bool winner_deleted) {
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

void ChangeBuilder::count(bool winner_deleted, std::string_view body) {
  const bool live = current_.live();
  change_.documents = static_cast<int>(!winner_deleted) - static_cast<int>(live);
  change_.deleted = static_cast<int>(winner_deleted) - static_cast<int>(current_.exists() && !live);
  change_.bytes = static_cast<std::int64_t>(winner_deleted ? 0 : body.size()) -
                  static_cast<std::int64_t>(current_.live_body().size());
}

Status ChangeBuilder::index(std::string_view body, bool live) {
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
Status ChangeBuilder::index_one(const OpenIndex& open, std::string_view body, bool live) {
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

std::string ChangeBuilder::entry_key(const std::string& prefix, const std::string& key) const {
  std::string entry;
  entry.reserve(prefix.size() + key.size() + edit_->id.size());
  return entry.append(prefix).append(key).append(edit_->id);
}

}  // namespace quire::database
