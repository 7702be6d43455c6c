#include "api/actions/manage.h"

namespace quire::api::actions {

namespace {

Result<std::vector<engine::Change>> removals_of(const ActionCall& call) {
  engine::Change change;
  change.kind = engine::Change::Kind::remove;
  change.condition = engine::Change::Condition::any;
  change.collection = call.payload.text("collectionName");
  change.id = call.payload.text("documentID");
  std::vector<engine::Change> changes;
  changes.push_back(std::move(change));
  return changes;
}

std::string deleted_message(const ActionCall&, const engine::WriteResult&) {
  return text_message("1 document deleted");
}

Result<std::string> drop(ActionCall& call) {
  const auto collection = collection_of(call);
  QUIRE_TRY(const auto documents, engine::wait<std::uint64_t>([&](auto done) {
              call.parts().documents.count(call.caller, call.call.limits(), collection, std::move(done));
            }));
  QUIRE_TRY_STATUS(engine::wait<void>([&](auto done) {
    call.parts().catalog.drop_collection(call.caller, call.call.limits(), collection, std::move(done));
  }));
  return text_message(std::to_string(documents) + (documents == 1 ? " document" : " documents") +
                      " deleted, and the collection '" + std::string(collection.collection) + "'");
}

}  // namespace

void manage_delete(const ActionPointer& call) {
  if (call->payload.has("documentID")) return write(call, {removals_of, deleted_message});
  worker<drop>(call);
}

}  // namespace quire::api::actions
