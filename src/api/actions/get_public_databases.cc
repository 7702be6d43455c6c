#include "api/actions/handlers.h"
#include "api/actions/list.h"

namespace quire::api::actions {

Result<std::string> get_public_databases(ActionCall& call) {
  QUIRE_TRY(const Stretch stretch, stretch_of(call));
  return print_databases(call.parts().accounts.public_databases(stretch.offset, stretch.limit), false);
}

}  // namespace quire::api::actions
