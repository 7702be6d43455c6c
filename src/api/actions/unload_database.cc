#include "api/actions/handlers.h"

namespace quire::api::actions {

Result<std::string> unload_database(ActionCall& call) {
  QUIRE_TRY(const auto database, named_database(call));
  QUIRE_TRY_STATUS(call.parts().accounts.release(call.caller, address_of(database)));
  return text_message("the database '" + database.name + "' is unloaded");
}

}  // namespace quire::api::actions
