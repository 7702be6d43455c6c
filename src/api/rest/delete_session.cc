#include "api/proof.h"
#include "api/rest/handlers.h"

namespace quire::api::rest {

Result<net::Response> delete_session(RestCall& call) {
  QUIRE_TRY_STATUS(call.parts().accounts.log_out(call.call.caller));
  net::Response response = json_answer(200, R"({"durable":"disk"})");
  if (Proof::of(call.request()).kind == Proof::Kind::cookie) {
    response.add_field("Set-Cookie", no_session_cookie(call.request()));
  }
  return response;
}

}  // namespace quire::api::rest
