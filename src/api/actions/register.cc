#include "api/actions/handlers.h"
#include "api/json_out.h"

namespace quire::api::actions {

Result<std::string> register_account(ActionCall& call) {
  QUIRE_TRY(const engine::User user, call.parts().accounts.register_user(
                                         call.caller, {.name = std::string(call.payload.text("username")),
                                                       .password = call.payload.take_secret("password"),
                                                       .email = std::string(call.payload.text("email"))}));
  std::string out;
  ObjectOut object(out);
  object.text("userID", user.id);
  object.end();
  return out;
}

}  // namespace quire::api::actions
