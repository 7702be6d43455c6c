#include <string>

#include "api/kv/handlers.h"
#include "api/kv/kv_call.h"
#include "api/kv/write.h"
#include "document/json.h"

namespace quire::api::kv {

namespace {

void store(const Call& call, bool may_block) {
  Parameters parameters;
  if (const auto word = parameters.read_key_and_value(call); !word.empty()) return send_word(call, 400, word);
  std::string value;
  document::append_json_string(value, parameters.value());
  storage_of(call).set(asking(call, may_block), parameters.key(), value,
                       [call, may_block](const Status& done) { answer_write(call, done, may_block, store); });
}

}  // namespace

void set(const Call& call) { store(call, false); }

}  // namespace quire::api::kv
