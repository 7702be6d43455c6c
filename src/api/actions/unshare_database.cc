#include "api/actions/handlers.h"

namespace quire::api::actions {

Result<std::string> unshare_database(ActionCall& call) {
  QUIRE_TRY(const auto database, named_or_loaded_database(call));
  QUIRE_TRY_STATUS(
      call.parts().accounts.unshare(call.caller, address_of(database), call.payload.text("userID")));
  return text_message("the database '" + database.name + "' is no longer shared");
}

}  // namespace quire::api::actions
