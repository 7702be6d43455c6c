#include "database/maintenance.h"

#include <algorithm>

#include "base/bytes.h"
#include "database/keys.h"
#include "database/records.h"
#include "database/tuning.h"
#include "document/revision_tree.h"

namespace quire::database {

using storage::Family;

Maintenance::Maintenance(const Parts& parts, const ShardSettings& settings, const CallLimits& limits)
    : parts_(parts), settings_(settings), limits_(limits), now_(parts.clock.wall_ms()) {}

Result<std::optional<WallMs>> Maintenance::run() {
  storage::ReadBuffer buffer;
  QUIRE_TRY(const bool found, parts_.store.get(Family::meta, keys::kTrim, buffer));
  if (found) {
    QUIRE_TRY(trim_, decode_trim(buffer.view()));
  }
  QUIRE_TRY_STATUS(trim_history());
  if (settings_.tombstone_ms) QUIRE_TRY_STATUS(trim_tombstones());
  QUIRE_TRY_STATUS(expire_requests());
  QUIRE_TRY_STATUS(sweep_blobs());
  QUIRE_TRY_STATUS(give_space_back());
  return due_;
}

// --- superseded history

// Marks lie in the order of the changes they mark. Those that are old enough go; and from the first on, as
// many as it takes to come back under the bytes that replaced texts may have.
Status Maintenance::trim_history() {
  const WallMs cutoff = now_ - settings_.history_ms;
  std::uint64_t live = 0;
  for (const CollectionInfo& collection : parts_.collections.list()) live += collection.counts.bytes;
  const std::uint64_t allowed = std::max(settings_.history_bytes, live / tuning::kKeptShareOfLive);
  std::uint64_t kept = parts_.committer.state().kept_bytes;

  std::vector<Superseded> batch;
  const std::string first = keys::superseded(0);
  auto it =
      parts_.store.iterate(Family::history, {.upper_bound = keys::after_prefix("S"), .fill_cache = false});
  for (it->seek(first); it->valid(); it->next()) {
    QUIRE_TRY(const SupersededRecord mark, decode_superseded(it->value()));
    if (wall_of(mark.time) > cutoff && kept <= allowed) {
      due_at(wall_of(mark.time) + settings_.history_ms);
      continue;
    }
    QUIRE_TRY(Superseded entry, look_at(keys::sequence_of(it->key()), mark));
    kept -= std::min(kept, mark.bytes);
    batch.push_back(std::move(entry));
    if (batch.size() < tuning::kTrimBatch) continue;
    QUIRE_TRY_STATUS(erase(batch));
    batch.clear();
    QUIRE_TRY_STATUS(check());
  }
  QUIRE_TRY_STATUS(it->status());
  return batch.empty() ? ok() : erase(batch);
}

// The text that waits is the winner's of then: the change's own revision, or the one it left in its place.
Result<Maintenance::Superseded> Maintenance::look_at(Sequence sequence, const SupersededRecord& mark) {
  Superseded found;
  found.sequence = sequence;
  found.kept_bytes = mark.bytes;
  storage::ReadBuffer buffer;
  QUIRE_TRY(const bool there, parts_.store.get(Family::history, keys::history(sequence), buffer));
  if (!there) return found;
  QUIRE_TRY(const HistoryEntry entry, decode_history(buffer.view()));
  QUIRE_TRY_STATUS(look_at_text(entry.collection, entry.id, entry.revision, found));
  if (entry.winner) QUIRE_TRY_STATUS(look_at_text(entry.collection, entry.id, *entry.winner, found));
  return found;
}

Status Maintenance::look_at_text(CollectionId collection, std::string_view id,
                                 const document::Revision& revision, Superseded& found) {
  std::string key = keys::revision(collection, id, revision);
  storage::ReadBuffer buffer;
  QUIRE_TRY(const bool there, parts_.store.get(Family::documents, key, buffer));
  if (!there) return ok();
  QUIRE_TRY(const RevisionRecord record, decode_revision(buffer.view()));
  if (record.leaf) return ok();
  QUIRE_TRY(const auto attachments, decode_attachments(record.attachments));
  for (const Attachment& attachment : attachments) {
    found.references.push_back(keys::blob_reference(attachment.digest, collection, id, revision));
  }
  found.text_bytes += record.body.size();
  found.texts.push_back(std::move(key));
  return ok();
}

Status Maintenance::erase(const std::vector<Superseded>& trimmed) {
  trim_.edge = std::max(trim_.edge, trimmed.back().sequence);
  parts_.edge.store(trim_.edge, std::memory_order_release);
  const auto job = [&](CommitJob& commit) {
    std::uint64_t kept = 0;
    for (const Superseded& entry : trimmed) {
      commit.batch.erase(Family::history, keys::history(entry.sequence));
      commit.batch.erase(Family::history, keys::superseded(entry.sequence));
      for (const std::string& text : entry.texts) commit.batch.erase(Family::documents, text);
      for (const std::string& reference : entry.references) commit.batch.erase(Family::blobs, reference);
      kept += entry.kept_bytes;
      commit.state.garbage_bytes += entry.text_bytes + tuning::kHeadBytes;
    }
    commit.state.kept_bytes -= std::min(commit.state.kept_bytes, kept);
    std::string value;
    encode(trim_, value);
    commit.batch.put(Family::meta, keys::kTrim, value);
    return ok();
  };
  return parts_.committer.run_job(job, false);
}

// --- tombstones

// Entries are in the order of their times, so the first young one ends the walk; each is looked at once.
Status Maintenance::trim_tombstones() {
  const WallMs cutoff = now_ - *settings_.tombstone_ms;
  const Sequence durable = parts_.committer.durable();
  HistoryCursor cursor(parts_.store, {.since = trim_.tombstones, .collection = {}, .current_only = true},
                       durable);
  Sequence reached = trim_.tombstones;
  for (std::uint32_t seen = 1;; ++seen) {
    if (seen % tuning::kLimitsEvery == 0) QUIRE_TRY_STATUS(check());
    QUIRE_TRY(const auto row, cursor.next());
    if (!row) {
      reached = durable;
      break;
    }
    const auto& [sequence, entry] = *row;
    if (wall_of(entry.time) > cutoff) {
      due_at(wall_of(entry.time) + *settings_.tombstone_ms);
      break;
    }
    if (entry.deleted) QUIRE_TRY_STATUS(make_stub(sequence, entry));
    reached = sequence;
  }
  if (reached == trim_.tombstones) return ok();
  trim_.tombstones = reached;
  return parts_.committer.run_job(
      [&](CommitJob& commit) {
        std::string value;
        encode(trim_, value);
        commit.batch.put(Family::meta, keys::kTrim, value);
        return ok();
      },
      false);
}

// Leaves the id and the last revision of a deleted document; one with conflicts stays whole.
Status Maintenance::make_stub(Sequence sequence, const HistoryEntry& entry) {
  return parts_.committer.run_job(
      [&](CommitJob& commit) -> Status {
        QUIRE_TRY(const RecordRef record, parts_.heads.read(entry.collection, entry.id));
        if (!record) return ok();
        QUIRE_TRY(const HeadRecord head, decode_head(record.view()));
        const auto linear = document::view_linear(head.tree);
        if (head.sequence != sequence || !head.deleted || head.stub || !linear) return ok();
        std::string tree;
        document::append_child_linear(tree, {}, linear->leaf, true, 0);
        std::string stub;
        encode(HeadRecord{.deleted = true,
                          .stub = true,
                          .sequence = sequence,
                          .tree = tree,
                          .attachments = {},
                          .body = {}},
               stub);
        const std::string chunks = keys::ancestors_of(entry.collection, entry.id);
        if (head.chunked != 0)
          commit.batch.erase_range(Family::documents, chunks, keys::after_prefix(chunks));
        commit.batch.erase(Family::history, keys::history(sequence));
        commit.state.garbage_bytes += record.size + tuning::kHeadBytes;
        commit.rewrite_head(entry.collection, entry.id, std::move(stub));
        return ok();
      },
      false);
}

// --- request ids

Status Maintenance::expire_requests() {
  auto it = parts_.store.iterate(Family::meta, {.upper_bound = keys::after_prefix("k"), .fill_cache = false});
  auto batch = parts_.store.make_batch();
  for (it->seek("k"); it->valid(); it->next()) {
    if (it->key().size() < 9) return Error(ErrorCode::corrupt, "a request's expiry has a malformed key");
    const auto time = static_cast<WallMs>(load_u64(it->key().data() + 1));
    if (time > now_) {
      due_at(time);
      break;
    }
    const std::string answers = keys::requests(it->key().substr(9));
    batch->erase_range(Family::meta, answers, keys::after_prefix(answers));
    batch->erase(Family::meta, it->key());
    if (batch->bytes() < tuning::kRoundBytes) continue;
    QUIRE_TRY_STATUS(parts_.store.write(*batch, storage::Sync::none));
    batch->clear();
    QUIRE_TRY_STATUS(check());
  }
  QUIRE_TRY_STATUS(it->status());
  return batch->empty() ? ok() : parts_.store.write(*batch, storage::Sync::none);
}

// --- blobs

Status Maintenance::sweep_blobs() {
  QUIRE_TRY_STATUS(parts_.blobs.remove_broken_uploads());
  const WallMs cutoff = now_ - tuning::kBlobOrphanMs;
  auto it =
      parts_.store.iterate(Family::blobs, {.upper_bound = keys::after_prefix("N"), .fill_cache = false});
  for (it->seek("N"); it->valid(); it->next()) {
    QUIRE_TRY(const BlobRecord record, decode_blob(it->value()));
    const std::string digest(it->key().substr(1));
    QUIRE_TRY(const bool wanted, referred_to(digest, nullptr));
    if (wanted) continue;
    if (record.created_ms >= cutoff) {
      due_at(record.created_ms + tuning::kBlobOrphanMs);
      continue;
    }
    QUIRE_TRY_STATUS(check());
    // Alone with the committer: nothing comes to refer to it between the look and the removal.
    QUIRE_TRY_STATUS(parts_.committer.run_job(
        [&](CommitJob& commit) -> Status {
          std::vector<std::string> stale;
          QUIRE_TRY(const bool wanted_now, referred_to(digest, &stale));
          if (wanted_now) return ok();
          for (const std::string& key : stale) commit.batch.erase(Family::blobs, key);
          QUIRE_TRY(const auto freed, parts_.blobs.remove(digest, cutoff));
          commit.state.garbage_bytes += freed.value_or(0);
          return ok();
        },
        false));
  }
  return it->status();
}

// True where a document of a collection that still exists has the blob. The references of dropped collections
// are `stale`.
Result<bool> Maintenance::referred_to(std::string_view digest, std::vector<std::string>* stale) {
  const std::string prefix = keys::blob_references(digest);
  auto it =
      parts_.store.iterate(Family::blobs, {.upper_bound = keys::after_prefix(prefix), .fill_cache = false});
  for (it->seek(prefix); it->valid(); it->next()) {
    const std::string_view rest = it->key().substr(prefix.size());
    if (rest.size() < 4) return Error(ErrorCode::corrupt, "a blob's reference has a malformed key");
    if (parts_.collections.revision_limit(load_u32(rest.data()))) return true;
    if (stale != nullptr) stale->emplace_back(it->key());
  }
  QUIRE_TRY_STATUS(it->status());
  return false;
}

// --- space

// Overwritten and deleted bytes stay in the files until compaction meets them; where they have become many,
// it is sent there.
Status Maintenance::give_space_back() {
  std::uint64_t live = 0;
  for (const CollectionInfo& collection : parts_.collections.list()) live += collection.counts.bytes;
  const std::uint64_t garbage = parts_.committer.state().garbage_bytes;
  if (garbage < std::max<std::uint64_t>(tuning::kGarbageBytes, live / tuning::kGarbageShareOfLive))
    return ok();
  QUIRE_TRY_STATUS(parts_.store.flush());
  for (const Family family :
       {Family::documents, Family::history, Family::index, Family::blobs, Family::search}) {
    QUIRE_TRY_STATUS(check());
    QUIRE_TRY_STATUS(parts_.store.compact(family, {}, {}));
  }
  return parts_.committer.run_job(
      [&](CommitJob& commit) {
        commit.state.garbage_bytes -= std::min(commit.state.garbage_bytes, garbage);
        return ok();
      },
      false);
}

}  // namespace quire::database
