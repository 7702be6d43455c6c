#include "api/rest/account_out.h"
#include "api/rest/describe.h"
#include "api/rest/handlers.h"

namespace quire::api::rest {

// With its grants for who may share it, and with its reservation for who may see it.
Result<net::Response> get_database(RestCall& call) {
  const auto& caller = call.call.caller;
  QUIRE_TRY(const auto figures, engine::wait<engine::DatabaseStatistics>([&](auto done) {
              call.parts().catalog.statistics(caller, call.call.limits(), call.database(), std::move(done));
            }));
  std::string out;
  print_database(figures, out);
  const auto add = [&](std::string_view name) -> std::string& {
    out.back() = ',';
    return out.append("\"").append(name).append("\":");
  };
  if (const auto sharing = call.parts().accounts.sharing(caller, call.database())) {
    print_grants(*sharing, add("sharing"));
    out.push_back('}');
  }
  const auto taken = call.parts().accounts.reservation(caller, call.database());
  if (taken && *taken) {
    print_reservation(**taken, add("reservation"));
    out.push_back('}');
  }
  return json_answer(200, std::move(out));
}

}  // namespace quire::api::rest
