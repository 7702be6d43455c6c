#include "api/actions/handlers.h"

namespace quire::api::actions {

Result<std::string> share_database(ActionCall& call) {
  QUIRE_TRY(const auto database, named_or_loaded_database(call));
  const auto right = call.payload.right("role", engine::Right::write);
  QUIRE_TRY_STATUS(
      call.parts().accounts.share(call.caller, address_of(database), call.payload.text("userID"), right));
  return text_message("the database '" + database.name + "' is shared");
}

}  // namespace quire::api::actions
