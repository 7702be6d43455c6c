#include "engine/body.h"

#include "document/arena.h"
#include "document/extended_json.h"
#include "document/id.h"
#include "document/value.h"

namespace quire::engine {

namespace {

Error malformed(const document::ReservedMember& member, const char* message) {
  return Error(ErrorCode::invalid, message).at(member.name);
}

Result<std::string> parse_id(const document::ReservedMember& member) {
  document::Arena arena;
  QUIRE_TRY(const document::Value value, document::Value::parse(arena, member.value));
  if (value.is_string()) {
    auto id = value.to_string();
    QUIRE_TRY_STATUS(document::check_id(id));
    return id;
  }
  if (auto id = document::object_id_of(value)) return *std::move(id);
  return malformed(member, "an id is a string, or {\"$oid\": \"24 hexadecimal digits\"}");
}

Result<document::Revision> parse_revision(const document::ReservedMember& member) {
  document::Arena arena;
  QUIRE_TRY(const document::Value value, document::Value::parse(arena, member.value));
  if (!value.is_string()) return malformed(member, "a revision is a string");
  auto revision = document::Revision::parse(value.to_string());
  if (!revision) return malformed(member, revision.error().message().c_str());
  return revision;
}

Status take_reserved(const document::ReservedMember& member, ParsedDocument& parsed) {
  if (member.name == "_id") {
    QUIRE_TRY(parsed.id, parse_id(member));
    return ok();
  }
  if (member.name == "_rev") {
    QUIRE_TRY(parsed.revision, parse_revision(member));
    return ok();
  }
  if (member.name == "_deleted" && (member.value == "true" || member.value == "false")) {
    parsed.deleted = member.value == "true";
    return ok();
  }
  return malformed(member, member.name == "_deleted"
                               ? "the value is neither true nor false"
                               : "names that begin with \"_\" are reserved; those taken here are _id, "
                                 "_rev and _deleted");
}

}  // namespace

Result<ParsedDocument> parse_document(std::string_view text, const document::JsonLimits& limits) {
  QUIRE_TRY(document::SplitDocument split, document::split_document(text, limits));
  ParsedDocument parsed;
  for (const auto& member : split.reserved) QUIRE_TRY_STATUS(take_reserved(member, parsed));
  parsed.body = Body(std::move(split));
  return parsed;
}

void print_document(std::string_view id, std::string_view revision, bool deleted, std::string_view body,
                    std::string& out) {
  out.reserve(out.size() + id.size() + revision.size() + body.size() + 48);
  out += "{\"_id\":";
  document::append_json_string(out, id);
  if (!revision.empty()) {
    out += ",\"_rev\":";
    document::append_json_string(out, revision);
  }
  if (deleted) out += ",\"_deleted\":true";
  const auto members = body.substr(1);  // behind the brace
  if (members != "}") out.push_back(',');
  out.append(members);
}

}  // namespace quire::engine
