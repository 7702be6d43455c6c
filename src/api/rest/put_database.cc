#include "api/rest/describe.h"
#include "api/rest/handlers.h"
#include "api/rest/settings.h"

namespace quire::api::rest {

Result<net::Response> put_database(RestCall& call) {
  QUIRE_TRY_STATUS(Settings::parse(call.exchange().body(), {}, {}));
  QUIRE_TRY(const auto made, engine::wait<engine::DatabaseDescription>([&](auto done) {
              call.parts().catalog.create_database(call.call.caller, call.call.limits(), call.database(),
                                                   std::move(done));
            }));
  std::string out;
  print_database(made, out);
  return json_answer(201, std::move(out));
}

}  // namespace quire::api::rest
