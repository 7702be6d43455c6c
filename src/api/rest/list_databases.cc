#include "api/json_out.h"
#include "api/rest/describe.h"
#include "api/rest/handlers.h"

namespace quire::api::rest {

Result<net::Response> list_databases(RestCall& call) {
  QUIRE_TRY(const auto all, engine::wait<std::vector<engine::DatabaseDescription>>([&](auto done) {
              call.parts().catalog.databases(call.call.caller, call.call.limits(), std::move(done));
            }));
  std::string out = "{\"databases\":[";
  Separator separator;
  for (const auto& database : all) {
    separator.before(out);
    print_database(database, out);
  }
  out += "]}";
  return json_answer(200, std::move(out));
}

}  // namespace quire::api::rest
