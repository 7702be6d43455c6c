#include "api/rest/account_out.h"
#include "api/rest/handlers.h"

namespace quire::api::rest {

Result<net::Response> get_user(RestCall& call) {
  QUIRE_TRY(const engine::User user, call.parts().accounts.user(call.call.caller, call.user));
  std::string out;
  print_user(user, out);
  return json_answer(200, std::move(out));
}

}  // namespace quire::api::rest
