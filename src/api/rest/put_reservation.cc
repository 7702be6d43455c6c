#include "api/rest/account_out.h"
#include "api/rest/handlers.h"

namespace quire::api::rest {

// Renews what the caller holds, too.
Result<net::Response> put_reservation(RestCall& call) {
  QUIRE_TRY(const auto taken, call.parts().accounts.reserve(call.call.caller, call.database()));
  std::string out;
  print_reservation(taken, out);
  return json_answer(200, std::move(out));
}

}  // namespace quire::api::rest
