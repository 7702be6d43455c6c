#include "api/actions/manage.h"
#include "api/json_out.h"
#include "engine/update.h"

namespace quire::api::actions {

namespace {

Error at_data(const Error& error) {
  const std::string below = error.field().empty() ? "" : "." + error.field();
  return Error(error.code(), error.message()).at("payload.documentData" + below).over(error.limit());
}

Result<std::vector<engine::Change>> updates_of(const ActionCall& call) {
  const std::string_view data = call.payload.json("documentData");
  const std::string id(call.payload.text("documentID"));
  if (data.starts_with('[')) return Error(ErrorCode::invalid, "expected an object").at("documentData");
  auto parsed = engine::parse_document(data, {});
  if (!parsed) return at_data(parsed.error());
  if (parsed->id && *parsed->id != id) {
    return Error(ErrorCode::invalid, "the document's own _id is another one").at("documentID");
  }
  if (parsed->deleted) return at_data(Error(ErrorCode::invalid, "Delete deletes a document").at("_deleted"));
  auto transform = engine::make_update(id, parsed->body.text(), {}, call.parts().clock.wall_ms());
  if (!transform) return at_data(transform.error());
  engine::Change change;
  change.kind = engine::Change::Kind::transform;
  change.condition = parsed->revision ? engine::Change::Condition::revision : engine::Change::Condition::any;
  change.expected = std::move(parsed->revision);
  change.collection = call.payload.text("collectionName");
  change.id = id;
  change.transform = *std::move(transform);
  std::vector<engine::Change> changes;
  changes.push_back(std::move(change));
  return changes;
}

std::string updated_message(const ActionCall&, const engine::WriteResult& result) {
  const engine::EditResult& written = *result.rows.front();
  std::string out;
  ObjectOut object(out);
  object.text("id", written.id);
  object.text("rev", written.revision.to_string());
  object.end();
  return out;
}

}  // namespace

void manage_update(const ActionPointer& call) { write(call, {updates_of, updated_message}); }

}  // namespace quire::api::actions
