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

std::uint64_t number_of(const Value& object, std::string_view name) {
  const Value* value = object.find(name);
  std::uint64_t number = 0;
  if (value == nullptr || !value->is_number()) return number;
  const std::string_view text = value->number_text();
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

bool flag_of(const Value& object, std::string_view name) {
  const Value* value = object.find(name);
  return value != nullptr && value->is_boolean() && value->as_boolean();
}

struct Count {
  std::string_view name;
  std::uint64_t replication::Progress::*place;
};
constexpr Count kCounts[] = {{"revisionsChecked", &replication::Progress::missing_checked},
                             {"revisionsMissing", &replication::Progress::missing_found},
                             {"revisionsRead", &replication::Progress::documents_read},
                             {"revisionsWritten", &replication::Progress::documents_written},
                             {"failures", &replication::Progress::failures}};

void put_end(std::string& out, const ReplicationRecord& record) {
  put_text(out, "ended", record.ended);
  put_text(out, "reached", record.last.reached);
  if (record.last.last_error) put_text(out, "error", record.last.last_error->message());
  out += R"("endedAt":)" + std::to_string(record.ended_ms) + ',';
  for (const Count& count : kCounts) {
    out.append(1, '"').append(count.name).append("\":").append(std::to_string(record.last.*count.place));
    out += ',';
  }
}

void take_end(const Value& value, ReplicationRecord& record) {
  record.ended = text_of(value, "ended");
  if (record.ended.empty()) return;
  record.ended_ms = static_cast<WallMs>(number_of(value, "endedAt"));
  record.last.state =
      record.ended == "finished" ? replication::RunState::finished : replication::RunState::failed;
  record.last.reached = record.last.recorded = text_of(value, "reached");
  if (auto error = text_of(value, "error"); !error.empty()) {
    record.last.last_error = Error(ErrorCode::unavailable, std::move(error));
  }
  for (const Count& count : kCounts) record.last.*count.place = number_of(value, count.name);
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
  put_text(out, "document", request.document);
  if (request.create_target) out += R"("createTarget":true,)";
  if (!record.ended.empty()) put_end(out, record);
  out += R"("ids":[)";
  for (std::size_t i = 0; i < request.ids.size(); ++i) {
    if (i != 0) out += ',';
    document::append_json_string(out, request.ids[i]);
  }
  out += R"(],"continuous":)";
  out += request.continuous ? "true" : "false";
  return out + R"(,"created":)" + std::to_string(record.created_ms) + "}";
}

std::string print_removed(const ReplicationRecord& record) {
  const std::string_view document = record.request.document;
  std::string out = "{";
  put_text(out, "document", document.substr(0, document.find(' ')));
  put_text(out, "ended", record.ended);
  if (out.size() > 1) out.pop_back();
  return out + "}";
}

Result<ReplicationRecord> parse_removed(std::string_view json) {
  document::Arena arena;
  QUIRE_TRY(const Value value, Value::parse(arena, json));
  ReplicationRecord record;
  record.request.document = text_of(value, "document");
  take_end(value, record);
  return record;
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
  record.request.document = text_of(value, "document");
  record.request.create_target = flag_of(value, "createTarget");
  take_end(value, record);
  for (const Value& id : ids->elements()) record.request.ids.push_back(id.is_string() ? id.to_string() : "");
  record.created_ms = static_cast<WallMs>(number_of(value, "created"));
  return record;
}

}  // namespace quire::engine
