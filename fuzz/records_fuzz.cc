#include <iterator>
#include <optional>
#include <string>

#include "base/check.h"
#include "database/catalog_records.h"
#include "database/records.h"
#include "document/revision_tree.h"
#include "input.h"

// Every record has one encoding: bytes are refused as corrupt, or are what their meaning is written as.

namespace {

using namespace quire;
using namespace quire::database;

template <auto decode>
void check_record(std::string_view bytes) {
  const auto record = decode(bytes);
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

void check_history(std::string_view bytes) {
  check_record<decode_history>(bytes);
  auto entry = decode_history(bytes);
  if (!entry) return;
  std::string patched(bytes);
  entry->time = ~entry->time;
  set_time(patched, entry->time);
  std::string expected;
  encode(*entry, expected);
  QUIRE_CHECK(patched == expected, "a time is written in place");
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
    check_record<decode_blob>,
    check_record<decode_upload>,
    check_record<decode_dropped>,
    check_record<decode_request>,
    check_record<decode_catalog>,
    check_record<decode_database>,
    check_record<decode_due>,
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  kChecks[input.byte() % std::size(kChecks)](input.rest());
  return 0;
}
