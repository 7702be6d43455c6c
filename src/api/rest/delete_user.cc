#include "api/rest/handlers.h"

namespace quire::api::rest {

Result<net::Response> delete_user(RestCall& call) {
  QUIRE_TRY_STATUS(call.parts().accounts.remove_user(call.call.caller, call.call.limits(), call.user));
  return json_answer(200, R"({"durable":"disk"})");
}

}  // namespace quire::api::rest
