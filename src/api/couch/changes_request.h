#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "api/couch/couch_call.h"
#include "api/couch/document_out.h"
#include "document/filter.h"
#include "engine/feeds.h"

namespace quire::api::couch {

// What is asked of the feed of changes.
struct ChangesRequest {
  enum class Feed : std::uint8_t { normal, longpoll, continuous, events };
  enum class Choice : std::uint8_t { all, ids, selector, design };

  enum class Of : std::uint8_t { database, replicator };

  // `body` is that of a POST; empty: none. Errors: bad_request, query_parse_error, not_found (an unknown
  // filter), not_implemented (a filter that is a program).
  static Result<ChangesRequest> parse(const CouchCall& call, Of of, std::string_view body);

  Of of = Of::database;
  Feed feed = Feed::normal;
  bool from_now = false;
  engine::Position since;
  std::uint64_t limit = ~std::uint64_t{0};
  bool descending = false;
  bool all_leaves = false;  // style=all_docs
  bool documents = false;   // include_docs
  DocumentMembers members;
  Choice choice = Choice::all;
  std::unordered_set<std::string> ids;
  std::optional<document::Filter> selector;
  std::optional<std::chrono::milliseconds> timeout;
  std::optional<std::chrono::milliseconds> heartbeat;

  engine::FeedOptions options() const;
};

// Whether the request is for this row, as far as the engine did not look at that.
bool is_wanted(const ChangesRequest& request, const engine::FeedRow& row);

// {"seq","id","changes":[...],"deleted"?,"doc"?}
Status print_change(const CouchCall& call, const ChangesRequest& request, const engine::FeedRow& row,
                    std::uint64_t incarnation, const Out& out);

// Reads one page, on a thread that may block. A position of another life of the database, which knows nothing
// of what came since, begins at the first change again: whoever follows sees some twice and misses none.
Result<engine::FeedPage> read_page(const CouchCall& call, const ChangesRequest& request,
                                   engine::Position& since, std::uint64_t left);
// Where the request begins. Blocks.
Result<engine::Position> first_position(const CouchCall& call, const ChangesRequest& request);
// Answers where the changes stand when there is something behind `since`.
void wait_for_change(const CouchCall& call, const ChangesRequest& request, const CallLimits& limits,
                     const engine::Position& since, engine::Completion<engine::Position> done);

// The feeds that wait for changes.
void follow_changes(const Call& call, ChangesRequest request);

}  // namespace quire::api::couch
