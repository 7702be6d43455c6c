#include "cli/remote/remote_feeds.h"

#include <algorithm>
#include <chrono>

#include "cli/remote/json.h"
#include "document/extended_json.h"
#include "engine/position.h"

namespace quire::cli::remote {

namespace {

Result<engine::FeedRow> read_row(engine::FeedPage& page, const document::Value& change) {
  engine::FeedRow row{};
  QUIRE_TRY(const engine::Position position, engine::parse_position(text_of(change, "position")));
  row.sequence = position.sequence;
  const auto time = document::parse_iso_date(text_of(change, "time"));
  const auto operation = engine::operation_of(text_of(change, "operation"));
  if (!time || !operation) return unexpected("a change");
  row.time_ms = *time;
  row.operation = *operation;
  row.deleted = flag_of(change, "deleted");
  row.collection = page.arena().copy(text_of(change, "collection"));
  row.id = page.arena().copy(text_of(change, "id"));
  if (const std::string revision = text_of(change, "revision"); !revision.empty()) {
    QUIRE_TRY(row.revision, document::Revision::parse(revision));
  }
  if (const document::Value* const body = change.find("document")) {
    row.has_body = true;
    row.body = page.arena().copy(body->to_json());
  }
  return row;
}

Target changes_of(const engine::DatabaseAddress& address) {
  return Target::database(address).segment("changes");
}

Result<engine::Position> next_of(const Json& page) {
  return engine::parse_position(text_of(page.value(), "next"));
}

}  // namespace

void RemoteFeeds::read(const engine::Caller&, const CallLimits&, const engine::DatabaseAddress& address,
                       const engine::Position& since, const engine::FeedOptions& options,
                       engine::Completion<engine::FeedPage> done) {
  done(read(address, since, options));
}

void RemoteFeeds::wait(const engine::Caller&, const CallLimits& limits,
                       const engine::DatabaseAddress& address, const engine::Position& since,
                       engine::Completion<engine::Position> done) {
  done(wait(limits, address, since));
}

void RemoteFeeds::position(const engine::Caller&, const CallLimits&, const engine::DatabaseAddress& address,
                           engine::Completion<engine::Position> done) {
  done(position(address));
}

Result<engine::FeedPage> RemoteFeeds::read(const engine::DatabaseAddress& address,
                                           const engine::Position& since,
                                           const engine::FeedOptions& options) {
  Target target = changes_of(address);
  target.parameter("since", engine::to_string(since)).parameter("limit", options.limit);
  if (!options.collection.empty()) target.parameter("collection", options.collection);
  if (options.current_only) target.parameter("current", "true");
  if (options.bodies) target.parameter("documents", "true");
  QUIRE_TRY(const std::string text, http_.call({.target = std::move(target)}));
  QUIRE_TRY(const Json json, Json::parse(text));
  const document::Value* const changes = json.value().find("changes");
  if (changes == nullptr || !changes->is_array()) return unexpected("a page of changes");
  engine::FeedPage page;
  page.rows.reserve(changes->size());
  for (const document::Value& change : changes->elements()) {
    QUIRE_TRY(engine::FeedRow row, read_row(page, change));
    page.rows.push_back(std::move(row));
  }
  QUIRE_TRY(page.next, next_of(json));
  page.at_end = !flag_of(json.value(), "more");
  return page;
}

Result<engine::Position> RemoteFeeds::wait(const CallLimits& limits, const engine::DatabaseAddress& address,
                                           const engine::Position& since) {
  using std::chrono::milliseconds;
  milliseconds time{0};
  if (limits.deadline) {
    time = std::chrono::duration_cast<milliseconds>(*limits.deadline - system_clock().steady());
  }
  Target target = changes_of(address);
  target.parameter("since", engine::to_string(since)).parameter("limit", 1).parameter("feed", "longpoll");
  if (limits.deadline)
    target.parameter("timeout", static_cast<std::uint64_t>(std::max(time, milliseconds(1)).count()));
  QUIRE_TRY(const std::string text, http_.call({.target = std::move(target)}));
  QUIRE_TRY(const Json json, Json::parse(text));
  QUIRE_TRY(const engine::Position next, next_of(json));
  if (next.sequence > since.sequence) return next;
  return Error(ErrorCode::deadline, "nothing has changed");
}

Result<engine::Position> RemoteFeeds::position(const engine::DatabaseAddress& address) {
  Target target = changes_of(address);
  target.parameter("since", "now").parameter("limit", 1);
  QUIRE_TRY(const std::string text, http_.call({.target = std::move(target)}));
  QUIRE_TRY(const Json json, Json::parse(text));
  return next_of(json);
}

}  // namespace quire::cli::remote
