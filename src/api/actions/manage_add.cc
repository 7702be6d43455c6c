#include <utility>

#include "api/actions/manage.h"
#include "api/json_out.h"
#include "document/arena.h"

namespace quire::api::actions {

namespace {

Error at_document(const Error& error, std::string_view place) {
  std::string field(place);
  if (!error.field().empty()) field.append(".").append(error.field());
  return Error(error.code(), error.message()).at(std::move(field)).over(error.limit());
}

Result<engine::Change> change_of(const ActionCall& call, std::string_view text) {
  QUIRE_TRY(engine::ParsedDocument parsed, engine::parse_document(text, {}));
  if (parsed.revision) return Error(ErrorCode::invalid, "a new document has no revision").at("_rev");
  if (parsed.deleted) return Error(ErrorCode::invalid, "a new document is not deleted").at("_deleted");
  engine::Change change;
  change.condition = engine::Change::Condition::absent;
  change.collection = call.payload.text("collectionName");
  if (parsed.id) change.id = *std::move(parsed.id);
  change.body = std::move(parsed.body);
  return change;
}

Result<std::vector<engine::Change>> one(const ActionCall& call, std::string_view text) {
  constexpr std::string_view kPlace = "payload.documentData";
  auto change = change_of(call, text);
  if (!change) return at_document(change.error(), kPlace);
  const std::string_view id = call.payload.text("documentID");
  if (call.payload.has("documentID")) {
    if (!change->id.empty() && change->id != id) {
      return Error(ErrorCode::invalid, "the document's own _id is another one").at("documentID");
    }
    if (id.empty()) return Error(ErrorCode::invalid, "an id is not empty").at("documentID");
    change->id = id;
  }
  std::vector<engine::Change> changes;
  changes.push_back(*std::move(change));
  return changes;
}

Result<std::vector<engine::Change>> many(const ActionCall& call, std::string_view text) {
  if (call.payload.has("documentID")) {
    return Error(ErrorCode::invalid, "several documents have an _id each").at("documentID");
  }
  document::Arena arena;
  QUIRE_TRY(const document::Value value, document::Value::parse(arena, text));
  std::vector<engine::Change> changes;
  std::string document;
  for (const document::Value& element : value.elements()) {
    document.clear();
    element.print(document);
    auto change = change_of(call, document);
    if (!change) {
      return at_document(change.error(), "payload.documentData[" + std::to_string(changes.size()) + "]");
    }
    changes.push_back(*std::move(change));
  }
  return changes;
}

Result<std::vector<engine::Change>> additions_of(const ActionCall& call) {
  const std::string_view text = call.payload.json("documentData");
  return text.starts_with('[') ? many(call, text) : one(call, text);
}

std::string added_message(const ActionCall&, const engine::WriteResult& result) {
  std::string out = "{\"ids\":[";
  std::string revisions;
  Separator separator;
  for (const auto& row : result.rows) {
    if (!revisions.empty()) revisions.push_back(',');
    separator.before(out);
    document::append_json_string(out, row->id);
    document::append_json_string(revisions, row->revision.to_string());
  }
  return out.append("],\"revs\":[").append(revisions).append("]}");
}

}  // namespace

void manage_add(const ActionPointer& call) { write(call, {additions_of, added_message}); }

}  // namespace quire::api::actions
