#include "api/rest/account_out.h"
#include "api/rest/handlers.h"

namespace quire::api::rest {

Result<net::Response> get_grants(RestCall& call) {
  QUIRE_TRY(const auto sharing, call.parts().accounts.sharing(call.call.caller, call.database()));
  std::string out;
  print_grants(sharing, out);
  return json_answer(200, std::move(out));
}

}  // namespace quire::api::rest
