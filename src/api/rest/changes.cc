#include "api/rest/changes.h"

#include <utility>

#include "api/json_out.h"
#include "api/tuning.h"
#include "document/extended_json.h"
#include "engine/position.h"

namespace quire::api::rest {

namespace {

Result<ChangesRequest::Feed> feed_of(std::string_view text) {
  if (text.empty() || text == "normal") return ChangesRequest::Feed::normal;
  if (text == "longpoll") return ChangesRequest::Feed::longpoll;
  if (text == "events") return ChangesRequest::Feed::events;
  return Error(ErrorCode::invalid, "a feed is normal, longpoll or events").at("feed");
}

// A browser that connects again says where it was in a field, and knows nothing of the URL.
Status take_since(const RestCall& call, ChangesRequest& request) {
  std::string_view since = call.query.text("since");
  const std::string_view last = call.request().field("Last-Event-ID");
  const bool by_field = request.feed == ChangesRequest::Feed::events && !last.empty();
  if (by_field) since = last;
  if (since == "now") {
    request.from_now = true;
  } else if (!since.empty()) {
    auto position = engine::parse_position(since);
    if (!position && by_field) return std::move(position).error().at("Last-Event-ID");
    QUIRE_TRY(request.since, std::move(position));
  }
  return ok();
}

}  // namespace

Result<ChangesRequest> ChangesRequest::parse(const RestCall& call) {
  ChangesRequest request;
  QUIRE_TRY(request.feed, feed_of(call.query.text("feed")));
  QUIRE_TRY_STATUS(take_since(call, request));
  request.documents = call.query.flag("documents");
  request.options.collection = call.query.text("collection");
  request.options.current_only = call.query.flag("current");
  if (call.query.has("filter")) {
    auto filter = document::Filter::parse(call.query.text("filter"));
    if (!filter) {
      const Error& error = filter.error();
      return Error(error.code(), error.message())
          .at(error.field().empty() ? "filter" : "filter." + error.field())
          .over(error.limit());
    }
    request.filter = *std::move(filter);
  }
  request.options.bodies = request.documents || request.filter;
  QUIRE_TRY(const auto limit, call.query.number("limit", request.options.limit, request.options.limit));
  if (limit == 0) return Error(ErrorCode::invalid, "a limit is a whole number from 1 on").at("limit");
  request.options.limit = static_cast<std::uint32_t>(limit);
  QUIRE_TRY(const auto timeout, call.query.number("timeout", tuning::kPollDefaultMs, tuning::kPollMostMs));
  request.timeout = std::chrono::milliseconds(timeout);
  const auto most = static_cast<std::uint64_t>(tuning::kHeartbeat.count());
  QUIRE_TRY(const auto heartbeat, call.query.number("heartbeat", most, most));
  request.heartbeat = std::max(std::chrono::milliseconds(heartbeat), tuning::kFeedTick);
  return request;
}

Result<engine::FeedPage> read_page(const RestCall& call, const ChangesRequest& request,
                                   const engine::Position& since) {
  return engine::wait<engine::FeedPage>([&](auto done) {
    call.parts().feeds.read(call.call.caller, call.call.limits(), call.database(), since, request.options,
                            std::move(done));
  });
}

Result<engine::Position> first_position(const RestCall& call, const ChangesRequest& request) {
  if (!request.from_now) return request.since;
  return engine::wait<engine::Position>([&](auto done) {
    call.parts().feeds.position(call.call.caller, call.call.limits(), call.database(), std::move(done));
  });
}

Result<bool> is_wanted(const ChangesRequest& request, const engine::FeedRow& row, document::Arena& scratch) {
  const bool of_collection = row.id.empty();
  if (!request.filter || of_collection || row.deleted || row.operation == engine::Operation::remove)
    return true;
  if (!row.has_body) return false;
  return request.filter->matches_text(row.body, row.id, scratch);
}

void print_change(const ChangesRequest& request, const engine::FeedRow& row, std::uint64_t incarnation,
                  std::string& out) {
  ObjectOut object(out);
  object.text("position", engine::to_string({incarnation, row.sequence}));
  object.text("time", document::iso_date(row.time_ms).value_or(""));
  object.text("operation", name(row.operation));
  object.text("collection", row.collection);
  if (!row.id.empty()) {
    object.text("id", row.id);
    object.text("revision", row.revision.to_string());
    if (row.deleted) object.flag("deleted", true);
  }
  if (request.documents && row.has_body) object.raw("document", row.body);
  object.end();
}

Result<std::string> print_page(const ChangesRequest& request, const engine::FeedPage& page,
                               std::size_t& rows) {
  rows = 0;
  std::string out = "{\"changes\":[";
  Separator separator;
  document::Arena scratch;
  for (const auto& row : page.rows) {
    QUIRE_TRY(const bool wanted, is_wanted(request, row, scratch));
    if (!wanted) continue;
    ++rows;
    separator.before(out);
    print_change(request, row, page.next.incarnation, out);
  }
  out += "],\"next\":\"" + engine::to_string(page.next) + "\",\"more\":";
  out += page.at_end ? "false}" : "true}";
  return out;
}

}  // namespace quire::api::rest
