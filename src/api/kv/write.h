#pragma once

#include "api/call.h"

namespace quire::api::kv {

// Answers a write: tried on the connection's thread, and where that would have to wait, or where the
// collection went away in between, again on a worker.
using Write = void (*)(const Call& call, bool may_block);
void answer_write(const Call& call, const Status& done, bool may_block, Write again);

}  // namespace quire::api::kv
