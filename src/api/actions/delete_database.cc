#include "api/actions/handlers.h"

namespace quire::api::actions {

// The owner alone: the engine says so.
Result<std::string> delete_database(ActionCall& call) {
  QUIRE_TRY(const auto database, named_database(call));
  QUIRE_TRY_STATUS(engine::wait<void>([&](auto done) {
    call.parts().catalog.remove_database(call.caller, call.call.limits(), address_of(database),
                                         std::move(done));
  }));
  return text_message("the database '" + database.name + "' is deleted");
}

}  // namespace quire::api::actions
