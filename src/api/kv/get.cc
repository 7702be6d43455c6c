#include "api/kv/handlers.h"
#include "api/kv/kv_call.h"

// The hot path of the server: a record in memory is answered on the connection's thread, and nothing is
// allocated but the answer.

namespace quire::api::kv {

namespace {

void answer_get(const Call& call, bool may_block) {
  Parameters parameters;
  if (const auto word = parameters.read_key(call); !word.empty()) return send_word(call, 400, word);
  net::Response response;
  const auto found = storage_of(call).get(asking(call, may_block), parameters.key(), response.body);
  if (found) return call.exchange.send(std::move(response));
  if (!may_block && engine::needs_disk(found.error())) {
    return on_worker(call, [](const Call& later) { answer_get(later, true); });
  }
  send_failure(call, found.error());
}

}  // namespace

void get(const Call& call) { answer_get(call, false); }

}  // namespace quire::api::kv
