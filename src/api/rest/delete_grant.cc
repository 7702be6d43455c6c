#include "api/rest/handlers.h"

namespace quire::api::rest {

Result<net::Response> delete_grant(RestCall& call) {
  QUIRE_TRY_STATUS(call.parts().accounts.unshare(call.call.caller, call.database(), call.user));
  return json_answer(200, R"({"durable":"disk"})");
}

}  // namespace quire::api::rest
