#include "api/rest/account_out.h"
#include "api/rest/handlers.h"

namespace quire::api::rest {

Result<net::Response> get_reservation(RestCall& call) {
  QUIRE_TRY(const auto taken, call.parts().accounts.reservation(call.call.caller, call.database()));
  if (!taken) return Error(ErrorCode::not_found, "nobody has reserved the database").at("reservation");
  std::string out;
  print_reservation(*taken, out);
  return json_answer(200, std::move(out));
}

}  // namespace quire::api::rest
