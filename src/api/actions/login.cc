#include "api/actions/handlers.h"
#include "api/json_out.h"

namespace quire::api::actions {

Result<std::string> login(ActionCall& call) {
  QUIRE_TRY(const engine::NewSession session,
            call.parts().accounts.log_in(call.payload.text("username"), call.payload.take_secret("password"),
                                         call.peer()));
  std::string out;
  ObjectOut object(out);
  object.text("userID", session.user);
  object.text("token", session.token.reveal());
  print_time("expires", session.expires_ms, out);
  object.end();
  return out;
}

}  // namespace quire::api::actions
