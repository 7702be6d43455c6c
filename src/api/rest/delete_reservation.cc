#include "api/rest/handlers.h"

namespace quire::api::rest {

Result<net::Response> delete_reservation(RestCall& call) {
  QUIRE_TRY_STATUS(call.parts().accounts.release(call.call.caller, call.database()));
  return json_answer(200, R"({"durable":"disk"})");
}

}  // namespace quire::api::rest
