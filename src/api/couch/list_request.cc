#include "api/couch/list_request.h"

#include <algorithm>
#include <utility>

#include "api/couch/document_in.h"
#include "api/couch/handlers.h"
#include "api/tuning.h"
#include "document/value.h"

namespace quire::api::couch {

namespace {

ListKey list_key_of(const document::Value& value) {
  if (value.is_string()) return {value.to_string(), ListKey::Kind::id};
  if (value.is_array() || value.is_object()) return {{}, ListKey::Kind::highest};
  return {{}, ListKey::Kind::lowest};
}

Result<std::optional<ListKey>> key_parameter(const CouchCall& call, std::string_view name,
                                             std::string_view other) {
  const std::string_view given = call.query.has(name) ? name : other;
  QUIRE_TRY(const auto json, call.query.json(given));
  if (!json) return std::optional<ListKey>();
  document::Arena arena;
  QUIRE_TRY(const document::Value value, document::Value::parse(arena, *json));
  return std::optional(list_key_of(value));
}

// The members of a body say what parameters would.
Status take_body(CouchCall& call, ListRequest& request) {
  QUIRE_TRY(const std::string body, whole_body(call));
  std::string text;
  document::JsonLimits limits;
  limits.document_bytes = tuning::kBulkBytes;
  if (!body.empty() && !document::minify(body, limits, text)) return bad_request("invalid UTF-8 JSON");
  document::Arena arena;
  document::Value root;
  if (!text.empty()) {
    QUIRE_TRY(root, document::Value::parse(arena, text));
  } else if (call.query.has("keys")) {
    QUIRE_TRY(const auto json, call.query.json("keys"));
    text = "{\"keys\":" + *json + "}";
    QUIRE_TRY(root, document::Value::parse(arena, text));
  }
  if (text.empty()) return ok();
  if (!root.is_object()) return bad_request("Request body must be a JSON object");
  for (const document::Member& member : root.members()) {
    const std::string name = member.name.to_string();
    if (name != "keys") {
      call.query.add(name, member.value.to_json());
      continue;
    }
    if (!member.value.is_array()) return bad_request("`keys` body member must be an array.");
    request.keys.emplace();
    for (const document::Value& one : member.value.elements()) request.keys->push_back(list_key_of(one));
  }
  return ok();
}

}  // namespace

Result<ListRequest> ListRequest::parse(CouchCall& call) {
  ListRequest request;
  QUIRE_TRY_STATUS(take_body(call, request));
  QUIRE_TRY(request.descending, call.query.flag("descending"));
  QUIRE_TRY(request.skip, call.query.number("skip", 0));
  QUIRE_TRY(request.limit, call.query.number("limit", request.limit));
  QUIRE_TRY(request.documents, call.query.flag("include_docs"));
  QUIRE_TRY(request.update_sequence, call.query.flag("update_seq"));
  QUIRE_TRY(const bool end_itself, call.query.flag("inclusive_end", true));
  QUIRE_TRY(auto start, key_parameter(call, "startkey", "start_key"));
  QUIRE_TRY(auto end, key_parameter(call, "endkey", "end_key"));
  QUIRE_TRY(auto key, key_parameter(call, "key", "key"));
  QUIRE_TRY(request.members, DocumentMembers::parse(call));
  if (request.descending) {
    if (request.keys) std::reverse(request.keys->begin(), request.keys->end());
    request.from = std::move(end);
    request.to = std::move(start);
    request.from_itself = end_itself;
  } else {
    request.from = std::move(start);
    request.to = std::move(end);
    request.to_itself = end_itself;
  }
  if (key) request.from = request.to = std::move(key);
  return request;
}

bool ListRequest::holds(std::string_view id) const {
  if (from) {
    if (from->kind == ListKey::Kind::highest) return false;
    if (from->kind == ListKey::Kind::id && (from_itself ? id < from->id : id <= from->id)) return false;
  }
  if (to) {
    if (to->kind == ListKey::Kind::lowest) return false;
    if (to->kind == ListKey::Kind::id && (to_itself ? id > to->id : id >= to->id)) return false;
  }
  return true;
}

}  // namespace quire::api::couch
