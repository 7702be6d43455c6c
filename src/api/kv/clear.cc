#include "api/kv/handlers.h"
#include "api/kv/kv_call.h"

namespace quire::api::kv {

void clear(const Call& call) {
  on_worker(call, [](const Call& later) {
    const auto done = storage_of(later).clear(asking(later, true));
    if (done) return send_success(later);
    send_failure(later, done.error());
  });
}

}  // namespace quire::api::kv
