#include "api/actions/handlers.h"
#include "api/actions/list.h"

namespace quire::api::actions {

Result<std::string> get_databases(ActionCall& call) {
  QUIRE_TRY(const Stretch stretch, stretch_of(call));
  QUIRE_TRY(const auto databases,
            call.parts().accounts.usable_databases(call.caller, stretch.offset, stretch.limit));
  return print_databases(databases, true);
}

}  // namespace quire::api::actions
