#include "api/kv/handlers.h"
#include "api/node/health.h"

namespace quire::api::kv {

void healthcheck(const Call& call) { node::answer_ready(call); }

}  // namespace quire::api::kv
