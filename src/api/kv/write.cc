#include "api/kv/write.h"

#include "api/kv/kv_call.h"

namespace quire::api::kv {

void answer_write(const Call& call, const Status& done, bool may_block, Write again) {
  if (done) return send_success(call);
  if (!may_block && engine::needs_disk(done.error())) {
    return on_worker(call, [call, again] { again(call, true); });
  }
  send_failure(call, done.error());
}

}  // namespace quire::api::kv
