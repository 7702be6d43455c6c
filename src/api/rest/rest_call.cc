#include "api/rest/rest_call.h"

#include <utility>

#include "api/tuning.h"

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

void take_capture(RestCall& call, std::string_view name, std::string text) {
  for (const auto& captured : kCaptured) {
    if (captured.name == name) call.*captured.place = std::move(text);
  }
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
  QUIRE_TRY_STATUS(each_capture(
      call, [&](std::string_view name, std::string text) { take_capture(parsed, name, std::move(text)); }));
  parsed.find_database();
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

}  // namespace quire::api::rest
