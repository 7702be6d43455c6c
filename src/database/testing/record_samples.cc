#include "database/testing/record_samples.h"

#include <fstream>
#include <functional>
#include <sstream>

#include "base/bytes.h"
#include "database/keys.h"
#include "database/records.h"
#include "database/tombstone.h"
#include "document/revision_tree.h"

namespace quire::database::testing {

namespace {

using document::Revision;
using document::RevisionHash;

constexpr CollectionId kCollection = 2;
constexpr std::uint64_t kTime = (std::uint64_t{1'767'225'600'000} << 16) | 5;  // 2026-01-01T00:00:00Z
constexpr std::string_view kId = "ada";
constexpr std::string_view kBody = R"({"born":1815})";

std::string hex(std::string_view digits) { return *from_hex(digits); }

Revision third() { return {3, RevisionHash::from_text("00112233445566778899aabbccddeeff")}; }
Revision other_third() { return {3, RevisionHash::from_text("0")}; }
Revision fourth() { return {4, RevisionHash::from_text("ffeeddccbbaa99887766554433221100")}; }

Revision removed() { return document::derive_revision(third(), true, "{}", {}); }

std::string line_of(const std::vector<Revision>& path) {
  document::RevisionTree tree;
  tree.merge(path, true);
  std::string bytes;
  tree.encode(bytes);
  return bytes;
}

std::string digest() { return std::string(32, '\xD1'); }
std::string md5() { return std::string(16, '\x3D'); }

// 3-0011... with its two ancestors, as docs/formats/revision.md lays trees out.
std::string linear_tree() {
  return hex("0100030300") + hex("0000112233445566778899aabbccddeeff") + hex("02") + "b" + hex("02") + "a";
}
// The same, and 3-0 beside it, which lost.
std::string forked_tree() {
  std::string tree = linear_tree();
  tree.replace(0, 1, hex("02"));
  return tree + hex("00030101") + hex("02") + "0";
}
// Nothing but the leaf 4-ffee..., deleted.
std::string stub_tree() { return hex("0101040100") + hex("00ffeeddccbbaa99887766554433221100"); }

std::string attachments() {
  std::string out;
  encode(std::vector<Attachment>{{"notes.txt", "text/plain", digest(), md5(), 300, 3}}, out);
  return out;
}

template <class Record>
std::string encoded(const Record& record) {
  std::string out;
  encode(record, out);
  return out;
}

void add_documents(std::vector<RecordSample>& all) {
  const auto add = [&](std::string name, std::string key, std::string value) {
    all.push_back({std::move(name), "documents", std::move(key), std::move(value)});
  };
  const std::string head = keys::head(kCollection, kId);
  const std::string list = attachments();
  const std::string linear = linear_tree();
  const std::string forked = forked_tree();
  const std::string stub = stub_tree();
  add("head", head, encoded(HeadRecord{.sequence = 9, .tree = linear, .body = kBody}));
  add("head-whole", head,
      encoded(HeadRecord{.sequence = 9, .chunked = 64, .tree = linear, .attachments = list, .body = kBody}));
  add("head-forked", head, encoded(HeadRecord{.sequence = 9, .tree = forked, .body = kBody}));
  add("head-stub", head, encoded(HeadRecord{.deleted = true, .stub = true, .sequence = 10, .tree = stub}));
  add("revision", keys::revision(kCollection, kId, other_third()),
      encoded(RevisionRecord{.leaf = true, .attachments = {}, .body = R"({"born":1816})"}));
  add("revision-replaced", keys::revision(kCollection, kId, third()),
      encoded(RevisionRecord{.attachments = list, .body = kBody}));
  add("revision-shared", keys::revision(kCollection, kId, Revision{2, RevisionHash::from_text("b")}),
      encoded(RevisionRecord{.body = "4", .shared = SharedText{third().hash, 11, 1}}));
  add("revision-deleted", keys::revision(kCollection, kId, fourth()),
      encoded(RevisionRecord{.deleted = true, .leaf = true, .attachments = {}, .body = "{}"}));
  std::string run;
  RevisionHash::from_text("b").encode(run);
  third().hash.encode(run);
  add("checkpoint", keys::checkpoint("peer"), encoded(CheckpointRecord{2, R"({"seq":9})"}));
  add("ancestors", keys::ancestors(kCollection, kId, 1), encoded(AncestorChunk{2, run}));
}

// Of the deletion that Quire makes of 3-0011..., whose ancestors here are digests too.
void add_tombstones(std::vector<RecordSample>& all) {
  const auto add = [&](std::string name, bool stub, const std::string& tree) {
    const std::string head = encoded(HeadRecord{.deleted = true,
                                                .stub = stub,
                                                .sequence = 12,
                                                .tree = tree,
                                                .attachments = {},
                                                .body = stub ? "" : "{}"});
    std::string value;
    (void)to_tombstone(head, value);
    all.push_back({std::move(name), "tombstones", keys::tombstone(kCollection, kId), std::move(value)});
  };
  add("tombstone", false, line_of({removed(), third()}));
  add("tombstone-foreign", false, line_of({fourth(), third()}));
  add("tombstone-stub", true, stub_tree());
}

void add_history(std::vector<RecordSample>& all) {
  const auto add = [&](std::string name, std::string key, std::string value) {
    all.push_back({std::move(name), "history", std::move(key), std::move(value)});
  };
  const auto add_change = [&](std::string name, Sequence sequence, const HistoryEntry& entry) {
    std::string value = encoded(entry);
    set_time(value, sequence, kTime);
    add(std::move(name), keys::history(sequence), std::move(value));
  };
  HistoryEntry entry{
      .operation = Operation::update, .collection = kCollection, .id = kId, .revision = third()};
  add_change("history", 9, entry);
  std::string changes;
  encode(document::ChangedFields{.updated = {"born", "names.0"}, .removed = {"died"}}, changes);
  entry.changes = changes;
  add_change("history-changes", 14, entry);
  entry.changes = {};
  entry.operation = Operation::conflict;
  entry.revision = other_third();
  entry.winner = third();
  add_change("history-conflict", 10, entry);
  add_change("history-deleted", 11,
             {.operation = Operation::remove,
              .deleted = true,
              .collection = kCollection,
              .id = kId,
              .revision = fourth()});
  add_change("history-removed", 12,
             {.operation = Operation::remove,
              .deleted = true,
              .collection = kCollection,
              .id = kId,
              .revision = fourth(),
              .in_tombstone = true});
  add_change("history-collection", 1,
             {.operation = Operation::create_collection, .collection = kCollection, .id = "people"});
  add_change("history-purge", 15,
             {.operation = Operation::purge, .deleted = true, .collection = kCollection, .id = kId});
  add("superseded", keys::superseded(9), encoded(SupersededRecord{10, kTime, 13}));
  add("superseded-removed", keys::superseded(12), encoded(SupersededRecord{13, kTime, 0, fourth().hash}));
}

void add_meta(std::vector<RecordSample>& all) {
  const auto add = [&](std::string name, std::string key, std::string value) {
    all.push_back({std::move(name), "meta", std::move(key), std::move(value)});
  };
  add("state", std::string(keys::kState), encoded(StateRecord{1, 11, kTime, 3, 2, 500, 13}));
  add("trim", std::string(keys::kTrim), encoded(TrimRecord{4, 2}));
  add("purges", std::string(keys::kPurges), encoded(PurgesRecord{3}));
  add("checkpoints", std::string(keys::kCheckpointCounts), encoded(CheckpointsRecord{1, 9}));
  add("collection", keys::collection(kCollection), encoded(CollectionRecord{"people", {}}));
  add("dropped", keys::dropped(kCollection), encoded(DroppedRecord{11, kTime, 300, 9, "people"}));
  add("counts", keys::counts(kCollection), encoded(Counts{1, 0, 13}));
  add("counts-edge", keys::counts(kCollection + 1), encoded(Counts{1, 0, 13, 9}));
  add("index", keys::index_definition(1), encoded(IndexRecord{kCollection, "value", R"({"born":1})"}));
  add("indexstate", keys::index_state(1),
      encoded(IndexStateRecord{.state = IndexState::building,
                               .format = "f",
                               .reached = std::string(kId),
                               .done = 1,
                               .total = 300,
                               .failure = {}}));
  add("indexstate-failed", keys::index_state(1),
      encoded(IndexStateRecord{.state = IndexState::failed,
                               .format = {},
                               .reached = std::string(kId),
                               .done = 300,
                               .total = 300,
                               .failure = "twins"}));
  all.push_back({"multikey", "meta", keys::index_multikey(1), {}});
  add("rule", keys::rule(kCollection), encoded(RuleRecord{"schema", R"({"type":"object"})"}));
  add("request", keys::request("r-1", 0),
      encoded(RequestRecord{std::string(16, '\xF1'), {std::string(kId), third(), 9}}));
  all.push_back({"expiry", "meta", keys::request_expiry(1'767'225'600'000, "r-1"), {}});
}

void add_index(std::vector<RecordSample>& all) {
  all.push_back({"entry", "index", keys::index_entries(1) + "18" + std::string(kId), index_value("18")});
}

void add_blobs(std::vector<RecordSample>& all) {
  const auto add = [&](std::string name, std::string key, std::string value) {
    all.push_back({std::move(name), "blobs", std::move(key), std::move(value)});
  };
  add("blob", keys::blob(digest()), encoded(BlobRecord{7, 300, md5(), 1'767'225'600'000}));
  add("upload", keys::upload(8), encoded(UploadRecord{1'767'225'600'000}));
  add("reference", keys::blob_reference(digest(), kCollection, kId, third()), {});
}

std::string text(const std::vector<Attachment>& attachments) {
  std::string out;
  for (const Attachment& attachment : attachments) {
    out += " [" + attachment.name + " " + attachment.content_type + " " + to_hex(attachment.digest) + " " +
           to_hex(attachment.md5) + " " + std::to_string(attachment.length) + " revpos " +
           std::to_string(attachment.revpos) + "]";
  }
  return out;
}

template <class... Parts>
std::string join(const Parts&... parts) {
  std::ostringstream out;
  std::size_t count = 0;
  ((out << (count++ == 0 ? "" : " ") << parts), ...);
  return out.str();
}

std::string say(const HeadRecord& head) {
  auto winner = winner_revision(head);
  auto list = decode_attachments(head.attachments);
  return join("head", head.deleted, head.stub, head.sequence, head.chunked, to_hex(head.tree),
              winner ? winner->to_string() : "no winner", head.body) +
         (list ? text(*list) : "bad attachments");
}
// A tombstone says what its head says.
std::string say(const std::string& head) { return "tombstone of a " + say(*decode_head(head)); }
std::string say(const RevisionRecord& record) {
  auto list = decode_attachments(record.attachments);
  std::string shared;
  if (record.shared) {
    shared =
        join(" between", record.shared->front, "and", record.shared->end, "of", record.shared->child.text());
  }
  return join("revision", record.deleted, record.leaf, record.body) + shared +
         (list ? text(*list) : "bad attachments");
}
std::string say(const AncestorChunk& chunk) {
  std::string out = "ancestors";
  ByteReader in(chunk.hashes);
  for (std::uint64_t i = 0; i < chunk.count; ++i) out += " " + RevisionHash::decode(in).text();
  return out;
}
std::string say(const HistoryEntry& entry) {
  return join("history", static_cast<int>(entry.operation), entry.deleted, entry.time, entry.collection,
              entry.id, entry.revision.to_string(), entry.winner ? entry.winner->to_string() : "-") +
         (entry.in_tombstone ? " in the tombstone" : "") +
         (entry.changes.empty() ? "" : " changes " + to_hex(entry.changes));
}
std::string say(const SupersededRecord& record) {
  return join("superseded", record.by, record.time, record.bytes) +
         (record.hash ? " " + record.hash->text() : "");
}
std::string say(const StateRecord& state) {
  return join("state", state.incarnation, state.sequence, state.time, state.next_collection, state.next_index,
              state.garbage_bytes, state.kept_bytes);
}
std::string say(const TrimRecord& trim) { return join("trim", trim.edge, trim.tombstones); }
std::string say(const PurgesRecord& purges) { return join("purges", purges.count); }
std::string say(const CheckpointRecord& checkpoint) {
  return join("checkpoint", checkpoint.revision, checkpoint.body);
}
std::string say(const CheckpointsRecord& checkpoints) {
  return join("checkpoints", checkpoints.count, checkpoints.bytes);
}
std::string say(const CollectionRecord& collection) {
  return join("collection", collection.name, collection.settings.revision_limit, collection.settings.history);
}
std::string say(const Counts& counts) {
  return join("counts", counts.documents, counts.deleted, counts.bytes) +
         (counts.edge == 0 ? "" : " edge " + std::to_string(counts.edge));
}
std::string say(const IndexRecord& index) {
  return join("index", index.collection, index.kind, index.definition);
}
std::string say(const IndexStateRecord& state) {
  return join("indexstate", static_cast<int>(state.state), state.format, state.reached, state.done,
              state.total, state.failure);
}
std::string say(const RuleRecord& rule) { return join("rule", rule.kind, rule.definition); }
std::string say(const BlobRecord& blob) {
  return join("blob", blob.number, blob.length, to_hex(blob.md5), blob.created_ms);
}
std::string say(const UploadRecord& upload) { return join("upload", upload.created_ms); }
std::string say(const DroppedRecord& dropped) {
  return join("dropped", dropped.sequence, dropped.time, dropped.bytes, dropped.edge, dropped.name);
}
std::string say(const RequestRecord& request) {
  return join("request", to_hex(request.fingerprint), request.result.id, request.result.revision.to_string(),
              request.result.sequence);
}

template <class Decode>
std::function<std::string(std::string_view)> with(Decode decode) {
  return [decode](std::string_view bytes) {
    auto record = decode(bytes);
    return record ? say(*record) : record.error().to_string();
  };
}

}  // namespace

std::string describe(std::string_view kind, std::string_view key, std::string_view value) {
  if (kind == "history") {
    auto entry = decode_history(value, keys::sequence_of(key));
    return entry ? say(*entry) : entry.error().to_string();
  }
  static const std::map<std::string, std::function<std::string(std::string_view)>, std::less<>> all = {
      {"head", with(decode_head)},
      {"tombstone", with(head_of_tombstone)},
      {"revision", with(decode_revision)},
      {"ancestors", with(decode_ancestors)},
      {"superseded", with(decode_superseded)},
      {"state", with(decode_state)},
      {"trim", with(decode_trim)},
      {"purges", with(decode_purges)},
      {"checkpoint", with(decode_checkpoint)},
      {"checkpoints", with(decode_checkpoints)},
      {"collection", with(decode_collection)},
      {"counts", with(decode_counts)},
      {"index", with(decode_index)},
      {"indexstate", with(decode_index_state)},
      {"rule", with(decode_rule)},
      {"blob", with(decode_blob)},
      {"upload", with(decode_upload)},
      {"dropped", with(decode_dropped)},
      {"request", with(decode_request)},
  };
  const auto found = all.find(kind);
  return found == all.end() ? std::string(kind) + " " + std::string(value) : found->second(value);
}

const std::vector<RecordSample>& record_samples() {
  static const std::vector<RecordSample> samples = [] {
    std::vector<RecordSample> all;
    add_documents(all);
    add_tombstones(all);
    add_history(all);
    add_index(all);
    add_blobs(all);
    add_meta(all);
    return all;
  }();
  return samples;
}

namespace {
std::string tombstone_of(const std::vector<Revision>& path) {
  return "tombstone of a head 1 0 12 0 " + to_hex(line_of(path)) + " " + path.front().to_string() + " {}";
}
}  // namespace

std::string sample_meaning(const std::string& name) {
  static const std::string tree = to_hex(linear_tree());
  static const std::string list =
      " [notes.txt text/plain " + to_hex(digest()) + " " + to_hex(md5()) + " 300 revpos 3]";
  static const std::string winner = " 3-00112233445566778899aabbccddeeff ";
  static const std::map<std::string, std::string> all = {
      {"head", "head 0 0 9 0 " + tree + winner + R"({"born":1815})"},
      {"head-whole", "head 0 0 9 64 " + tree + winner + R"({"born":1815})" + list},
      {"head-forked", "head 0 0 9 0 " + to_hex(forked_tree()) + winner + R"({"born":1815})"},
      {"head-stub", "head 1 1 10 0 " + to_hex(stub_tree()) + " 4-ffeeddccbbaa99887766554433221100 "},
      {"tombstone", tombstone_of({removed(), third()})},
      {"tombstone-foreign", tombstone_of({fourth(), third()})},
      {"tombstone-stub",
       "tombstone of a head 1 1 12 0 " + to_hex(stub_tree()) + " 4-ffeeddccbbaa99887766554433221100 "},
      {"revision", R"(revision 0 1 {"born":1816})"},
      {"revision-replaced", R"(revision 0 0 {"born":1815})" + list},
      {"revision-shared", "revision 0 0 4 between 11 and 1 of 00112233445566778899aabbccddeeff"},
      {"revision-deleted", "revision 1 1 {}"},
      {"ancestors", "ancestors b 00112233445566778899aabbccddeeff"},
      {"history", "history 2 0 115816896921600005 2 ada 3-00112233445566778899aabbccddeeff -"},
      {"history-changes",
       "history 2 0 115816896921600005 2 ada 3-00112233445566778899aabbccddeeff - changes "
       "0204626f726e076e616d65732e30010464696564"},
      {"history-conflict", "history 5 0 115816896921600005 2 ada 3-0 3-00112233445566778899aabbccddeeff"},
      {"history-deleted", "history 4 1 115816896921600005 2 ada 4-ffeeddccbbaa99887766554433221100 -"},
      {"history-removed", "history 4 1 115816896921600005 2 ada 4- - in the tombstone"},
      {"history-collection", "history 6 0 115816896921600005 2 people 0 -"},
      {"history-purge", "history 8 1 115816896921600005 2 ada 0 -"},
      {"superseded", "superseded 10 115816896921600005 13"},
      {"superseded-removed", "superseded 13 115816896921600005 0 ffeeddccbbaa99887766554433221100"},
      {"indexstate", "indexstate 1 f ada 1 300 "},
      {"indexstate-failed", "indexstate 2  ada 300 300 twins"},
      {"multikey", "multikey "},
      {"blob", "blob 7 300 " + to_hex(md5()) + " 1767225600000"},
      {"reference", "reference "},
      {"upload", "upload 1767225600000"},
      {"dropped", "dropped 11 115816896921600005 300 9 people"},
      {"entry", "entry " + index_value("18")},
      {"state", "state 1 11 115816896921600005 3 2 500 13"},
      {"trim", "trim 4 2"},
      {"purges", "purges 3"},
      {"checkpoint", R"(checkpoint 2 {"seq":9})"},
      {"checkpoints", "checkpoints 1 9"},
      {"collection", "collection people 0 1"},
      {"counts", "counts 1 0 13"},
      {"counts-edge", "counts 1 0 13 edge 9"},
      {"index", R"(index 2 value {"born":1})"},
      {"rule", R"(rule schema {"type":"object"})"},
      {"request", "request f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1 ada 3-00112233445566778899aabbccddeeff 9"},
      {"expiry", "expiry "},
  };
  const auto found = all.find(name);
  return found == all.end() ? "no meaning is written down for " + name : found->second;
}

std::string fixture_line(const RecordSample& sample) {
  return sample.name + " " + sample.family + " " + to_hex(sample.key) + " " +
         (sample.value.empty() ? "-" : to_hex(sample.value));
}

std::map<std::string, RecordSample> read_fixture(unsigned version) {
  std::map<std::string, RecordSample> all;
  std::istringstream in(read_text("tests/formats/" + std::to_string(version) + "/records.hex"));
  RecordSample sample;
  while (in >> sample.name >> sample.family >> sample.key >> sample.value) {
    sample.key = from_hex(sample.key).value_or("not hexadecimal");
    sample.value = sample.value == "-" ? "" : from_hex(sample.value).value_or("not hexadecimal");
    all[sample.name] = sample;
  }
  return all;
}

std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace quire::database::testing
