#include "api/actions/handlers.h"
#include "api/json_out.h"

namespace quire::api::actions {

Result<std::string> load_database(ActionCall& call) {
  QUIRE_TRY(const auto database, named_database(call));
  QUIRE_TRY(const auto taken, call.parts().accounts.reserve(call.caller, address_of(database)));
  std::string out;
  ObjectOut object(out);
  object.text("dbID", database.id);
  print_time("expires", taken.expires_ms, out);
  object.number("epoch", taken.epoch);
  object.end();
  return out;
}

}  // namespace quire::api::actions
