#include "api/rest/handlers.h"

namespace quire::api::rest {

void not_implemented(const Call& call) {
  send_error(call, Error(ErrorCode::not_implemented, "this is not offered yet"));
}

}  // namespace quire::api::rest
