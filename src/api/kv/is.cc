#include "api/kv/handlers.h"
#include "api/kv/kv_call.h"

namespace quire::api::kv {

namespace {

void answer_is(const Call& call, bool may_block) {
  Parameters parameters;
  if (const auto word = parameters.read_key(call); !word.empty()) return send_word(call, 400, word);
  const auto found = storage_of(call).exist(asking(call, may_block), parameters.key());
  if (found) return send_success(call);
  if (!may_block && engine::needs_disk(found.error())) {
    return on_worker(call, [](const Call& later) { answer_is(later, true); });
  }
  send_failure(call, found.error());
}

}  // namespace

void is(const Call& call) { answer_is(call, false); }

}  // namespace quire::api::kv
