#include "api/actions/manage.h"
#include "api/json_out.h"

namespace quire::api::actions {

namespace {

Result<std::string> create(ActionCall& call) {
  QUIRE_TRY(const auto made, engine::wait<engine::CollectionDescription>([&](auto done) {
              call.parts().catalog.create_collection(call.caller, call.call.limits(), collection_of(call), {},
                                                     std::move(done));
            }));
  std::string out;
  ObjectOut object(out);
  object.text("collectionName", made.name);
  object.end();
  return out;
}

}  // namespace

void manage_create(const ActionPointer& call) { worker<create>(call); }

}  // namespace quire::api::actions
