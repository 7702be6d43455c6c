#include "api/rest/describe.h"
#include "api/rest/handlers.h"

namespace quire::api::rest {

Result<net::Response> get_database(RestCall& call) {
  QUIRE_TRY(const auto figures, engine::wait<engine::DatabaseStatistics>([&](auto done) {
              call.parts().catalog.statistics(call.call.caller, call.call.limits(), call.database(),
                                              std::move(done));
            }));
  std::string out;
  print_database(figures, out);
  return json_answer(200, std::move(out));
}

}  // namespace quire::api::rest
