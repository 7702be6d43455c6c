#include "api/rest/database_settings.h"
#include "api/rest/describe.h"
#include "api/rest/handlers.h"

namespace quire::api::rest {

Result<net::Response> put_database(RestCall& call) {
  QUIRE_TRY(const auto wanted, database_settings(call.exchange().body()));
  const auto& caller = call.call.caller;
  auto& catalog = call.parts().catalog;
  QUIRE_TRY(const auto made, engine::wait<engine::DatabaseDescription>([&](auto done) {
              catalog.create_database(caller, call.call.limits(), call.database(), wanted.settings,
                                      std::move(done));
            }));
  if (wanted.everybody) {
    const auto opened = call.parts().accounts.set_public(caller, call.database(), *wanted.everybody);
    if (!opened) {
      // Whole or not at all.
      (void)engine::wait<void>(
          [&](auto done) { catalog.remove_database(caller, {}, call.database(), std::move(done)); });
      return opened.error();
    }
  }
  std::string out;
  print_database(made, out);
  return json_answer(201, std::move(out));
}

}  // namespace quire::api::rest
