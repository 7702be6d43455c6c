#include <string>

#include "api/couch/sequence.h"
#include "base/check.h"
#include "document/json.h"
#include "engine/position.h"
#include "input.h"
#include "net/target.h"
#include "replication/checkpoint.h"
#include "replication/couch_answers.h"
#include "replication/couch_text.h"
#include "replication/tuning.h"

// Places in a history (`since`, `last_seq`, `update_seq`): ours read as what we wrote and nothing else is
// taken for one; a peer's are kept as they came, and asked for in the same words.

namespace {

using namespace quire;

constexpr std::uint32_t kLimit = 7;

Result<replication::ChangesPage> page_at(std::string_view json) {
  return replication::parse_changes(R"({"results":[],"last_seq":)" + std::string(json) + "}", kLimit);
}

// What a question for the changes behind a place says to the server.
std::string asked(const replication::SourcePosition& since) {
  replication::ChangesOptions options;
  options.limit = kLimit;
  const auto query = net::parse_query(replication::changes_query(since, options));
  QUIRE_CHECK(query && query->size() == 3, "a place adds no parameter");
  const auto* const limit = net::find_parameter(*query, "limit");
  const auto* const place = net::find_parameter(*query, "since");
  QUIRE_CHECK(limit != nullptr && limit->value == std::to_string(kLimit), "a place changes no parameter");
  QUIRE_CHECK(place != nullptr, "a place is asked for");
  return place->value;
}

void check_kept(const replication::SourcePosition& place) {
  QUIRE_CHECK(place.size() <= replication::kPositionBytes, "a place is bounded");
  QUIRE_CHECK(asked(place) == (place.empty() ? "0" : place), "a place is asked for as it came");
  replication::Checkpoint record;
  record.add({.session = "s", .recorded = place}, "");
  const auto again = replication::Checkpoint::parse(record.print());
  QUIRE_CHECK(again.entries().size() == 1 && again.entries().front().recorded == place,
              "a place is recorded as it came");
}

// The text is one of ours.
void check_ours(std::string_view text) {
  const auto position = api::couch::parse_sequence(text);
  if (!position) return;
  const bool quoted = text.size() >= 2 && text.front() == '"';
  const std::string_view bare = quoted ? text.substr(1, text.size() - 2) : text;
  QUIRE_CHECK(bare.empty() || bare == engine::to_string(*position) ||
                  (position->incarnation == 1 && bare == std::to_string(position->sequence)),
              "nothing is a place but what is written as one");
  const std::string json = api::couch::sequence_json(*position);
  const auto again = api::couch::parse_sequence(json);
  QUIRE_CHECK(again && *again == *position, "a place reads as itself");
  const auto page = page_at(json);
  QUIRE_CHECK(page.has_value(), "a peer takes our places");
  const auto back = api::couch::parse_sequence(asked(page->next));
  QUIRE_CHECK(back && *back == *position, "a place comes back from a peer as itself");
}

// The text is what a peer's string says.
void check_text(std::string_view text) {
  if (!net::is_utf8(text)) return;
  std::string json;
  document::append_json_string(json, text);
  const auto page = page_at(json);
  QUIRE_CHECK(page.has_value() == (text.size() <= replication::kPositionBytes),
              "only a long place is refused");
  if (!page) return;
  QUIRE_CHECK(page->next == text, "a place is kept as it came");
  const auto database = replication::parse_database(R"({"update_seq":)" + json + "}");
  QUIRE_CHECK(database && database->position == text, "a place is the same wherever it stands");
  check_kept(page->next);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_ours(text);
  check_text(text);
  // What a peer writes for one: a number, a string, an array, or nothing of the kind.
  if (const auto page = page_at(text)) check_kept(page->next);
  return 0;
}
