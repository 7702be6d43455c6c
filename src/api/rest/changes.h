#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "api/rest/rest_call.h"
#include "document/filter.h"
#include "engine/feeds.h"

// What the three ways to read the feed of changes share.
namespace quire::api::rest {

struct ChangesRequest {
  enum class Feed : std::uint8_t { normal, longpoll, events };

  // Errors: invalid.
  static Result<ChangesRequest> parse(const RestCall& call);

  Feed feed = Feed::normal;
  bool from_now = false;
  engine::Position since;
  engine::FeedOptions options;
  std::string collection;
  std::optional<document::Filter> filter;
  bool documents = false;  // the answer shows them
  std::chrono::milliseconds timeout{0};
  std::chrono::milliseconds heartbeat{0};
};

// Reads one page, on a thread that may block.
Result<engine::FeedPage> read_page(const RestCall& call, const ChangesRequest& request,
                                   const engine::Position& since);
// Where the request begins. Blocks.
Result<engine::Position> first_position(const RestCall& call, const ChangesRequest& request);

// Whether the filter lets a change through. Of documents those whose text matches, and all removals; changes
// of collections always. Errors: corrupt.
Result<bool> is_wanted(const ChangesRequest& request, const engine::FeedRow& row, document::Arena& scratch);

void print_change(const ChangesRequest& request, const engine::FeedRow& row, std::uint64_t incarnation,
                  std::string& out);

// {"changes": [...], "next": POSITION, "more": whether there is more already}; `rows` counts those that were
// wanted.
Result<std::string> print_page(const ChangesRequest& request, const engine::FeedPage& page,
                               std::size_t& rows);

void poll_changes(const Call& call, ChangesRequest request);
void follow_changes(const Call& call, ChangesRequest request);

}  // namespace quire::api::rest
