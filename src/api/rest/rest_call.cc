#include "api/rest/rest_call.h"

#include <utility>

#include "api/tuning.h"
#include "base/bytes.h"
#include "net/target.h"

namespace quire::api::rest {

namespace {

// The name of a capture in a pattern says what it is.
struct Captured {
  std::string_view name;
  std::string RestCall::*place;
};
constexpr Captured kCaptured[] = {{"database", &RestCall::database_name},
                                  {"collection", &RestCall::collection_name},
                                  {"id", &RestCall::id},
                                  {"name", &RestCall::name},
                                  {"user", &RestCall::user}};

Status take_capture(RestCall& call, std::string_view name, std::string_view text) {
  for (const auto& captured : kCaptured) {
    if (captured.name != name) continue;
    std::string& place = call.*captured.place;
    place.clear();
    if (text.find('%') == std::string_view::npos) {
      if (!valid_utf8(text)) return Error(ErrorCode::invalid, "the path is not UTF-8");
      place = text;
      return ok();
    }
    QUIRE_TRY(place, net::percent_decode(text));
    return ok();
  }
  return ok();
}

Result<document::Revision> parse_tag(std::string_view tag, std::string_view field) {
  if (tag.size() >= 2 && tag.front() == '"' && tag.back() == '"') {
    if (auto revision = document::Revision::parse(tag.substr(1, tag.size() - 2))) return *std::move(revision);
  }
  return Error(ErrorCode::invalid, "the condition is not a revision in quotes").at(std::string(field));
}

}  // namespace

Result<RestCall> RestCall::parse(const Call& call) {
  RestCall parsed(call);
  std::size_t capture = 0;
  for (std::string_view rest = call.route.pattern; !rest.empty();) {
    const std::size_t open = rest.find('{');
    if (open == std::string_view::npos) break;
    const std::size_t close = rest.find('}', open);
    QUIRE_TRY_STATUS(take_capture(parsed, rest.substr(open + 1, close - open - 1), call.captures[capture++]));
    rest.remove_prefix(close + 1);
  }
  auto [name, owner] = named_database(call.parts(), call.caller, parsed.database_name);
  parsed.database_name = std::move(name);
  parsed.owner = std::move(owner);
  QUIRE_TRY(parsed.query, Query::parse(call.request().query, call.route.parameters));
  return parsed;
}

bool RestCall::wants_lines() const {
  return request().field("Accept").find("application/x-ndjson") != std::string_view::npos;
}

Result<engine::WriteOptions> write_options(const RestCall& call) {
  engine::WriteOptions options;
  options.create_collections = true;
  if (call.query.has("durability")) {
    const std::string_view word = call.query.text("durability");
    if (word == "memory") {
      options.durability = engine::Durability::memory;
    } else if (word == "os") {
      options.durability = engine::Durability::os;
    } else if (word != "disk") {
      return Error(ErrorCode::invalid, "durability is memory, os or disk").at("durability");
    }
  }
  const std::string_view key = call.request().field("Idempotency-Key");
  if (key.size() > tuning::kIdempotencyKeyBytes) {
    return Error(ErrorCode::too_large, "the Idempotency-Key is too long")
        .at("Idempotency-Key")
        .over(tuning::kIdempotencyKeyBytes);
  }
  options.request_id = key;
  return options;
}

Result<std::optional<document::Revision>> revision_parameter(const RestCall& call) {
  if (!call.query.has("rev")) return std::optional<document::Revision>();
  auto revision = document::Revision::parse(call.query.text("rev"));
  if (!revision) return Error(ErrorCode::invalid, "this is not a revision").at("rev");
  return std::optional(*std::move(revision));
}

Result<Conditions> conditions_of(const net::RequestHead& request) {
  Conditions conditions;
  if (const std::string_view field = request.field("If-Match"); field == "*") {
    conditions.match_any = true;
  } else if (!field.empty()) {
    QUIRE_TRY(conditions.match, parse_tag(field, "If-Match"));
  }
  if (const std::string_view field = request.field("If-None-Match"); !field.empty()) {
    if (field != "*") {
      return Error(ErrorCode::invalid, "the only If-None-Match of a write is *").at("If-None-Match");
    }
    conditions.absent = true;
  }
  if (conditions.absent && (conditions.match || conditions.match_any)) {
    return Error(ErrorCode::invalid, "If-Match and If-None-Match cannot both hold").at("If-None-Match");
  }
  return conditions;
}

net::Response json_answer(unsigned status, std::string body) {
  net::Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

void answer(const Call& call, Result<net::Response> response) {
  if (!response) return send_error(call, response.error());
  call.exchange.send(*std::move(response));
}

void work_off(const Call& call, Answering answering) {
  auto parsed = RestCall::parse(call);
  answer(call, parsed ? answering(*parsed) : Result<net::Response>(std::move(parsed).error()));
}

void stream_off(const Call& call, Streaming streaming) {
  auto parsed = RestCall::parse(call);
  if (!parsed) return send_error(call, parsed.error());
  const auto status = streaming(*parsed);
  if (status) return;
  // The only time limit here is the client's, for its body.
  if (status.error().code() != ErrorCode::deadline) return send_error(call, status.error());
  call.exchange.send(
      error_answer(call.context, &call.request(), call.route.surface, call.route.name, status.error(), 408));
}

}  // namespace quire::api::rest
