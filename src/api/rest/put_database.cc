#include "api/rest/database_settings.h"
#include "api/rest/describe.h"
#include "api/rest/handlers.h"

namespace quire::api::rest {

Result<net::Response> put_database(RestCall& call) {
  QUIRE_TRY(const auto settings, database_settings(call.exchange().body()));
  QUIRE_TRY(const auto made, engine::wait<engine::DatabaseDescription>([&](auto done) {
              call.parts().catalog.create_database(call.call.caller, call.call.limits(), call.database(),
                                                   settings, std::move(done));
            }));
  std::string out;
  print_database(made, out);
  return json_answer(201, std::move(out));
}

}  // namespace quire::api::rest
