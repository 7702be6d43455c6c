#include "api/couch/replication_in.h"

#include <array>
#include <utility>

#include "api/admission.h"
#include "api/couch/mango.h"
#include "api/json_out.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "replication/peer_address.h"

namespace quire::api::couch {

namespace {

using document::Value;
using replication::PeerAddress;

struct SideIn {
  std::string text;
  std::string shown;
  Secret authorization;
};

Error no_side(std::string_view name) {
  return bad_request("`" + std::string(name) +
                     "` is no database: a name, an address, or an object with `url` is asked for");
}

// {"auth": {"basic": {"username", "password"}}}
Result<Secret> basic_of(const Value& auth) {
  const Value* const basic = auth.find("basic");
  const Value* const name = basic == nullptr ? nullptr : basic->find("username");
  const Value* const password = basic == nullptr ? nullptr : basic->find("password");
  if (name == nullptr || password == nullptr || !name->is_string() || !password->is_string()) {
    return bad_request("`auth` is taken as {\"basic\":{\"username\":NAME,\"password\":PASSWORD}} only");
  }
  return Secret("Basic " + to_base64(name->to_string() + ":" + password->to_string()));
}

Result<Secret> authorization_of(const Value& side) {
  Secret found;
  if (const Value* const auth = side.find("auth"); auth != nullptr) {
    QUIRE_TRY(found, basic_of(*auth));
  }
  const Value* const fields = side.find("headers");
  if (fields == nullptr) return found;
  for (const document::Member& field : fields->members()) {
    const std::string value = field.value.is_string() ? field.value.to_string() : std::string();
    const bool printable =
        value.find_first_of("\r\n") == std::string::npos && value.find('\0') == std::string::npos;
    if (!same_ignoring_case(field.name.to_string(), "authorization") || value.empty() || !printable) {
      return bad_request("of `headers` only Authorization is sent");
    }
    found = Secret(value);
  }
  return found;
}

Result<SideIn> side_of(const CouchCall& call, const Value& object, std::string_view name) {
  const Value* side = object.find(name);
  if (side == nullptr) return bad_request("`" + std::string(name) + "` is missing");
  SideIn in;
  const Value* const url = side->is_object() ? side->find("url") : side;
  if (url == nullptr || !url->is_string()) return no_side(name);
  if (side->is_object()) {
    QUIRE_TRY(in.authorization, authorization_of(*side));
  }
  in.text = url->to_string();
  if (PeerAddress::looks_like(in.text)) {
    const auto address = PeerAddress::parse(in.text);
    if (!address) return no_side(name);
    in.shown = address->key;
    return in;
  }
  if (in.text.empty() || in.text.find('/') != std::string::npos) return no_side(name);
  const NamedDatabase named = named_database(call.parts(), call.call.caller, in.text);
  in.shown = std::exchange(in.text, named.owner.empty() ? named.name : named.owner + ":" + named.name);
  return in;
}

Status refuse_programs(const Value& object) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kPrograms{
      {{"filter", "functions of design documents are not run here; `selector` chooses documents"},
       {"query_params", "functions of design documents are not run here; `selector` chooses documents"},
       {"since_seq", "a replication begins where its checkpoints say"},
       {"winning_revs_only", "all leaves of a document are replicated"}}};
  for (const auto& [name, why] : kPrograms) {
    const Value* const member = object.find(name);
    const bool asked =
        member != nullptr && !member->is_null() && !(member->is_boolean() && !member->as_boolean());
    if (asked) return Error(ErrorCode::not_implemented, "`" + std::string(name) + "`: " + std::string(why));
  }
  return ok();
}

Result<bool> flag_of(const Value& object, std::string_view name) {
  const Value* const member = object.find(name);
  if (member == nullptr || member->is_null()) return false;
  if (!member->is_boolean()) return bad_request("`" + std::string(name) + "` must be a boolean");
  return member->as_boolean();
}

// An empty list would mean every document further on, which is the last thing that it asks for.
Status take_ids(const Value& object, engine::ReplicationRequest& request) {
  const Value* const list = object.find("doc_ids");
  if (list == nullptr || list->is_null()) return ok();
  if (!list->is_array() || list->size() == 0) return bad_request("`doc_ids` must be a list of ids");
  for (const Value& id : list->elements()) {
    if (!id.is_string()) return bad_request("`doc_ids` must be a list of ids");
    request.ids.push_back(id.to_string());
  }
  return ok();
}

// What a document shows of a side.
void keep_side(std::string_view name, std::string_view shown, std::string& out) {
  document::append_json_string(out, name);
  document::append_json_string(out.append(1, ':'), shown);
  out.push_back(',');
}

void keep_others(const Value& object, std::string& out) {
  for (const document::Member& member : object.members()) {
    const std::string name = member.name.to_string();
    if (name.starts_with('_') || name == "source" || name == "target") continue;
    document::append_json_string(out, name);
    out.append(1, ':').append(member.value.to_json()).append(1, ',');
  }
}

}  // namespace

Result<ReplicationIn> read_replication(const CouchCall& call, const Value& object) {
  QUIRE_TRY_STATUS(refuse_programs(object));
  ReplicationIn in;
  QUIRE_TRY(SideIn source, side_of(call, object, "source"));
  QUIRE_TRY(SideIn target, side_of(call, object, "target"));
  QUIRE_TRY(in.request.continuous, flag_of(object, "continuous"));
  QUIRE_TRY(in.request.create_target, flag_of(object, "create_target"));
  QUIRE_TRY_STATUS(take_ids(object, in.request));
  if (const Value* const selector = object.find("selector"); selector != nullptr && !selector->is_null()) {
    if (!selector->is_object()) {
      return refusal(ErrorCode::invalid, "invalid_selector_json", "Selector must be a JSON object");
    }
    QUIRE_TRY(in.request.selector, to_filter(*selector));
  }
  keep_side("source", source.shown, in.members);
  keep_side("target", target.shown, in.members);
  keep_others(object, in.members);
  in.request.source = std::move(source.text);
  in.request.target = std::move(target.text);
  in.request.source_authorization = std::move(source.authorization);
  in.request.target_authorization = std::move(target.authorization);
  in.source = std::move(source.shown);
  in.target = std::move(target.shown);
  return in;
}

namespace {

std::string id_of(std::string_view source, std::string_view target, const std::vector<std::string>& ids,
                  std::string_view selector, bool continuous) {
  std::string text;
  put_string(text, source);
  put_string(text, target);
  put_varint(text, ids.size());
  for (const std::string& id : ids) put_string(text, id);
  put_string(text, selector);
  Blake2b hash(16);
  hash.update(text);
  char digest[16];
  hash.finish(digest);
  return to_hex({digest, sizeof digest}) + (continuous ? "+continuous" : "");
}

}  // namespace

std::string replication_id(std::string_view source, std::string_view target,
                           const engine::ReplicationRequest& request) {
  return id_of(source, target, request.ids, request.selector, request.continuous);
}

std::string replication_id(const engine::ReplicationStatus& status) {
  return id_of(status.source, status.target, status.ids, status.selector, status.continuous);
}

Result<engine::Replications*> replications_of(const CouchCall& call) {
  if (call.parts().replications != nullptr) return call.parts().replications;
  return Error(ErrorCode::not_implemented, "this node runs no replications");
}

Error explain_replication(const Error& error) {
  switch (error.code()) {
    case ErrorCode::not_found:
      return refusal(ErrorCode::not_found, "db_not_found", "could not open the source or the target");
    case ErrorCode::unauthenticated:
    case ErrorCode::forbidden:
      return refusal(ErrorCode::forbidden, "unauthorized", "a side refuses what it was shown");
    case ErrorCode::exists:
    case ErrorCode::conflict: return document_conflict();
    default: return error;
  }
}

Result<Value> read_object(std::string_view body, std::string& text, document::Arena& arena) {
  if (!document::minify(body, {}, text)) return bad_request("invalid UTF-8 JSON");
  QUIRE_TRY(const Value root, Value::parse(arena, text));
  if (!root.is_object()) return bad_request("Request body must be a JSON object");
  return root;
}

}  // namespace quire::api::couch
