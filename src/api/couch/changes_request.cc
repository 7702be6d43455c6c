#include "api/couch/changes_request.h"

#include <algorithm>
#include <utility>

#include "api/couch/design_id.h"
#include "api/couch/replicator_changes.h"
#include "api/couch/sequence.h"
#include "api/json_out.h"
#include "api/tuning.h"
#include "document/value.h"
#include "engine/tuning.h"

namespace quire::api::couch {

namespace {

using Choice = ChangesRequest::Choice;
using Feed = ChangesRequest::Feed;

// A feed that names no time ends after this; CouchDB's own.
constexpr std::uint64_t kTimeoutMs = 60'000;
// A feed whose client asks for signs of life ends when its client does; one day bounds what a number means.
constexpr std::uint64_t kMostMs = 24ULL * 3600 * 1000;

Result<Feed> feed_of(const CouchCall& call) {
  const std::string_view text = call.query.text("feed");
  if (text.empty() || text == "normal") return Feed::normal;
  if (text == "longpoll") return Feed::longpoll;
  if (text == "continuous" || text == "live") return Feed::continuous;
  if (text == "eventsource") return Feed::events;
  return bad_request("Supported `feed` types: normal, continuous, live, longpoll, eventsource");
}

Status take_since(const CouchCall& call, ChangesRequest& request) {
  std::string_view since = call.query.text("since");
  // A browser that connects again says where it was in a field, and knows nothing of the URL.
  for (const auto last : {call.query.text("last-event-id"), call.request().field("Last-Event-ID")}) {
    if (!last.empty()) since = last;
  }
  if (since == "now" || since == "\"now\"") {
    request.from_now = true;
    return ok();
  }
  QUIRE_TRY(request.since, parse_sequence(since));
  return ok();
}

Status take_ids(const document::Value& list, ChangesRequest& request) {
  if (!list.is_array()) return bad_request("`doc_ids` filter parameter is not a list of doc ids.");
  for (const document::Value& one : list.elements()) {
    if (!one.is_string()) return bad_request("`doc_ids` filter parameter is not a list of doc ids.");
    request.ids.insert(one.to_string());
  }
  request.choice = Choice::ids;
  return ok();
}

Status take_selector(const document::Value& value, ChangesRequest& request) {
  auto filter = document::Filter::parse(value.to_json(), {.plain_json = true});
  if (!filter) return refusal(ErrorCode::invalid, "bad_request", filter.error().message());
  request.selector = *std::move(filter);
  request.choice = Choice::selector;
  return ok();
}

// A filter that is a function of a design document.
Error program(const CouchCall& call, ChangesRequest::Of of, std::string_view name) {
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos) {
    return bad_request("filter parameter must be of the form `designname/filtername`");
  }
  if (of == ChangesRequest::Of::replicator) return missing();
  const auto design = engine::wait<engine::Document>([&](auto done) {
    call.parts().documents.get(call.call.caller, call.call.limits(), {.database = call.database()},
                               "_design/" + std::string(name.substr(0, slash)), {}, std::move(done));
  });
  if (!design) return design.error();
  return Error(ErrorCode::not_implemented,
               "functions of design documents are not run here; filter=_selector takes a selector");
}

Status take_filter(const CouchCall& call, std::string_view body, ChangesRequest& request) {
  std::string text;
  if (!body.empty()) {
    document::JsonLimits limits;
    limits.document_bytes = tuning::kBulkBytes;
    if (!document::minify(body, limits, text)) return bad_request("invalid UTF-8 JSON");
  }
  document::Arena arena;
  document::Value root;
  if (!text.empty()) {
    QUIRE_TRY(root, document::Value::parse(arena, text));
  }
  const std::string_view filter = call.query.text("filter");
  if (filter.empty()) return ok();
  if (filter == "_doc_ids") {
    if (const document::Value* const list = root.find("doc_ids")) return take_ids(*list, request);
    QUIRE_TRY(const auto json, call.query.json("doc_ids"));
    if (!json) return bad_request("`doc_ids` filter parameter is missing.");
    QUIRE_TRY(const document::Value list, document::Value::parse(arena, *json));
    return take_ids(list, request);
  }
  if (filter == "_selector") {
    const document::Value* const selector = root.find("selector");
    if (selector == nullptr || !selector->is_object()) {
      return bad_request("Selector must be specified in POST payload");
    }
    return take_selector(*selector, request);
  }
  if (filter == "_design") {
    request.choice = Choice::design;
    return ok();
  }
  if (filter == "_view" && !call.query.has("view")) return bad_request("`view` filter parameter is missing.");
  return program(call, request.of, filter == "_view" ? call.query.text("view") : filter);
}

// Milliseconds; "true" is the usual number of them.
Result<std::optional<std::chrono::milliseconds>> milliseconds(const CouchCall& call, std::string_view name) {
  if (!call.query.has(name) || call.query.text(name) == "false") {
    return std::optional<std::chrono::milliseconds>();
  }
  if (call.query.text(name) == "true") return std::optional(std::chrono::milliseconds(kTimeoutMs));
  QUIRE_TRY(const std::uint64_t number, call.query.number(name, 0));
  return std::optional(std::chrono::milliseconds(std::min(number, kMostMs)));
}

Status take_times(const CouchCall& call, ChangesRequest& request) {
  QUIRE_TRY(request.heartbeat, milliseconds(call, "heartbeat"));
  QUIRE_TRY(request.timeout, milliseconds(call, "timeout"));
  // Shorter than one look at all feeds, it is that long.
  if (request.heartbeat) request.heartbeat = std::max(*request.heartbeat, tuning::kFeedTick);
  if (!request.heartbeat && !request.timeout) request.timeout = std::chrono::milliseconds(kTimeoutMs);
  return ok();
}

Place place_of(const engine::FeedRow& row) {
  return {.collection = std::string(row.collection), .id = std::string(row.id)};
}

// The document as the row's winner has it; nullopt: it has moved on, and stands in a row of its own.
Result<std::optional<engine::Document>> read_winner(const CouchCall& call, const engine::FeedRow& row,
                                                    engine::GetOptions options) {
  options.revision = row.revision;
  const Place place = place_of(row);
  auto found = engine::wait<engine::Document>([&](auto done) {
    call.parts().documents.get(call.call.caller, call.call.limits(), place.in(call.database()), place.id,
                               options, std::move(done));
  });
  if (found) return std::optional(*std::move(found));
  if (found.error().code() == ErrorCode::not_found) return std::optional<engine::Document>();
  return found.error();
}

}  // namespace

Result<ChangesRequest> ChangesRequest::parse(const CouchCall& call, Of of, std::string_view body) {
  ChangesRequest request;
  request.of = of;
  QUIRE_TRY(request.feed, feed_of(call));
  QUIRE_TRY_STATUS(take_since(call, request));
  QUIRE_TRY(request.limit, call.query.number("limit", request.limit));
  QUIRE_TRY(request.descending, call.query.flag("descending"));
  if (request.feed != Feed::normal) request.descending = false;  // what comes, comes last
  QUIRE_TRY(request.documents, call.query.flag("include_docs"));
  QUIRE_TRY(request.members, DocumentMembers::parse(call));
  const std::string_view style = call.query.text("style");
  if (!style.empty() && style != "main_only" && style != "all_docs") return bad_parameter("style", style);
  request.all_leaves = style == "all_docs";
  QUIRE_TRY_STATUS(take_times(call, request));
  QUIRE_TRY_STATUS(take_filter(call, body, request));
  return request;
}

engine::FeedOptions ChangesRequest::options() const {
  engine::FeedOptions options;
  options.current_only = options.documents_only = options.winners = true;
  options.leaves = all_leaves;
  options.descending = descending;
  // Without a limit the last page says that nothing is left.
  options.pending = limit != ~std::uint64_t{0};
  if (ids.size() <= engine::tuning::kFeedDocuments) {
    for (const std::string& id : ids) {
      options.documents.push_back({.collection = "_default", .id = id});
      if (auto named = named_place(id)) {
        options.documents.push_back({.collection = std::move(named->collection), .id = std::move(named->id)});
      }
    }
  }
  options.filter = selector;
  return options;
}

bool is_wanted(const ChangesRequest& request, const engine::FeedRow& row) {
  if (row.id.empty() || !row.revision) return false;
  switch (request.choice) {
    case Choice::ids: return request.ids.contains(couch_id(row.collection, row.id));
    case Choice::design: return is_design(row.collection, row.id);
    case Choice::all:
    case Choice::selector: return true;
  }
  return true;
}

Status print_change(const CouchCall& call, const ChangesRequest& request, const engine::FeedRow& row,
                    std::uint64_t incarnation, const Out& out) {
  std::string& text = out.text;
  ObjectOut object(text);
  object.raw("seq", sequence_json({.incarnation = incarnation, .sequence = row.sequence}));
  const std::string id = couch_id(row.collection, row.id);
  object.text("id", id);
  object.member("changes").push_back('[');
  const auto print_revision = [&](const document::Revision& revision, bool first) {
    document::append_json_string(text += first ? "{\"rev\":" : ",{\"rev\":", revision.to_string());
    text.push_back('}');
  };
  // The winner stands first.
  if (row.leaf_count == 0) print_revision(row.revision, true);
  for (std::size_t i = 0; i < row.leaf_count; ++i) print_revision(row.leaves[i].revision, i == 0);
  text.push_back(']');
  if (row.deleted) object.flag("deleted", true);
  if (request.documents && request.of == ChangesRequest::Of::replicator) {
    object.raw("doc", row.body);
  } else if (request.documents) {
    engine::GetOptions options;
    request.members.ask(options);
    QUIRE_TRY(const auto document, read_winner(call, row, options));
    object.member("doc");
    if (document) {
      QUIRE_TRY_STATUS(print_document(call, place_of(row), id, *document, request.members, out));
    } else {
      text += "null";
    }
  }
  object.end();
  return ok();
}

Result<engine::FeedPage> read_page(const CouchCall& call, const ChangesRequest& request,
                                   engine::Position& since, std::uint64_t left) {
  engine::FeedOptions options = request.options();
  // What is left out here does not count.
  if (request.choice == Choice::all || request.choice == Choice::selector) {
    options.limit = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(left, 1, options.limit));
  }
  const auto read = [&]() -> Result<engine::FeedPage> {
    if (request.of == ChangesRequest::Of::replicator) {
      return read_replicator_page(call, request, since, options.limit);
    }
    return engine::wait<engine::FeedPage>([&](auto done) {
      call.parts().feeds.read(call.call.caller, call.call.limits(), call.database(), since, options,
                              std::move(done));
    });
  };
  auto page = read();
  if (page || page.error().code() != ErrorCode::history_lost || since == engine::Position{}) return page;
  since = {};
  return read();
}

Result<engine::Position> first_position(const CouchCall& call, const ChangesRequest& request) {
  if (!request.from_now) return request.since;
  if (request.of == ChangesRequest::Of::replicator) return replicator_position(call);
  return engine::wait<engine::Position>([&](auto done) {
    call.parts().feeds.position(call.call.caller, call.call.limits(), call.database(), std::move(done));
  });
}

void wait_for_change(const CouchCall& call, const ChangesRequest& request, const CallLimits& limits,
                     const engine::Position& since, engine::Completion<engine::Position> done) {
  if (request.of == ChangesRequest::Of::replicator) {
    return wait_for_replicator(call, limits, since, std::move(done));
  }
  call.parts().feeds.wait(call.call.caller, limits, call.database(), since, std::move(done));
}

}  // namespace quire::api::couch
