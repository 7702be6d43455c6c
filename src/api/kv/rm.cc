#include "api/kv/handlers.h"
#include "api/kv/kv_call.h"
#include "api/kv/write.h"

namespace quire::api::kv {

namespace {

void remove(const Call& call, bool may_block) {
  Parameters parameters;
  if (const auto word = parameters.read_key(call); !word.empty()) return send_word(call, 400, word);
  storage_of(call).rm(asking(call, may_block), parameters.key(),
                      [call, may_block](const Status& done) { answer_write(call, done, may_block, remove); });
}

}  // namespace

void rm(const Call& call) { remove(call, false); }

}  // namespace quire::api::kv
