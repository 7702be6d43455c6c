#include "query/index_definition.h"

#include <algorithm>
#include <charconv>

#include "base/bytes.h"
#include "document/collation.h"
#include "document/json.h"
#include "document/value.h"
#include "query/tuning.h"

namespace quire::query {

using document::Arena;
using document::Direction;
using document::Member;
using document::Value;

namespace {

Error invalid(std::string message, std::string field) {
  return Error(ErrorCode::invalid, std::move(message)).at(std::move(field));
}

// The error of what stands under a member.
Error inside(const std::string& member, const Error& error) {
  return Error(error.code(), error.message())
      .at(error.field().empty() ? member : member + "." + error.field())
      .over(error.limit());
}

Status check_name(std::string_view name) {
  if (name.empty()) return invalid("an index needs a name", "name");
  if (name.size() > tuning::kIndexNameBytes) {
    return Error(ErrorCode::too_large, "an index's name has more than 128 bytes")
        .at("name")
        .over(tuning::kIndexNameBytes);
  }
  const bool control = std::any_of(name.begin(), name.end(),
                                   [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  if (!valid_utf8(name) || control || name.front() == '$') {
    return invalid("an index's name is UTF-8 without control characters and does not begin with '$'", "name");
  }
  return ok();
}

Result<document::Path> parse_path(const std::string& text, const std::string& field) {
  auto path = document::Path::parse(text, tuning::kPathSteps);
  if (!path) return Error(path.error().code(), path.error().message()).at(field).over(tuning::kPathSteps);
  for (const document::PathStep& step : path->steps()) {
    if (step.name.empty()) return invalid("a step of the path '" + text + "' is empty", field);
    if (step.name.front() == '$')
      return invalid("a step of the path '" + text + "' begins with '$', as operators do", field);
  }
  return path;
}

// "1" and "-1", however a number says it.
Result<Direction> parse_direction(const Value& value, const std::string& field) {
  const document::TypedValue typed(value);
  if (typed.type() == document::Type::number) {
    const auto number = typed.number().to_int64();
    if (number == 1) return Direction::ascending;
    if (number == -1) return Direction::descending;
  }
  return invalid("the direction of a path is 1 or -1", field);
}

Result<bool> parse_switch(const Value& value, std::string_view name) {
  if (!value.is_boolean()) return invalid(std::string(name) + " is true or false", std::string(name));
  return value.as_boolean();
}

Status parse_keys(const Value& value, IndexDefinition& definition) {
  if (!value.is_array() || value.size() == 0)
    return invalid("the keys of an index are a list of {\"path\": 1} or {\"path\": -1}", "keys");
  if (value.size() > tuning::kIndexPaths) {
    return Error(ErrorCode::too_large, "an index is over at most 16 paths")
        .at("keys")
        .over(tuning::kIndexPaths);
  }
  for (const Value& element : value.elements()) {
    const std::string field = "keys[" + std::to_string(definition.keys.size()) + "]";
    if (!element.is_object() || element.size() != 1)
      return invalid("a key is an object of one member, {\"path\": 1} or {\"path\": -1}", field);
    const Member& member = element.members()[0];
    QUIRE_TRY(document::Path path, parse_path(member.name.to_string(), field));
    QUIRE_TRY(const Direction direction, parse_direction(member.value, field));
    for (const IndexDefinition::Key& key : definition.keys) {
      if (key.path == path) return invalid("the path '" + path.text() + "' stands twice", field);
    }
    definition.keys.push_back({std::move(path), direction});
  }
  return ok();
}

Status parse_partial(const Value& value, IndexDefinition& definition) {
  if (!value.is_object()) return invalid("partial is a filter", "partial");
  std::shared_ptr<const document::Collation> collation;
  if (!definition.collation.empty()) {
    QUIRE_TRY(auto parsed, document::Collation::parse(definition.collation));
    collation = std::make_shared<const document::Collation>(std::move(parsed));
  }
  // One that is stored is taken as it is.
  auto filter = document::Filter::parse(value.to_json(), {.plain_json = true}, std::move(collation));
  if (!filter) return inside("partial", filter.error());
  if (!filter->matches_everything()) definition.partial = std::move(*filter);
  return ok();
}

Status parse_expiry(const Value& value, IndexDefinition& definition) {
  constexpr std::string_view kName = "expireAfterSeconds";
  const document::TypedValue typed(value);
  const auto seconds = typed.type() == document::Type::number ? typed.number().to_int64() : std::nullopt;
  if (!seconds || *seconds < 0 || *seconds > tuning::kMostExpireSeconds) {
    return invalid("expireAfterSeconds is a whole number from 0 to 2147483647", std::string(kName));
  }
  definition.expire_after = std::chrono::seconds(*seconds);
  return ok();
}

Status parse_collation(const Value& value, IndexDefinition& definition) {
  const std::string json = value.to_json();
  if (document::Collation::is_simple(json)) return ok();
  const auto collation = document::Collation::parse(json);
  if (!collation) return inside("collation", collation.error());
  definition.collation = collation->print();
  return ok();
}

Status parse_member(const std::string& name, const Value& value, IndexDefinition& definition) {
  if (name == "keys") return parse_keys(value, definition);
  if (name == "partial") return parse_partial(value, definition);
  if (name == "expireAfterSeconds") return parse_expiry(value, definition);
  if (name == "collation") return ok();  // has been taken
  if (name == "unique") {
    QUIRE_TRY(definition.unique, parse_switch(value, name));
    return ok();
  }
  if (name == "sparse") {
    QUIRE_TRY(definition.sparse, parse_switch(value, name));
    return ok();
  }
  return invalid("an index has no member '" + name + "'", name);
}

Status check_whole(IndexDefinition& definition) {
  if (definition.keys.empty()) return invalid("an index needs keys", "keys");
  if (definition.sparse && definition.partial) {
    return invalid("an index is sparse or partial, not both: a filter with $exists says it all", "sparse");
  }
  if (!definition.expire_after) return ok();
  const bool over_id = definition.keys[0].path.text() == "_id";
  if (definition.keys.size() != 1 || over_id) {
    return invalid("an index that lets documents expire is over the one path of a date, and not over _id",
                   "expireAfterSeconds");
  }
  // Over one path both directions serve the same.
  definition.keys[0].direction = Direction::ascending;
  return ok();
}

}  // namespace

Result<IndexDefinition> IndexDefinition::parse(std::string_view name, std::string_view json) {
  QUIRE_TRY_STATUS(check_name(name));
  document::JsonLimits limits;
  limits.document_bytes = tuning::kDefinitionBytes;
  std::string text;
  QUIRE_TRY_STATUS(document::minify(json, limits, text));
  Arena arena;
  QUIRE_TRY(const Value value, Value::parse(arena, text));
  if (!value.is_object()) return invalid("an index's definition is an object", "");
  IndexDefinition definition;
  definition.name = name;
  // First, for a filter is read by it.
  if (const Value* const collation = value.find("collation")) {
    QUIRE_TRY_STATUS(parse_collation(*collation, definition));
  }
  for (const Member& member : value.members()) {
    QUIRE_TRY_STATUS(parse_member(member.name.to_string(), member.value, definition));
  }
  QUIRE_TRY_STATUS(check_whole(definition));
  return definition;
}

std::string IndexDefinition::print() const {
  std::string out = "{\"keys\":[";
  for (const Key& key : keys) {
    if (&key != keys.data()) out += ',';
    out += '{';
    document::append_json_string(out, key.path.text());
    out += key.direction == Direction::ascending ? ":1}" : ":-1}";
  }
  out += ']';
  if (unique) out += ",\"unique\":true";
  if (sparse) out += ",\"sparse\":true";
  if (partial) out += ",\"partial\":" + partial->print();
  if (expire_after) out += ",\"expireAfterSeconds\":" + std::to_string(expire_after->count());
  if (!collation.empty()) out += ",\"collation\":" + collation;
  return out + "}";
}

}  // namespace quire::query
