#include "database/records.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <functional>
#include <map>

#include "base/bytes.h"
#include "base/testing/seeded_random.h"
#include "database/testing/record_samples.h"
#include "database/tombstone.h"
#include "document/revision_tree.h"

namespace quire::database {
namespace {

using document::Revision;
using document::RevisionHash;
using document::RevisionTree;
using namespace testing;

// Decodes and encodes again; nullopt where the decoder refuses the bytes.
using Recode = std::function<std::optional<std::string>(std::string_view)>;

template <class Decode>
Recode recode(Decode decode) {
  return [decode](std::string_view bytes) -> std::optional<std::string> {
    auto value = decode(bytes);
    if (!value) {
      EXPECT_EQ(value.error().code(), ErrorCode::corrupt);
      return std::nullopt;
    }
    std::string out;
    encode(*value, out);
    return out;
  };
}

// The value of an index entry says where its key of any five bytes is cut.
std::optional<std::string> recode_entry(std::string_view bytes) {
  const auto length = decode_index_value(bytes, 5);
  if (!length) return std::nullopt;
  return index_value(std::string_view("01234").substr(0, *length));
}

std::optional<std::string> recode_tombstone(std::string_view bytes) {
  const auto head = head_of_tombstone(bytes);
  if (!head) {
    EXPECT_EQ(head.error().code(), ErrorCode::corrupt);
    return std::nullopt;
  }
  std::string out;
  EXPECT_TRUE(to_tombstone(*head, out));
  return out;
}

const std::map<std::string, Recode>& decoders() {
  static const std::map<std::string, Recode> all = {
      {"head", recode(decode_head)},
      {"tombstone", recode_tombstone},
      {"revision", recode(decode_revision)},
      {"attachments", recode(decode_attachments)},
      {"ancestors", recode(decode_ancestors)},
      {"history", recode([](std::string_view bytes) { return decode_history(bytes, 0); })},
      {"superseded", recode(decode_superseded)},
      {"state", recode(decode_state)},
      {"trim", recode(decode_trim)},
      {"purges", recode(decode_purges)},
      {"checkpoint", recode(decode_checkpoint)},
      {"checkpoints", recode(decode_checkpoints)},
      {"collection", recode(decode_collection)},
      {"counts", recode(decode_counts)},
      {"index", recode(decode_index)},
      {"indexstate", recode(decode_index_state)},
      {"rule", recode(decode_rule)},
      {"blob", recode(decode_blob)},
      {"upload", recode(decode_upload)},
      {"dropped", recode(decode_dropped)},
      {"entry", recode_entry},
      {"request", recode(decode_request)},
  };
  return all;
}

// The sample's name up to a '-' is its record's kind.
std::string kind_of(const std::string& name) { return name.substr(0, name.find('-')); }

TEST(Records, AreWrittenAsTheFixtureOfThisVersionHasThem) {
  const auto fixture = read_fixture(kRecordVersion);
  ASSERT_FALSE(fixture.empty());
  std::size_t matched = 0;
  for (const RecordSample& sample : record_samples()) {
    const auto line = fixture.find(sample.name);
    ASSERT_NE(line, fixture.end()) << fixture_line(sample);
    EXPECT_EQ(fixture_line(line->second), fixture_line(sample));
    ++matched;
  }
  EXPECT_EQ(matched, fixture.size()) << "a record of the fixture that this program no longer writes";
}

TEST(Records, StandInTheirDocumentAsTheyAreWritten) {
  const std::string page = read_text("docs/formats/records.md");
  for (const RecordSample& sample : record_samples()) {
    EXPECT_NE(page.find(fixture_line(sample)), std::string::npos) << fixture_line(sample);
  }
}

// What each fixture of every version must still mean to newer code.
TEST(Records, OfEveryVersionAreRead) {
  for (unsigned version = 1; version <= kRecordVersion; ++version) {
    for (const auto& [name, sample] : read_fixture(version)) {
      EXPECT_EQ(describe(kind_of(name), sample.key, sample.value), sample_meaning(name))
          << name << " of version " << version;
    }
  }
}

TEST(Records, OfALaterVersionAreRefusedByName) {
  for (const RecordSample& sample : record_samples()) {
    if (sample.value.empty() || sample.name == "entry") continue;
    std::string later = sample.value;
    later.front() = static_cast<char>(kRecordVersion + 1);
    const std::string answer = describe(kind_of(sample.name), sample.key, later);
    EXPECT_NE(answer.find("is of version 2"), std::string::npos) << sample.name << ": " << answer;
  }
}

// Every prefix of a record, and every record with one byte changed, is refused, or is another record in full:
// what is decoded encodes to the very same bytes.
TEST(Records, HaveOneEncodingEach) {
  for (const RecordSample& sample : record_samples()) {
    if (sample.value.empty()) continue;
    const Recode& decoder = decoders().at(kind_of(sample.name));
    ASSERT_EQ(decoder(sample.value), sample.value) << sample.name;
    for (std::size_t size = 0; size < sample.value.size(); ++size) {
      const std::string cut = sample.value.substr(0, size);
      EXPECT_EQ(decoder(cut).value_or(cut), cut) << sample.name << " cut to " << size;
    }
    for (std::size_t at = 0; at < sample.value.size(); ++at) {
      for (unsigned change = 1; change < 256; ++change) {
        std::string bytes = sample.value;
        bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ change);
        ASSERT_EQ(decoder(bytes).value_or(bytes), bytes) << sample.name << " at " << at;
      }
    }
  }
}

TEST(Records, RefuseWhatFollowsTheirEnd) {
  for (const RecordSample& sample : record_samples()) {
    const std::string kind = kind_of(sample.name);
    const bool open_ended =
        kind == "head" || kind == "revision" || kind == "checkpoint";  // they end in a body
    if (sample.value.empty() || open_ended) continue;
    EXPECT_EQ(decoders().at(kind)(sample.value + '\0'), std::nullopt) << sample.name;
  }
}

RC_GTEST_PROP(Records, WithstandArbitraryBytes, (std::vector<std::uint8_t> tail)) {
  std::string bytes(1, '\1');
  if (*rc::gen::inRange(0, 10) == 0) bytes.clear();
  for (const std::uint8_t byte : tail) bytes.push_back(static_cast<char>(byte));
  for (const auto& [kind, decoder] : decoders()) {
    if (const auto again = decoder(bytes)) RC_ASSERT(*again == bytes);
  }
  if (auto head = decode_head(bytes)) {
    if (auto winner = winner_revision(*head)) RC_ASSERT(winner->generation != 0);
  }
}

// A count that promises more than the bytes hold costs nothing.
TEST(Records, DoNotBelieveCounts) {
  std::string many;
  put_varint(many, ~std::uint64_t{0});
  EXPECT_FALSE(decode_attachments(many));
  EXPECT_FALSE(decode_ancestors("\1" + many));
  EXPECT_FALSE(decode_ancestors("\1" + many + std::string(17, '\0')));
}

// --- what is put in comes out

std::string any_bytes() { return *rc::gen::container<std::string>(rc::gen::arbitrary<char>()); }
std::string any_bytes(std::size_t size) {
  return *rc::gen::container<std::string>(size, rc::gen::arbitrary<char>());
}
std::uint64_t any_number() {
  return *rc::gen::arbitrary<std::uint64_t>() >> *rc::gen::inRange<unsigned>(0, 64);
}
RevisionHash any_hash() {
  if (*rc::gen::arbitrary<bool>()) return RevisionHash::from_digest(any_bytes(16));
  return RevisionHash::from_text(*rc::gen::container<std::string>(rc::gen::inRange<char>(' ', '~')));
}
Revision any_revision() { return {any_number() % document::kMaxStoredGeneration + 1, any_hash()}; }

template <class Record>
std::string encoded(const Record& record) {
  std::string out = "before";  // encode() appends
  encode(record, out);
  RC_ASSERT(out.substr(0, 6) == "before");
  return out.substr(6);
}

RC_GTEST_PROP(Records, HeadComesBack, (bool deleted, bool stub)) {
  const std::string tree = any_bytes() + "t";
  const std::string attachments = stub ? "" : any_bytes();
  const std::string body = stub ? "" : any_bytes();
  HeadRecord head{deleted || stub, stub, 0, any_number(), tree, attachments, body};
  std::string bytes = encoded(head);
  head.sequence = any_number();
  set_sequence(bytes, head.sequence);
  RC_ASSERT(bytes == encoded(head));
  const auto back = decode_head(bytes);
  RC_ASSERT(back.has_value());
  RC_ASSERT(back->deleted == head.deleted);
  RC_ASSERT(back->stub == head.stub);
  RC_ASSERT(back->sequence == head.sequence);
  RC_ASSERT(back->chunked == head.chunked);
  RC_ASSERT(back->tree == tree);
  RC_ASSERT(back->attachments == attachments);
  RC_ASSERT(back->body == body);
}

RC_GTEST_PROP(Records, HeadNamesItsWinner, ()) {
  RevisionTree tree;
  for (int branches = *rc::gen::inRange(1, 4); branches > 0; --branches) {
    const std::uint64_t generation = *rc::gen::inRange<std::uint64_t>(1, 5);
    std::vector<Revision> path;
    for (std::uint64_t g = generation; g > 0; --g) path.push_back({g, any_hash()});
    tree.merge(path, *rc::gen::arbitrary<bool>());
  }
  std::string bytes;
  tree.encode(bytes);
  const auto winner = winner_revision(HeadRecord{.tree = bytes});
  RC_ASSERT(winner.has_value());
  RC_ASSERT(*winner == tree.winner()->revision);
}

RC_GTEST_PROP(Records, RevisionComesBack, (bool deleted, bool leaf)) {
  const std::string attachments = any_bytes();
  const std::string body = any_bytes();
  const std::string bytes = encoded(RevisionRecord{deleted, leaf, attachments, body});
  const auto back = decode_revision(bytes);
  RC_ASSERT(back.has_value());
  RC_ASSERT(back->deleted == deleted);
  RC_ASSERT(back->leaf == leaf);
  RC_ASSERT(back->attachments == attachments);
  RC_ASSERT(back->body == body);
}

RC_GTEST_PROP(Records, RevisionThatSharesComesBack, ()) {
  const std::string attachments = any_bytes();
  const std::string body = any_bytes();
  const SharedText shared{any_hash(), any_number(), any_number()};
  const std::string bytes = encoded(RevisionRecord{false, false, attachments, body, shared});
  const auto back = decode_revision(bytes);
  RC_ASSERT(back.has_value());
  RC_ASSERT(!back->deleted);
  RC_ASSERT(!back->leaf);
  RC_ASSERT(back->attachments == attachments);
  RC_ASSERT(back->body == body);
  RC_ASSERT(back->shared.has_value());
  RC_ASSERT(back->shared->child == shared.child);
  RC_ASSERT(back->shared->front == shared.front);
  RC_ASSERT(back->shared->end == shared.end);
}

RC_GTEST_PROP(Records, AttachmentsComeBack, ()) {
  std::vector<Attachment> attachments(*rc::gen::inRange<std::size_t>(0, 5));
  for (Attachment& attachment : attachments) {
    attachment = {any_bytes(), any_bytes(), any_bytes(32), any_bytes(16), any_number(), any_number()};
  }
  const auto back = decode_attachments(encoded(attachments));
  RC_ASSERT(back.has_value());
  RC_ASSERT(*back == attachments);
}

RC_GTEST_PROP(Records, AncestorsComeBack, ()) {
  std::vector<RevisionHash> hashes(*rc::gen::inRange<std::size_t>(0, 70));
  std::string run;
  for (RevisionHash& hash : hashes) {
    hash = any_hash();
    hash.encode(run);
  }
  const std::string bytes = encoded(AncestorChunk{hashes.size(), run});
  const auto back = decode_ancestors(bytes);
  RC_ASSERT(back.has_value());
  RC_ASSERT(back->count == hashes.size());
  RC_ASSERT(back->hashes == run);
}

RC_GTEST_PROP(Records, HistoryComesBack, (bool deleted, CollectionId collection)) {
  const std::string id = any_bytes();
  HistoryEntry entry{.operation = static_cast<Operation>(*rc::gen::inRange(1, 9)),
                     .deleted = deleted,
                     .collection = collection,
                     .id = id};
  if (*rc::gen::arbitrary<bool>()) entry.revision = any_revision();
  if (*rc::gen::arbitrary<bool>()) entry.winner = any_revision();
  std::string bytes = encoded(entry);
  entry.time = any_number();
  const Sequence sequence = any_number();
  set_time(bytes, sequence, entry.time);
  const auto back = decode_history(bytes, sequence);
  RC_ASSERT(back.has_value());
  RC_ASSERT(back->operation == entry.operation);
  RC_ASSERT(back->deleted == deleted);
  RC_ASSERT(back->time == entry.time);
  RC_ASSERT(back->collection == collection);
  RC_ASSERT(back->id == id);
  RC_ASSERT(back->revision == entry.revision);
  RC_ASSERT(back->winner == entry.winner);
}

RC_GTEST_PROP(Records, NumbersComeBack, ()) {
  const auto superseded = decode_superseded(encoded(SupersededRecord{7, 8, 9}));
  RC_ASSERT(superseded->by == 7U && superseded->time == 8U && superseded->bytes == 9U);
  const StateRecord state{any_number(), any_number(), any_number(), 11, 12, any_number(), any_number()};
  const auto state_back = decode_state(encoded(state));
  RC_ASSERT(state_back.has_value());
  RC_ASSERT(state_back->incarnation == state.incarnation);
  RC_ASSERT(state_back->sequence == state.sequence);
  RC_ASSERT(state_back->time == state.time);
  RC_ASSERT(state_back->next_collection == 11U);
  RC_ASSERT(state_back->next_index == 12U);
  RC_ASSERT(state_back->garbage_bytes == state.garbage_bytes);
  RC_ASSERT(state_back->kept_bytes == state.kept_bytes);
  const TrimRecord trim{any_number(), any_number()};
  const auto trim_back = decode_trim(encoded(trim));
  RC_ASSERT(trim_back->edge == trim.edge && trim_back->tombstones == trim.tombstones);
  const Counts counts{any_number(), any_number(), any_number(), any_number()};
  RC_ASSERT(*decode_counts(encoded(counts)) == counts);
}

RC_GTEST_PROP(Records, DefinitionsComeBack, (std::string name, std::uint32_t number)) {
  const auto collection = decode_collection(encoded(CollectionRecord{name, {number, number % 2 == 0}}));
  RC_ASSERT(collection->name == name && collection->settings.revision_limit == number);
  RC_ASSERT(collection->settings.history == (number % 2 == 0));
  const std::string definition = any_bytes();
  const auto index = decode_index(encoded(IndexRecord{number, name, definition}));
  RC_ASSERT(index->collection == number && index->kind == name && index->definition == definition);
  const IndexStateRecord state{IndexState::building, any_bytes(), name, any_number(), number, any_bytes()};
  const auto state_back = decode_index_state(encoded(state));
  RC_ASSERT(state_back->state == state.state && state_back->format == state.format);
  RC_ASSERT(state_back->reached == name && state_back->done == state.done && state_back->total == number);
  RC_ASSERT(state_back->failure == state.failure);
  const RuleRecord rule{name, definition};
  RC_ASSERT(*decode_rule(encoded(rule)) == rule);
  const BlobRecord blob{any_number(), any_number(), any_bytes(16), static_cast<WallMs>(any_number())};
  const auto blob_back = decode_blob(encoded(blob));
  RC_ASSERT(blob_back->number == blob.number && blob_back->length == blob.length);
  RC_ASSERT(blob_back->md5 == blob.md5 && blob_back->created_ms == blob.created_ms);
  RC_ASSERT(decode_upload(encoded(UploadRecord{blob.created_ms}))->created_ms == blob.created_ms);
  const DroppedRecord dropped{blob.number, blob.length, blob.length, blob.number, name};
  const auto dropped_back = decode_dropped(encoded(dropped));
  RC_ASSERT(dropped_back->sequence == dropped.sequence && dropped_back->time == dropped.time);
  RC_ASSERT(dropped_back->bytes == dropped.bytes && dropped_back->edge == dropped.edge);
  RC_ASSERT(dropped_back->name == name);
  const RequestRecord request{any_bytes(16), {name, any_revision(), any_number()}};
  const auto request_back = decode_request(encoded(request));
  RC_ASSERT(request_back->fingerprint == request.fingerprint && request_back->result.id == name);
  RC_ASSERT(request_back->result.revision == request.result.revision);
  RC_ASSERT(request_back->result.sequence == request.result.sequence);
}

// The tree inside the sample is a tree.
TEST(Records, SampleHeadsHoldTreesThatDecode) {
  for (const RecordSample& sample : record_samples()) {
    if (kind_of(sample.name) != "head") continue;
    const auto head = decode_head(sample.value);
    ASSERT_TRUE(head.has_value());
    const auto tree = RevisionTree::decode(head->tree);
    ASSERT_TRUE(tree.has_value()) << sample.name;
    EXPECT_EQ(tree->winner()->revision, *winner_revision(*head)) << sample.name;
    EXPECT_EQ(tree->winner()->deleted, head->deleted) << sample.name;
  }
}

}  // namespace
}  // namespace quire::database
