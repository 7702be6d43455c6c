#include "api/rest/database_settings.h"
#include "api/rest/describe.h"
#include "api/rest/handlers.h"

namespace quire::api::rest {

Result<net::Response> patch_database(RestCall& call) {
  QUIRE_TRY(const auto wanted, database_settings(call.exchange().body()));
  QUIRE_TRY(const auto changed, engine::wait<engine::DatabaseDescription>([&](auto done) {
              call.parts().catalog.change_database(call.call.caller, call.call.limits(), call.database(),
                                                   wanted.settings, std::move(done));
            }));
  if (wanted.everybody) {
    QUIRE_TRY_STATUS(call.parts().accounts.set_public(call.call.caller, call.database(), *wanted.everybody));
  }
  std::string out;
  print_database(changed, out);
  return json_answer(200, std::move(out));
}

}  // namespace quire::api::rest
