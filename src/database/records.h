#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "database/types.h"
#include "document/changed_fields.h"
#include "document/revision.h"

// The values of a shard's records: docs/formats/records.md has every byte. Each begins with its version; a
// decoder answers corrupt for anything it does not know, and views point into the bytes that were decoded.
namespace quire::database {

inline constexpr std::uint8_t kRecordVersion = 1;

// The head of a document: key 'D'. What a get needs is in this one record.
struct HeadRecord {
  bool deleted = false;            // of the winner
  bool stub = false;               // a trimmed tombstone: only the revision is left
  Sequence sequence = 0;           // of the last change of the document
  std::uint64_t chunked = 0;       // ancestors of the trunk that stand in chunks, older than those in `tree`
  std::string_view tree{};         // document::RevisionTree, encoded; the winner's branch first
  std::string_view attachments{};  // of the winner, encoded; empty: none
  std::string_view body{};         // of the winner
};

void encode(const HeadRecord& head, std::string& out);
Result<HeadRecord> decode_head(std::string_view record);
// What a walk over documents wants of a head: whether it is live, and its body. `damaged`: decode_head() says
// why. Checks less than that one does, and costs a fraction.
enum class HeadLook : std::uint8_t { live, deleted, damaged };
// `record` is one that look_at_head() did not find damaged.
Sequence sequence_of_head(std::string_view record);
HeadLook look_at_head(std::string_view record, std::string_view& body);
// Writes the sequence into an encoded head, in place: the committer knows it last.
void set_sequence(std::string& head_record, Sequence sequence);
// The winner's revision, read from the front of the tree.
Result<document::Revision> winner_revision(const HeadRecord& head);

// What a replaced text shares with the text of the revision that replaced it, its child in the tree: so many
// bytes of that one's front and of its end.
struct SharedText {
  document::RevisionHash child{};
  std::uint64_t front = 0;
  std::uint64_t end = 0;
};

// The text of a leaf that lost, or of a revision that was replaced and is still wanted: key 'R'.
struct RevisionRecord {
  bool deleted = false;
  bool leaf = false;  // of a losing branch: stays until resolved; else the trimmer may take it
  std::string_view attachments{};
  std::string_view body{};             // with `shared`: what stands between front and end
  std::optional<SharedText> shared{};  // of a replaced text that was live
};
void encode(const RevisionRecord& record, std::string& out);
Result<RevisionRecord> decode_revision(std::string_view record);

void encode(const std::vector<Attachment>& attachments, std::string& out);
Result<std::vector<Attachment>> decode_attachments(std::string_view bytes);

// Ancestors out of the head's reach: key 'A', which names the oldest generation of the chunk.
struct AncestorChunk {
  std::uint64_t count = 0;
  std::string_view hashes;  // encoded one after the other, newest first
};
void encode(const AncestorChunk& chunk, std::string& out);
// Checks that exactly `count` hashes are there.
Result<AncestorChunk> decode_ancestors(std::string_view record);

// One change: key 'H'.
struct HistoryEntry {
  Operation operation = Operation::insert;
  bool deleted = false;    // the winner after this change
  std::uint64_t time = 0;  // hybrid logical clock: milliseconds << 16 | counter
  CollectionId collection = 0;
  std::string_view id{};                       // the document's, or the collection's name
  document::Revision revision{};               // that this change wrote; generation 0 for collections
  std::optional<document::Revision> winner{};  // where it is another
  // Of a removal: the revision's hash is left to the document's tombstone, or to the mark that says that the
  // entry is superseded. Decoding leaves it empty; HistoryCursor finds it.
  bool in_tombstone = false;
  // Of an update that paths can say: what it changed in the winner, encoded; decode_changes().
  std::string_view changes{};
};
void encode(const document::ChangedFields& changes, std::string& out);
Result<document::ChangedFields> decode_changes(std::string_view bytes);
// As the entry of sequence 0. The committer, which alone knows sequence and time, writes both into the
// encoded entry, in place: what stands there is their difference.
void encode(const HistoryEntry& entry, std::string& out);
void set_time(std::string& history_record, Sequence sequence, std::uint64_t time);
// The entry of this sequence.
Result<HistoryEntry> decode_history(std::string_view record, Sequence sequence);
// Into an entry that is used again and again.
Status decode_history_into(std::string_view record, Sequence sequence, HistoryEntry& entry);
inline WallMs wall_of(std::uint64_t time) { return static_cast<WallMs>(time >> 16); }
inline std::uint64_t hybrid_time(WallMs wall, std::uint32_t tick) {
  return static_cast<std::uint64_t>(wall) << 16 | tick;
}
inline std::uint32_t tick_of(std::uint64_t time) { return static_cast<std::uint32_t>(time & 0xFFFF); }

// Says that the change of an older sequence is no longer its document's last: key 'S', with that sequence.
struct SupersededRecord {
  Sequence by = 0;
  std::uint64_t time = 0;                        // of the change that did it
  std::uint64_t bytes = 0;                       // of the replaced text that waits with it
  std::optional<document::RevisionHash> hash{};  // of the marked change, where it was left to a tombstone
};
void encode(const SupersededRecord& record, std::string& out);
Result<SupersededRecord> decode_superseded(std::string_view record);

// What the shard knows of itself: key 'S' of meta, written with every batch.
struct StateRecord {
  std::uint64_t incarnation = 1;  // draw_incarnation()
  Sequence sequence = 0;          // the last given out
  std::uint64_t time = 0;         // the last given out
  CollectionId next_collection = kDefaultCollection + 1;
  std::uint32_t next_index = 1;
  std::uint64_t garbage_bytes = 0;  // overwritten and deleted since the last full compaction
  std::uint64_t kept_bytes = 0;     // replaced texts that the trimmer has not taken yet
};
void encode(const StateRecord& state, std::string& out);
Result<StateRecord> decode_state(std::string_view record);

// How far the trimmer came: key 'T' of meta.
struct TrimRecord {
  Sequence edge = 0;  // every superseded entry up to here is gone: older positions are lost to change streams
  Sequence tombstones = 0;  // every tombstone up to here was looked at
};
void encode(const TrimRecord& trim, std::string& out);
Result<TrimRecord> decode_trim(std::string_view record);

// How many purges there have been: key 'G' of meta; none stands for 0.
struct PurgesRecord {
  std::uint64_t count = 0;
};
void encode(const PurgesRecord& purges, std::string& out);
Result<PurgesRecord> decode_purges(std::string_view record);

// A checkpoint, which stands beside the documents (checkpoints.h): key 'L' of documents.
struct CheckpointRecord {
  std::uint64_t revision = 0;  // from 1 on
  std::string_view body{};     // minified
};
void encode(const CheckpointRecord& checkpoint, std::string& out);
Result<CheckpointRecord> decode_checkpoint(std::string_view record);

// How many checkpoints there are, and the bytes of their bodies: key 'Q' of meta; none stands for none.
struct CheckpointsRecord {
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;
};
void encode(const CheckpointsRecord& checkpoints, std::string& out);
Result<CheckpointsRecord> decode_checkpoints(std::string_view record);

struct CollectionRecord {
  std::string name;
  CollectionSettings settings;
};
void encode(const CollectionRecord& collection, std::string& out);
Result<CollectionRecord> decode_collection(std::string_view record);

void encode(const Counts& counts, std::string& out);
Result<Counts> decode_counts(std::string_view record);

struct IndexRecord {
  CollectionId collection = 0;
  std::string kind;        // which IndexHookFactory makes it
  std::string definition;  // in that factory's own words
};
void encode(const IndexRecord& index, std::string& out);
Result<IndexRecord> decode_index(std::string_view record);

// What every new text of a collection's documents obeys: key 'V' of meta, with the collection.
struct RuleRecord {
  std::string kind;        // which DocumentRuleFactory makes it
  std::string definition;  // in that factory's own words
  friend bool operator==(const RuleRecord&, const RuleRecord&) = default;
};
void encode(const RuleRecord& rule, std::string& out);
Result<RuleRecord> decode_rule(std::string_view record);

// How far an index is: key 'Y' of meta. One without is ready, and of no format.
enum class IndexState : std::uint8_t { ready = 0, building = 1, failed = 2 };
struct IndexStateRecord {
  IndexState state = IndexState::ready;
  std::string format;       // IndexHook::format() that the entries are made in
  std::string reached;      // of a build: every document up to this id has its entries
  std::uint64_t done = 0;   // of a build: so many documents
  std::uint64_t total = 0;  // of a build: there were so many when it began
  std::string failure;      // of a failed one: why
};
void encode(const IndexStateRecord& state, std::string& out);
Result<IndexStateRecord> decode_index_state(std::string_view record);

// The value of an index entry, key 'I': where in the entry's key the index's key ends and the id begins.
std::string index_value(std::string_view index_key);
void index_value_to(std::string& out, std::size_t index_key_bytes);  // replaces what is in `out`
Result<std::size_t> decode_index_value(std::string_view value, std::size_t entry_bytes);

struct BlobRecord {
  std::uint64_t number = 0;  // of its chunks
  std::uint64_t length = 0;
  std::string md5;  // 16 bytes
  WallMs created_ms = 0;
};
void encode(const BlobRecord& blob, std::string& out);
Result<BlobRecord> decode_blob(std::string_view record);

// An upload that has not ended: key 'U', with the number of its chunks. One that no process is busy with is
// swept.
struct UploadRecord {
  WallMs created_ms = 0;
};
void encode(const UploadRecord& upload, std::string& out);
Result<UploadRecord> decode_upload(std::string_view record);

// A collection that was dropped and whose history entries still stand: key 'P' of meta.
struct DroppedRecord {
  Sequence sequence = 0;  // of the drop
  std::uint64_t time = 0;
  std::uint64_t bytes = 0;  // of its documents, which the history still shows; 0: they are gone
  Sequence edge = 0;        // as Counts::edge
  std::string name;
};
using DroppedCollections = std::map<CollectionId, DroppedRecord>;
void encode(const DroppedRecord& dropped, std::string& out);
Result<DroppedRecord> decode_dropped(std::string_view record);

// What a request id was answered with, an item of its list each: key 'K'. Only what was done is kept.
struct RequestRecord {
  std::string fingerprint;  // 16 bytes over the item as it was asked for
  EditResult result;
};
void encode(const RequestRecord& request, std::string& out);
Result<RequestRecord> decode_request(std::string_view record);

}  // namespace quire::database
