#include "api/actions/handlers.h"
#include "api/json_out.h"

namespace quire::api::actions {

namespace {

Status remove(const ActionCall& call, const engine::DatabaseAddress& address) {
  return engine::wait<void>(
      [&](auto done) { call.parts().catalog.remove_database(call.caller, {}, address, std::move(done)); });
}

}  // namespace

Result<std::string> create_database(ActionCall& call) {
  const engine::DatabaseAddress address{.name = call.payload.text("dbName"), .owner = call.user()};
  QUIRE_TRY(const auto made, engine::wait<engine::DatabaseDescription>([&](auto done) {
              call.parts().catalog.create_database(call.caller, call.call.limits(), address, {},
                                                   std::move(done));
            }));
  const auto everybody = call.payload.right("public", engine::Right::none);
  if (everybody != engine::Right::none) {
    const auto opened = call.parts().accounts.set_public(call.caller, address, everybody);
    // Whole or not at all.
    if (!opened) (void)remove(call, address);
    if (!opened) return opened.error();
  }
  std::string out;
  ObjectOut object(out);
  object.text("dbID", made.id);
  object.text("dbName", made.name);
  object.end();
  return out;
}

}  // namespace quire::api::actions
