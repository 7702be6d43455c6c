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

Status Maintenance::load_trim() {
  storage::ReadBuffer buffer;
  QUIRE_TRY(const bool found, parts_.store.get(Family::meta, keys::kTrim, buffer));
  if (found) {
    QUIRE_TRY(trim_, decode_trim(buffer.view()));
  }
  return ok();
}

Status Maintenance::compact() {
  // What is superseded by now has a time that is not past this one: the shard's clock may run ahead of the
  // wall's.
  now_ = std::max(now_, wall_of(parts_.committer.state().time));
  settings_.history_ms = 0;
  settings_.history_bytes = 0;
  QUIRE_TRY_STATUS(load_trim());
  QUIRE_TRY_STATUS(trim_history());
  QUIRE_TRY_STATUS(trim_dropped());
  now_ = parts_.clock.wall_ms();
  QUIRE_TRY_STATUS(sweep_blobs());
  return compact_files();
}

Result<std::optional<WallMs>> Maintenance::run() {
  QUIRE_TRY_STATUS(load_trim());
  QUIRE_TRY_STATUS(expire_documents());
  QUIRE_TRY_STATUS(trim_history());
  QUIRE_TRY_STATUS(trim_dropped());
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
  const std::uint64_t allowed = allowed_bytes();
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
    kept -= std::min(kept, mark.bytes);
    batch.push_back({keys::sequence_of(it->key()), mark.bytes});
    if (batch.size() < tuning::kTrimBatch) continue;
    QUIRE_TRY_STATUS(erase(batch));
    batch.clear();
    QUIRE_TRY_STATUS(check());
  }
  QUIRE_TRY_STATUS(it->status());
  return batch.empty() ? ok() : erase(batch);
}

// In a job, because a revision whose text waits may come back as a leaf, by replication.
Status Maintenance::erase(const std::vector<Superseded>& trimmed) {
  raise_edge(trimmed.back().sequence);
  const auto job = [&](CommitJob& commit) -> Status {
    std::uint64_t kept = 0;
    for (const Superseded& entry : trimmed) {
      if (entry.kept_bytes != 0) QUIRE_TRY_STATUS(erase_text(parts_.store, entry.sequence, commit));
      commit.batch.erase(Family::history, keys::history(entry.sequence));
      commit.batch.erase(Family::history, keys::superseded(entry.sequence));
      kept += entry.kept_bytes;
      commit.state.garbage_bytes += entry.kept_bytes + tuning::kHeadBytes;
    }
    commit.state.kept_bytes -= std::min(commit.state.kept_bytes, kept);
    put_trim(commit.batch);
    return ok();
  };
  return parts_.committer.run_job(job, false);
}

// The text that waits is the winner's of then: the change's own revision, or the one that it left in place.
// An entry that leaves its hash elsewhere is of a deletion without a text.
Status Maintenance::erase_text(storage::Store& store, Sequence sequence, CommitJob& commit) {
  storage::ReadBuffer entry_buffer;
  QUIRE_TRY(const bool there, store.get(Family::history, keys::history(sequence), entry_buffer));
  if (!there) return ok();
  QUIRE_TRY(const HistoryEntry entry, decode_history(entry_buffer.view(), sequence));
  if (entry.in_tombstone) return ok();
  const document::Revision& revision = entry.winner ? *entry.winner : entry.revision;
  const std::string key = keys::revision(entry.collection, entry.id, revision);
  storage::ReadBuffer text_buffer;
  QUIRE_TRY(const bool kept, store.get(Family::documents, key, text_buffer));
  if (!kept) return ok();
  QUIRE_TRY(const RevisionRecord text, decode_revision(text_buffer.view()));
  if (text.leaf) return ok();
  QUIRE_TRY(const auto attachments, decode_attachments(text.attachments));
  for (const Attachment& attachment : attachments) {
    commit.batch.erase(Family::blobs,
                       keys::blob_reference(attachment.digest, entry.collection, entry.id, revision));
  }
  commit.batch.erase(Family::documents, key);
  return ok();
}

void Maintenance::raise_edge(Sequence sequence) {
  trim_.edge = std::max(trim_.edge, sequence);
  database::raise_edge(parts_.edge, sequence);
}

void Maintenance::put_trim(storage::Batch& batch) const {
  std::string value;
  encode(trim_, value);
  batch.put(Family::meta, keys::kTrim, value);
}

std::uint64_t Maintenance::allowed_bytes() const {
  std::uint64_t live = 0;
  for (const CollectionInfo& collection : parts_.collections.list()) live += collection.counts.bytes;
  return std::max(settings_.history_bytes, live / tuning::kKeptShareOfLive);
}

// --- dropped collections

// Once the drop itself is old enough, all goes that the history has of the collection.
Status Maintenance::trim_dropped() {
  const WallMs cutoff = now_ - settings_.history_ms;
  QUIRE_TRY(DroppedCollections young, dropped_collections(parts_.store));
  DroppedCollections old;
  for (auto next = young.begin(); next != young.end();) {
    const auto at = next++;
    const WallMs time = wall_of(at->second.time);
    if (time <= cutoff) {
      old.insert(young.extract(at));
    } else {
      due_at(time + settings_.history_ms);
    }
  }
  QUIRE_TRY_STATUS(make_room(young));
  if (old.empty()) return ok();
  QUIRE_TRY_STATUS(erase_entries_of(old));
  return parts_.committer.run_job(
      [&](CommitJob& commit) {
        for (auto& [collection, dropped] : old) erase_dropped(commit, collection, dropped);
        return ok();
      },
      false);
}

// Beside the replaced texts there may be little room for the documents of dropped collections. Those that
// were dropped first go first; their entries stay, without the texts.
Status Maintenance::make_room(const DroppedCollections& dropped) {
  std::vector<std::pair<CollectionId, DroppedRecord>> with_documents;
  std::uint64_t kept = parts_.committer.state().kept_bytes;
  for (const auto& [collection, record] : dropped) {
    if (record.bytes != 0) with_documents.emplace_back(collection, record);
    kept += record.bytes;
  }
  std::sort(with_documents.begin(), with_documents.end(),
            [](const auto& a, const auto& b) { return a.second.sequence < b.second.sequence; });
  const std::uint64_t allowed = allowed_bytes();
  for (auto& [collection, record] : with_documents) {
    if (kept <= allowed) break;
    kept -= record.bytes;
    const auto job = [&, id = collection, &going = record](CommitJob& commit) {
      erase_documents_of(commit, id, going);
      put_dropped(commit.batch, id, going);
      return ok();
    };
    QUIRE_TRY_STATUS(parts_.committer.run_job(job, false));
  }
  return ok();
}

Status Maintenance::erase_entries_of(const DroppedCollections& dropped) {
  Sequence last = 0;
  for (const auto& [collection, record] : dropped) last = std::max(last, record.sequence);
  auto batch = parts_.store.make_batch();
  std::uint64_t erased = 0;
  const auto flush = [&]() -> Status {
    put_trim(*batch);
    QUIRE_TRY_STATUS(parts_.store.write(*batch, storage::Sync::none));
    batch->clear();
    return check();
  };
  auto it = parts_.store.iterate(
      Family::history, {.upper_bound = keys::history(last + 1), .fill_cache = false, .read_ahead = true});
  for (it->seek(keys::history(0)); it->valid(); it->next()) {
    QUIRE_TRY(const HistoryEntry entry, decode_history(it->value(), keys::sequence_of(it->key())));
    if (!dropped.contains(entry.collection)) continue;
    raise_edge(keys::sequence_of(it->key()));
    batch->erase(Family::history, it->key());
    ++erased;
    if (erased % tuning::kTrimBatch == 0) QUIRE_TRY_STATUS(flush());
  }
  QUIRE_TRY_STATUS(it->status());
  QUIRE_TRY_STATUS(flush());
  return parts_.committer.run_job(
      [&](CommitJob& commit) {
        commit.state.garbage_bytes += erased * tuning::kHeadBytes;
        return ok();
      },
      false);
}

// --- tombstones

// Entries are in the order of their times, so the first young one ends the walk; each is looked at once.
Status Maintenance::trim_tombstones() {
  const WallMs cutoff = now_ - *settings_.tombstone_ms;
  const Sequence durable = parts_.committer.durable();
  HistoryCursor cursor(parts_.store, {.since = trim_.tombstones, .collection = {}, .current_only = true},
                       durable);
  const Sequence before = trim_.tombstones;
  Status stopped = ok();
  for (std::uint32_t seen = 1; stopped; ++seen) {
    if (seen % tuning::kLimitsEvery == 0) stopped = check();
    QUIRE_TRY(const auto row, cursor.next());
    if (!row) {
      trim_.tombstones = durable;
      break;
    }
    const auto& [sequence, entry] = *row;
    if (wall_of(entry.time) > cutoff) {
      due_at(wall_of(entry.time) + *settings_.tombstone_ms);
      break;
    }
    if (entry.deleted) QUIRE_TRY_STATUS(make_stub(sequence, entry));
    trim_.tombstones = sequence;
  }
  if (trim_.tombstones != before) {
    QUIRE_TRY_STATUS(parts_.committer.run_job(
        [&](CommitJob& commit) {
          put_trim(commit.batch);
          return ok();
        },
        false));
  }
  return stopped;
}

// Leaves the id and the last revision of a deleted document; one with conflicts stays whole. A follower from
// before would never hear of the deletion, so its position is lost.
Status Maintenance::make_stub(Sequence sequence, const HistoryEntry& entry) {
  const auto job = [&](CommitJob& commit) -> Status {
    if (!parts_.collections.settings(entry.collection)) return ok();  // dropped: it goes as a whole
    QUIRE_TRY(const RecordRef record, parts_.heads.read(entry.collection, entry.id));
    if (!record) return ok();
    QUIRE_TRY(const HeadRecord head, decode_head(record.view()));
    const auto linear = document::view_linear(head.tree);
    if (head.sequence != sequence || !head.deleted || head.stub || !linear) return ok();
    std::string tree;
    document::append_child_linear(tree, {}, linear->leaf, true, 0);
    std::string stub;
    encode(HeadRecord{.deleted = true, .stub = true, .sequence = sequence, .tree = tree}, stub);
    const std::string chunks = keys::ancestors_of(entry.collection, entry.id);
    if (head.chunked != 0) {
      commit.batch.erase_range(Family::documents, chunks, keys::after_prefix(chunks));
    }
    QUIRE_TRY(const auto attachments, decode_attachments(head.attachments));
    for (const Attachment& attachment : attachments) {
      commit.batch.erase(Family::blobs,
                         keys::blob_reference(attachment.digest, entry.collection, entry.id, linear->leaf));
    }
    commit.batch.erase(Family::history, keys::history(sequence));
    raise_edge(sequence);
    put_trim(commit.batch);
    commit.state.garbage_bytes += record.size + tuning::kHeadBytes;
    commit.rewrite_head(entry.collection, entry.id, record.view(), std::move(stub));
    return ok();
  };
  return parts_.committer.run_job(job, false);
}

// --- documents whose time is over

Status Maintenance::expire_documents() {
  const Indexes::List indexes = parts_.indexes.list();
  for (const OpenIndex& index : *indexes) {
    // The build goes on in an open shard, and what it finds may be due.
    if (index.building()) due_at(now_ + tuning::kBuildLookMs);
    if (!index.ready()) continue;
    if (const auto due = index.hook->due(now_)) QUIRE_TRY_STATUS(expire_by(index, *due));
  }
  return ok();
}

// Over one state, so that a document that cannot be removed now is not met again at once.
Status Maintenance::expire_by(const OpenIndex& index, const IndexHook::Due& due) {
  const std::string prefix = keys::index_entries(index.id);
  auto it = parts_.store.iterate(Family::index, {.upper_bound = prefix + due.end, .fill_cache = false});
  const std::string behind = prefix + due.to;
  std::vector<Expired> batch;
  for (it->seek(prefix + due.from); it->valid(); it->next()) {
    const std::string_view entry = it->key().substr(prefix.size());
    QUIRE_TRY(const std::size_t length, decode_index_value(it->value(), entry.size()));
    if (it->key() >= behind) {
      if (const auto next = index.hook->due_at(entry.substr(0, length))) due_at(*next);
      break;
    }
    batch.push_back({std::string(entry.substr(length)), std::string(entry.substr(0, length))});
    if (batch.size() < tuning::kTrimBatch) continue;
    QUIRE_TRY_STATUS(remove_expired(index, batch));
    batch.clear();
    QUIRE_TRY_STATUS(check());
  }
  QUIRE_TRY_STATUS(it->status());
  return batch.empty() ? ok() : remove_expired(index, batch);
}

// By ordinary deletions of the very revision that is due: one that was changed meanwhile stays, and is looked
// at the next time.
Status Maintenance::remove_expired(const OpenIndex& index, const std::vector<Expired>& batch) {
  std::vector<Edit> edits;
  IndexKeys found;
  for (const Expired& expired : batch) {
    QUIRE_TRY(const RecordRef record, parts_.heads.read(index.record.collection, expired.id));
    if (!record) continue;
    QUIRE_TRY(const HeadRecord head, decode_head(record.view()));
    if (head.deleted) continue;  // by another of its dates
    found.clear();
    QUIRE_TRY_STATUS(index.hook->keys_of(expired.id, head.body, found));
    if (std::find(found.keys.begin(), found.keys.end(), expired.key) == found.keys.end()) continue;
    const auto same = [&](const Edit& edit) { return edit.id == expired.id; };
    if (std::any_of(edits.begin(), edits.end(), same)) continue;
    Edit edit;
    edit.collection = index.record.collection;
    edit.id = expired.id;
    edit.kind = Edit::Kind::remove;
    QUIRE_TRY(edit.expected, winner_revision(head));
    edits.push_back(std::move(edit));
  }
  if (edits.empty()) return ok();
  QUIRE_TRY_STATUS(parts_.write(std::move(edits)));
  return ok();
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

// Blobs and references are both in the order of digests, and walked in step.
Status Maintenance::sweep_blobs() {
  QUIRE_TRY_STATUS(parts_.blobs.remove_broken_uploads());
  const WallMs cutoff = now_ - tuning::kBlobOrphanMs;
  auto blobs =
      parts_.store.iterate(Family::blobs, {.upper_bound = keys::after_prefix("N"), .fill_cache = false});
  auto references =
      parts_.store.iterate(Family::blobs, {.upper_bound = keys::after_prefix("F"), .fill_cache = false});
  references->seek("F");
  std::uint32_t seen = 0;
  for (blobs->seek("N"); blobs->valid(); blobs->next()) {
    if (++seen % tuning::kLimitsEvery == 0) QUIRE_TRY_STATUS(check());
    const std::string digest(blobs->key().substr(1));
    QUIRE_TRY(const bool wanted, referred_to(*references, digest, nullptr));
    if (wanted) continue;
    const auto record = decode_blob(blobs->value());
    if (!record) continue;  // damaged: the next upload of these bytes replaces it
    if (record->created_ms >= cutoff) {
      due_at(record->created_ms + tuning::kBlobOrphanMs + 1);
      continue;
    }
    QUIRE_TRY_STATUS(check());
    QUIRE_TRY_STATUS(remove_orphan(digest, cutoff));
  }
  return blobs->status();
}

// Alone with the committer: nothing comes to refer to it between the look and the removal.
Status Maintenance::remove_orphan(const std::string& digest, WallMs uploaded_before) {
  return parts_.committer.run_job(
      [&](CommitJob& commit) -> Status {
        const std::string prefix = keys::blob_references(digest);
        auto references = parts_.store.iterate(Family::blobs, {.upper_bound = keys::after_prefix(prefix)});
        references->seek(prefix);
        std::vector<std::string> stale;
        QUIRE_TRY(const bool wanted, referred_to(*references, digest, &stale));
        if (wanted) return ok();
        for (const std::string& key : stale) commit.batch.erase(Family::blobs, key);
        QUIRE_TRY(const auto freed, parts_.blobs.remove(digest, uploaded_before));
        commit.state.garbage_bytes += freed.value_or(0);
        return ok();
      },
      false);
}

// True where a document of a collection that still exists has the blob; `references` stands at or before the
// first of them. Those of dropped collections are `stale`.
Result<bool> Maintenance::referred_to(storage::Iterator& references, std::string_view digest,
                                      std::vector<std::string>* stale) {
  const std::string prefix = keys::blob_references(digest);
  while (references.valid() && references.key() < prefix) references.next();
  for (; references.valid() && references.key().starts_with(prefix); references.next()) {
    const std::string_view rest = references.key().substr(prefix.size());
    if (rest.size() < 4) return Error(ErrorCode::corrupt, "a blob's reference has a malformed key");
    if (parts_.collections.settings(load_u32(rest.data()))) return true;
    if (stale != nullptr) stale->emplace_back(references.key());
  }
  QUIRE_TRY_STATUS(references.status());
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
  return compact_files();
}

Status Maintenance::compact_files() {
  const std::uint64_t garbage = parts_.committer.state().garbage_bytes;
  QUIRE_TRY_STATUS(parts_.store.flush());
  for (const Family family : {Family::documents, Family::tombstones, Family::history, Family::index,
                              Family::blobs, Family::search}) {
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
