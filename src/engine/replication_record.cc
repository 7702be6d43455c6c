#include "engine/replication_record.h"

#include <charconv>

#include "document/json.h"
#include "document/value.h"

namespace quire::engine {

using document::Value;

namespace {

void put_text(std::string& out, std::string_view name, std::string_view text) {
  if (text.empty()) return;
  document::append_json_string(out, name);
  out += ':';
  document::append_json_string(out, text);
  out += ',';
}

std::string text_of(const Value& object, std::string_view name) {
  const Value* value = object.find(name);
  return value != nullptr && value->is_string() ? value->to_string() : std::string();
}

}  // namespace

std::string print_replication(const ReplicationRecord& record) {
  const ReplicationRequest& request = record.request;
  std::string out = "{";
  put_text(out, "source", request.source);
  put_text(out, "target", request.target);
  put_text(out, "collection", request.collection);
  put_text(out, "selector", request.selector);
  put_text(out, "sourceAuthorization", request.source_authorization.reveal());
  put_text(out, "targetAuthorization", request.target_authorization.reveal());
  put_text(out, "ended", record.ended);
  out += R"("ids":[)";
  for (std::size_t i = 0; i < request.ids.size(); ++i) {
    if (i != 0) out += ',';
    document::append_json_string(out, request.ids[i]);
  }
  out += R"(],"continuous":)";
  out += request.continuous ? "true" : "false";
  return out + R"(,"created":)" + std::to_string(record.created_ms) + "}";
}

Result<ReplicationRecord> parse_replication(std::string_view json) {
  document::Arena arena;
  QUIRE_TRY(const Value value, Value::parse(arena, json));
  const Value* ids = value.find("ids");
  const Value* continuous = value.find("continuous");
  const Value* created = value.find("created");
  ReplicationRecord record;
  record.request.source = text_of(value, "source");
  record.request.target = text_of(value, "target");
  const bool whole = ids != nullptr && ids->is_array() && continuous != nullptr && continuous->is_boolean() &&
                     created != nullptr && created->is_number() && !record.request.source.empty() &&
                     !record.request.target.empty();
  if (!whole) return Error(ErrorCode::corrupt, "this is no record of a replication");
  record.request.collection = text_of(value, "collection");
  record.request.selector = text_of(value, "selector");
  record.request.source_authorization = Secret(text_of(value, "sourceAuthorization"));
  record.request.target_authorization = Secret(text_of(value, "targetAuthorization"));
  record.request.continuous = continuous->as_boolean();
  record.ended = text_of(value, "ended");
  for (const Value& id : ids->elements()) record.request.ids.push_back(id.is_string() ? id.to_string() : "");
  const std::string_view number = created->number_text();
  std::from_chars(number.data(), number.data() + number.size(), record.created_ms);
  return record;
}

}  // namespace quire::engine
