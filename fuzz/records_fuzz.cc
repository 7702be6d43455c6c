#include <iterator>
#include <optional>
#include <string>

#include "base/check.h"
#include "database/catalog_records.h"
#include "database/records.h"
#include "database/tombstone.h"
#include "document/revision_tree.h"
#include "input.h"

// Every record has one encoding: bytes are refused as corrupt, or are what their meaning is written as.

namespace {

using namespace quire;
using namespace quire::database;

template <auto kDecode>
void check_record(std::string_view bytes) {
  const auto record = kDecode(bytes);
  if (!record) {
    QUIRE_CHECK(record.error().code() == ErrorCode::corrupt, "a malformed record is corrupt");
    return;
  }
  std::string out;
  encode(*record, out);
  QUIRE_CHECK(out == bytes, "a record has one encoding");
}

// The committer writes a head's sequence in place, which changes nothing else; the winner can be read without
// the tree.
void check_head(std::string_view bytes) {
  check_record<decode_head>(bytes);
  const auto head = decode_head(bytes);
  if (!head) return;
  HeadRecord moved = *head;
  moved.sequence = ~head->sequence;
  std::string expected;
  encode(moved, expected);
  std::string patched(bytes);
  set_sequence(patched, moved.sequence);
  QUIRE_CHECK(patched == expected, "a sequence is written in place");
  const auto tree = document::RevisionTree::decode(head->tree);
  if (!tree || tree->empty()) return;
  const auto winner = winner_revision(*head);
  QUIRE_CHECK(winner && *winner == tree->winner()->revision, "the winner stands at the front of the tree");
}

Result<HistoryEntry> decode_first_history(std::string_view bytes) { return decode_history(bytes, 0); }

void check_history(std::string_view bytes) {
  check_record<decode_first_history>(bytes);
  constexpr Sequence kSequence = 1'000'000;
  auto entry = decode_history(bytes, kSequence);
  if (!entry) return;
  std::string patched(bytes);
  entry->time = ~entry->time;
  set_time(patched, kSequence, entry->time);
  const auto again = decode_history(patched, kSequence);
  QUIRE_CHECK(again && again->time == entry->time, "a time is written in place");
  QUIRE_CHECK(patched.size() == bytes.size(), "a time takes the place that it had");
}

// A tombstone is a head in other words: what it says is said in one way only, and its revision is the head's.
void check_tombstone(std::string_view bytes) {
  const auto head = head_of_tombstone(bytes);
  const auto view = view_tombstone(bytes);
  QUIRE_CHECK(head.has_value() == view.has_value(), "a tombstone is read whole or not at all");
  if (!head) {
    QUIRE_CHECK(head.error().code() == ErrorCode::corrupt, "a malformed tombstone is corrupt");
    return;
  }
  std::string out;
  QUIRE_CHECK(to_tombstone(*head, out) && out == bytes, "a tombstone has one encoding");
  const auto decoded = decode_head(*head);
  QUIRE_CHECK(decoded && decoded->sequence == view->sequence, "a tombstone has its head's sequence");
  const auto winner = winner_revision(*decoded);
  QUIRE_CHECK(winner && *winner == view->revision, "a tombstone has its head's revision");
  set_tombstone_sequence(out, ~view->sequence);
  const auto moved = view_tombstone(out);
  QUIRE_CHECK(moved && moved->sequence == ~view->sequence && moved->revision == view->revision,
              "a tombstone's sequence is written in place");
}

void check_attachments(std::string_view bytes) {
  // No attachments at all may also stand as no bytes.
  if (!bytes.empty()) check_record<decode_attachments>(bytes);
}

// What the first byte of the input chooses; the kept inputs rely on the order.
using Check = void (*)(std::string_view);
constexpr Check kChecks[] = {
    check_head,
    check_record<decode_revision>,
    check_attachments,
    check_record<decode_ancestors>,
    check_history,
    check_record<decode_superseded>,
    check_record<decode_state>,
    check_record<decode_trim>,
    check_record<decode_collection>,
    check_record<decode_counts>,
    check_record<decode_index>,
    check_record<decode_rule>,
    check_record<decode_blob>,
    check_record<decode_upload>,
    check_record<decode_dropped>,
    check_record<decode_request>,
    check_record<decode_catalog>,
    check_record<decode_database>,
    check_record<decode_due>,
    check_tombstone,
    check_record<decode_index_state>,
    check_record<decode_purges>,
    check_record<decode_checkpoint>,
    check_record<decode_checkpoints>,
    check_record<decode_node>,
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  kChecks[input.byte() % std::size(kChecks)](input.rest());
  return 0;
}
