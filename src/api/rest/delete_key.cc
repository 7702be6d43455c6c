#include "api/rest/handlers.h"

namespace quire::api::rest {

Result<net::Response> delete_key(RestCall& call) {
  QUIRE_TRY(const std::string user, whose_keys(call, call.query.text("user")));
  QUIRE_TRY_STATUS(call.parts().accounts.revoke_key(call.call.caller, user, call.id));
  return json_answer(200, R"({"durable":"disk"})");
}

}  // namespace quire::api::rest
