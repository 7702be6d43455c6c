#include "database/records.h"

#include "base/bytes.h"
#include "base/check.h"

// The head keeps its sequence at a fixed place, byte 2, and the history entry its time, so that the
// committer, which alone knows them, writes eight bytes into a record that the caller's thread has prepared.

namespace quire::database {

namespace {

constexpr std::size_t kPatchOffset = 2;
constexpr std::size_t kDigestBytes = 32;
constexpr std::size_t kMd5Bytes = 16;
constexpr std::size_t kFingerprintBytes = 16;

enum HeadFlag : std::uint8_t { kHeadDeleted = 1, kHeadStub = 2, kHeadAttachments = 4, kHeadChunks = 8 };
enum RevisionFlag : std::uint8_t { kRevisionDeleted = 1, kRevisionLeaf = 2, kRevisionShares = 4 };
// Above the operation.
enum HistoryFlag : std::uint8_t {
  kHistoryDeleted = 0x10,
  kHistoryWinner = 0x20,
  kHistoryInTombstone = 0x40,
  kHistoryChanges = 0x80
};

Error damaged(const char* what) {
  return Error(ErrorCode::corrupt, std::string("a ") + what + " record is malformed");
}

// Takes the version byte; false where the record is of another version.
bool version_fits(ByteReader& in) { return in.u8() == kRecordVersion && in.ok(); }

Error other_version(const char* what, std::string_view record) {
  if (record.empty()) return damaged(what);
  const auto version = static_cast<std::uint8_t>(record.front());
  return Error(ErrorCode::corrupt, std::string("a ") + what + " record is of version " +
                                       std::to_string(version) + ", and this program reads version " +
                                       std::to_string(kRecordVersion));
}

}  // namespace

void encode(const HeadRecord& head, std::string& out) {
  out.reserve(out.size() + 24 + head.tree.size() + head.attachments.size() + head.body.size());
  put_u8(out, kRecordVersion);
  put_u8(out, static_cast<std::uint8_t>((head.deleted ? kHeadDeleted : 0) | (head.stub ? kHeadStub : 0) |
                                        (head.attachments.empty() ? 0 : kHeadAttachments) |
                                        (head.chunked == 0 ? 0 : kHeadChunks)));
  put_u64(out, head.sequence);
  if (head.chunked != 0) put_varint(out, head.chunked);
  put_string(out, head.tree);
  if (!head.attachments.empty()) put_string(out, head.attachments);
  out.append(head.body);
}

Result<HeadRecord> decode_head(std::string_view record) {
  ByteReader in(record);
  if (!version_fits(in)) return other_version("head", record);
  const std::uint8_t flags = in.u8();
  HeadRecord head;
  head.deleted = (flags & kHeadDeleted) != 0;
  head.stub = (flags & kHeadStub) != 0;
  head.sequence = in.u64();
  if ((flags & kHeadChunks) != 0) head.chunked = in.varint();
  head.tree = in.string();
  if ((flags & kHeadAttachments) != 0) head.attachments = in.string();
  head.body = in.rest();
  if (!in.ok() || flags > 15 || head.tree.empty()) return damaged("head");
  const bool padded = ((flags & kHeadChunks) != 0 && head.chunked == 0) ||
                      ((flags & kHeadAttachments) != 0 && head.attachments.empty());
  const bool full_stub = head.stub && (!head.deleted || !head.attachments.empty() || !head.body.empty());
  if (padded || full_stub) return damaged("head");
  return head;
}

Sequence sequence_of_head(std::string_view record) { return load_u64(record.data() + kPatchOffset); }

HeadLook look_at_head(std::string_view record, std::string_view& body) {
  constexpr std::size_t kFixed = kPatchOffset + 8;
  if (record.size() <= kFixed || record[0] != kRecordVersion) return HeadLook::damaged;
  const auto flags = static_cast<std::uint8_t>(record[1]);
  if (flags > 15) return HeadLook::damaged;
  if ((flags & kHeadDeleted) != 0) return HeadLook::deleted;
  ByteReader in(record.substr(kFixed));
  if ((flags & kHeadChunks) != 0) in.varint();
  in.string();
  if ((flags & kHeadAttachments) != 0) in.string();
  body = in.rest();
  return in.ok() ? HeadLook::live : HeadLook::damaged;
}

void set_sequence(std::string& head_record, Sequence sequence) {
  QUIRE_CHECK(head_record.size() >= kPatchOffset + 8, "a head too short for its sequence");
  store_u64(head_record.data() + kPatchOffset, sequence);
}

Result<document::Revision> winner_revision(const HeadRecord& head) {
  ByteReader in(head.tree);
  const std::uint64_t branches = in.varint();
  in.u8();  // flags of the winner's
  document::Revision revision;
  revision.generation = in.varint();
  const std::uint64_t length = in.varint();
  in.varint();  // parent
  revision.hash = document::RevisionHash::decode(in);
  const bool generation_fits =
      revision.generation != 0 && revision.generation <= document::kMaxStoredGeneration;
  if (!in.ok() || branches == 0 || length == 0 || !generation_fits) return damaged("head");
  return revision;
}

void encode(const RevisionRecord& record, std::string& out) {
  put_u8(out, kRecordVersion);
  put_u8(out, static_cast<std::uint8_t>((record.deleted ? kRevisionDeleted : 0) |
                                        (record.leaf ? kRevisionLeaf : 0) |
                                        (record.shared ? kRevisionShares : 0)));
  put_string(out, record.attachments);
  if (record.shared) {
    record.shared->child.encode(out);
    put_varint(out, record.shared->front);
    put_varint(out, record.shared->end);
  }
  out.append(record.body);
}

Result<RevisionRecord> decode_revision(std::string_view record) {
  ByteReader in(record);
  if (!version_fits(in)) return other_version("revision", record);
  const std::uint8_t flags = in.u8();
  RevisionRecord revision;
  revision.deleted = (flags & kRevisionDeleted) != 0;
  revision.leaf = (flags & kRevisionLeaf) != 0;
  revision.attachments = in.string();
  if ((flags & kRevisionShares) != 0) {
    revision.shared.emplace(SharedText{.child = document::RevisionHash::decode(in), .front = {}, .end = {}});
    revision.shared->front = in.varint();
    revision.shared->end = in.varint();
  }
  revision.body = in.rest();
  if (!in.ok() || flags > kRevisionShares) return damaged("revision");
  return revision;
}

void encode(const std::vector<Attachment>& attachments, std::string& out) {
  if (attachments.empty()) return;
  put_varint(out, attachments.size());
  for (const Attachment& attachment : attachments) {
    put_string(out, attachment.name);
    put_string(out, attachment.content_type);
    put_string(out, attachment.digest);
    put_string(out, attachment.md5);
    put_varint(out, attachment.length);
    put_varint(out, attachment.revpos);
  }
}

Result<std::vector<Attachment>> decode_attachments(std::string_view bytes) {
  std::vector<Attachment> attachments;
  if (bytes.empty()) return attachments;
  ByteReader in(bytes);
  const std::uint64_t count = in.varint();
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    Attachment attachment;
    attachment.name = in.string();
    attachment.content_type = in.string();
    attachment.digest = in.string();
    attachment.md5 = in.string();
    attachment.length = in.varint();
    attachment.revpos = in.varint();
    if (attachment.digest.size() != kDigestBytes) return damaged("attachment list");
    if (in.ok()) attachments.push_back(std::move(attachment));
  }
  if (!in.done() || count == 0) return damaged("attachment list");
  return attachments;
}

void encode(const AncestorChunk& chunk, std::string& out) {
  put_u8(out, kRecordVersion);
  put_varint(out, chunk.count);
  out.append(chunk.hashes);
}

Result<AncestorChunk> decode_ancestors(std::string_view record) {
  ByteReader in(record);
  if (!version_fits(in)) return other_version("ancestor", record);
  AncestorChunk chunk;
  chunk.count = in.varint();
  chunk.hashes = in.rest();
  for (std::uint64_t i = 0; i < chunk.count && in.ok(); ++i) document::RevisionHash::skip(in);
  if (!in.done()) return damaged("ancestor");
  return chunk;
}

void encode(const document::ChangedFields& changes, std::string& out) {
  for (const auto* paths : {&changes.updated, &changes.removed}) {
    put_varint(out, paths->size());
    for (const std::string& path : *paths) put_string(out, path);
  }
}

Result<document::ChangedFields> decode_changes(std::string_view bytes) {
  ByteReader in(bytes);
  document::ChangedFields changes;
  for (auto* paths : {&changes.updated, &changes.removed}) {
    for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) paths->emplace_back(in.string());
  }
  if (!in.done()) return damaged("history");
  return changes;
}

void encode(const HistoryEntry& entry, std::string& out) {
  out.reserve(out.size() + 40 + entry.id.size() + entry.changes.size());
  put_u8(out, kRecordVersion);
  put_u8(out, static_cast<std::uint8_t>(
                  static_cast<std::uint8_t>(entry.operation) | (entry.deleted ? kHistoryDeleted : 0) |
                  (entry.winner ? kHistoryWinner : 0) | (entry.in_tombstone ? kHistoryInTombstone : 0) |
                  (entry.changes.empty() ? 0 : kHistoryChanges)));
  put_u64(out, entry.time);
  put_varint(out, entry.collection);
  put_string(out, entry.id);
  if (entry.in_tombstone) {
    put_varint(out, entry.revision.generation);
  } else {
    entry.revision.encode(out);
  }
  if (entry.winner) entry.winner->encode(out);
  out += entry.changes;
}

// Only what reads as a removal can leave its hash to a tombstone.
static bool fits_tombstone(const HistoryEntry& entry) {
  return entry.operation == Operation::remove && entry.deleted && entry.revision && !entry.winner &&
         entry.revision.generation <= document::kMaxStoredGeneration;
}

// Changes stand with an update of the winner: two lists of paths.
static bool fits_changes(const HistoryEntry& entry) {
  ByteReader in(entry.changes);
  for (int list = 0; list < 2; ++list) {
    for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) in.string();
  }
  return in.done() && entry.operation == Operation::update && !entry.winner;
}

Status decode_history_into(std::string_view record, Sequence sequence, HistoryEntry& entry) {
  ByteReader in(record);
  if (!version_fits(in)) return other_version("history", record);
  const std::uint8_t flags = in.u8();
  entry.operation = static_cast<Operation>(flags & 0x0F);
  entry.deleted = (flags & kHistoryDeleted) != 0;
  entry.in_tombstone = (flags & kHistoryInTombstone) != 0;
  entry.time = in.u64() + sequence;
  const std::uint64_t collection = in.varint();
  entry.collection = static_cast<CollectionId>(collection);
  entry.id = in.string();
  if (entry.in_tombstone) {
    entry.revision = {.generation = in.varint(), .hash = {}};
  } else {
    entry.revision = document::Revision::decode(in);
  }
  entry.winner.reset();
  if ((flags & kHistoryWinner) != 0) entry.winner = document::Revision::decode(in);
  entry.changes = (flags & kHistoryChanges) != 0 ? in.bytes(in.rest().size()) : std::string_view();
  const bool changes_fit = (flags & kHistoryChanges) == 0 || fits_changes(entry);
  const bool winner_fits = !entry.winner || *entry.winner;
  const bool known = entry.operation >= Operation::insert && entry.operation <= Operation::purge;
  if (!in.done() || !known || !winner_fits || !changes_fit || collection != entry.collection)
    return damaged("history");
  if (entry.in_tombstone && !fits_tombstone(entry)) return damaged("history");
  return ok();
}

Result<HistoryEntry> decode_history(std::string_view record, Sequence sequence) {
  HistoryEntry entry;
  QUIRE_TRY_STATUS(decode_history_into(record, sequence, entry));
  return entry;
}

void set_time(std::string& history_record, Sequence sequence, std::uint64_t time) {
  QUIRE_CHECK(history_record.size() >= kPatchOffset + 8, "a history entry too short for its time");
  store_u64(history_record.data() + kPatchOffset, time - sequence);
}

void encode(const SupersededRecord& record, std::string& out) {
  put_u8(out, kRecordVersion);
  put_varint(out, record.by);
  put_u64(out, record.time);
  put_varint(out, record.bytes);
  if (record.hash) record.hash->encode(out);
}

Result<SupersededRecord> decode_superseded(std::string_view record) {
  ByteReader in(record);
  if (!version_fits(in)) return other_version("superseded", record);
  SupersededRecord superseded;
  superseded.by = in.varint();
  superseded.time = in.u64();
  superseded.bytes = in.varint();
  if (in.ok() && !in.rest().empty()) superseded.hash = document::RevisionHash::decode(in);
  if (!in.done()) return damaged("superseded");
  return superseded;
}

void encode(const StateRecord& state, std::string& out) {
  put_u8(out, kRecordVersion);
  put_varint(out, state.incarnation);
  put_u64(out, state.sequence);
  put_u64(out, state.time);
  put_u32(out, state.next_collection);
  put_u32(out, state.next_index);
  put_u64(out, state.garbage_bytes);
  put_u64(out, state.kept_bytes);
}

Result<StateRecord> decode_state(std::string_view record) {
  ByteReader in(record);
  if (!version_fits(in)) return other_version("state", record);
  StateRecord state;
  state.incarnation = in.varint();
  state.sequence = in.u64();
  state.time = in.u64();
  state.next_collection = in.u32();
  state.next_index = in.u32();
  state.garbage_bytes = in.u64();
  state.kept_bytes = in.u64();
  if (!in.done()) return damaged("state");
  return state;
}

void encode(const PurgesRecord& purges, std::string& out) {
  put_u8(out, kRecordVersion);
  put_varint(out, purges.count);
}

Result<PurgesRecord> decode_purges(std::string_view record) {
  ByteReader in(record);
  if (!version_fits(in)) return other_version("purges", record);
  const PurgesRecord purges{in.varint()};
  if (!in.done()) return damaged("purges");
  return purges;
}

void encode(const CheckpointRecord& checkpoint, std::string& out) {
  put_u8(out, kRecordVersion);
  put_varint(out, checkpoint.revision);
  out.append(checkpoint.body);
}

Result<CheckpointRecord> decode_checkpoint(std::string_view record) {
  ByteReader in(record);
  if (!version_fits(in)) return other_version("checkpoint", record);
  CheckpointRecord checkpoint;
  checkpoint.revision = in.varint();
  checkpoint.body = in.rest();
  if (!in.ok() || checkpoint.revision == 0 || checkpoint.body.empty()) return damaged("checkpoint");
  return checkpoint;
}

void encode(const CheckpointsRecord& checkpoints, std::string& out) {
  put_u8(out, kRecordVersion);
  put_varint(out, checkpoints.count);
  put_varint(out, checkpoints.bytes);
}

Result<CheckpointsRecord> decode_checkpoints(std::string_view record) {
  ByteReader in(record);
  if (!version_fits(in)) return other_version("checkpoints", record);
  CheckpointsRecord checkpoints;
  checkpoints.count = in.varint();
  checkpoints.bytes = in.varint();
  if (!in.done()) return damaged("checkpoints");
  return checkpoints;
}

void encode(const TrimRecord& trim, std::string& out) {
  put_u8(out, kRecordVersion);
  put_u64(out, trim.edge);
  put_u64(out, trim.tombstones);
}

Result<TrimRecord> decode_trim(std::string_view record) {
  ByteReader in(record);
  if (!version_fits(in)) return other_version("trim", record);
  TrimRecord trim;
  trim.edge = in.u64();
  trim.tombstones = in.u64();
  if (!in.done()) return damaged("trim");
  return trim;
}

// A collection without a history.
constexpr std::uint8_t kNoHistory = 1;

void encode(const CollectionRecord& collection, std::string& out) {
  put_u8(out, kRecordVersion);
  put_string(out, collection.name);
  put_varint(out, collection.settings.revision_limit);
  put_u8(out, collection.settings.history ? 0 : kNoHistory);
}

Result<CollectionRecord> decode_collection(std::string_view record) {
  ByteReader in(record);
  if (!version_fits(in)) return other_version("collection", record);
  CollectionRecord collection;
  collection.name = in.string();
  collection.settings.revision_limit = in.varint();
  const std::uint8_t flags = in.u8();
  collection.settings.history = flags != kNoHistory;
  if (!in.done() || flags > kNoHistory) return damaged("collection");
  return collection;
}

void encode(const Counts& counts, std::string& out) {
  put_u8(out, kRecordVersion);
  put_varint(out, counts.documents);
  put_varint(out, counts.deleted);
  put_varint(out, counts.bytes);
  if (counts.edge != 0) put_varint(out, counts.edge);
}

Result<Counts> decode_counts(std::string_view record) {
  ByteReader in(record);
  if (!version_fits(in)) return other_version("count", record);
  Counts counts;
  counts.documents = in.varint();
  counts.deleted = in.varint();
  counts.bytes = in.varint();
  if (!in.done()) {
    counts.edge = in.varint();
    if (counts.edge == 0) return damaged("count");
  }
  if (!in.done()) return damaged("count");
  return counts;
}

void encode(const IndexRecord& index, std::string& out) {
  put_u8(out, kRecordVersion);
  put_u32(out, index.collection);
  put_string(out, index.kind);
  put_string(out, index.definition);
}

Result<IndexRecord> decode_index(std::string_view record) {
  ByteReader in(record);
  if (!version_fits(in)) return other_version("index definition", record);
  IndexRecord index;
  index.collection = in.u32();
  index.kind = in.string();
  index.definition = in.string();
  if (!in.done()) return damaged("index definition");
  return index;
}

void encode(const RuleRecord& rule, std::string& out) {
  put_u8(out, kRecordVersion);
  put_string(out, rule.kind);
  put_string(out, rule.definition);
}

Result<RuleRecord> decode_rule(std::string_view record) {
  ByteReader in(record);
  if (!version_fits(in)) return other_version("rule", record);
  RuleRecord rule;
  rule.kind = in.string();
  rule.definition = in.string();
  if (!in.done()) return damaged("rule");
  return rule;
}

void encode(const IndexStateRecord& state, std::string& out) {
  put_u8(out, kRecordVersion);
  put_u8(out, static_cast<std::uint8_t>(state.state));
  put_string(out, state.format);
  put_string(out, state.reached);
  put_varint(out, state.done);
  put_varint(out, state.total);
  put_string(out, state.failure);
}

Result<IndexStateRecord> decode_index_state(std::string_view record) {
  ByteReader in(record);
  if (!version_fits(in)) return other_version("index state", record);
  IndexStateRecord state;
  const std::uint8_t number = in.u8();
  state.state = static_cast<IndexState>(number);
  state.format = in.string();
  state.reached = in.string();
  state.done = in.varint();
  state.total = in.varint();
  state.failure = in.string();
  if (!in.done() || number > static_cast<std::uint8_t>(IndexState::failed)) return damaged("index state");
  return state;
}

std::string index_value(std::string_view index_key) {
  std::string value;
  index_value_to(value, index_key.size());
  return value;
}

void index_value_to(std::string& out, std::size_t index_key_bytes) {
  out.clear();
  put_u8(out, kRecordVersion);
  put_varint(out, index_key_bytes);
}

Result<std::size_t> decode_index_value(std::string_view value, std::size_t entry_bytes) {
  ByteReader in(value);
  if (!version_fits(in)) return other_version("index entry", value);
  const std::uint64_t length = in.varint();
  if (!in.done() || length >= entry_bytes) return damaged("index entry");
  return static_cast<std::size_t>(length);
}

void encode(const BlobRecord& blob, std::string& out) {
  put_u8(out, kRecordVersion);
  put_u64(out, blob.number);
  put_varint(out, blob.length);
  put_string(out, blob.md5);
  put_u64(out, static_cast<std::uint64_t>(blob.created_ms));
}

Result<BlobRecord> decode_blob(std::string_view record) {
  ByteReader in(record);
  if (!version_fits(in)) return other_version("blob", record);
  BlobRecord blob;
  blob.number = in.u64();
  blob.length = in.varint();
  blob.md5 = in.string();
  blob.created_ms = static_cast<WallMs>(in.u64());
  if (!in.done() || blob.md5.size() != kMd5Bytes) return damaged("blob");
  return blob;
}

void encode(const UploadRecord& upload, std::string& out) {
  put_u8(out, kRecordVersion);
  put_u64(out, static_cast<std::uint64_t>(upload.created_ms));
}

Result<UploadRecord> decode_upload(std::string_view record) {
  ByteReader in(record);
  if (!version_fits(in)) return other_version("upload", record);
  UploadRecord upload;
  upload.created_ms = static_cast<WallMs>(in.u64());
  if (!in.done()) return damaged("upload");
  return upload;
}

void encode(const DroppedRecord& dropped, std::string& out) {
  put_u8(out, kRecordVersion);
  put_u64(out, dropped.sequence);
  put_u64(out, dropped.time);
  put_varint(out, dropped.bytes);
  put_varint(out, dropped.edge);
  put_string(out, dropped.name);
}

Result<DroppedRecord> decode_dropped(std::string_view record) {
  ByteReader in(record);
  if (!version_fits(in)) return other_version("dropped collection", record);
  DroppedRecord dropped;
  dropped.sequence = in.u64();
  dropped.time = in.u64();
  dropped.bytes = in.varint();
  dropped.edge = in.varint();
  dropped.name = in.string();
  if (!in.done()) return damaged("dropped collection");
  return dropped;
}

void encode(const RequestRecord& request, std::string& out) {
  put_u8(out, kRecordVersion);
  put_string(out, request.fingerprint);
  put_string(out, request.result.id);
  request.result.revision.encode(out);
  put_u64(out, request.result.sequence);
}

Result<RequestRecord> decode_request(std::string_view record) {
  ByteReader in(record);
  if (!version_fits(in)) return other_version("request", record);
  RequestRecord request;
  request.fingerprint = in.string();
  request.result.id = in.string();
  request.result.revision = document::Revision::decode(in);
  request.result.sequence = in.u64();
  if (!in.done() || request.fingerprint.size() != kFingerprintBytes) return damaged("request");
  return request;
}

}  // namespace quire::database
