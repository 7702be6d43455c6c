#include "api/json_out.h"
#include "api/kv/handlers.h"
#include "api/kv/kv_call.h"

namespace quire::api::kv {

namespace {

void answer_status(const Call& call) {
  const auto size = storage_of(call).size(asking(call, true));
  if (!size) return send_failure(call, size.error());
  const KvOptions& options = call.kv.options;
  net::Response response;
  ObjectOut object(response.body);
  object.text("version", call.context.options().version);
  object.text("hostname", options.hostname);
  object.number("port", options.port != 0 ? options.port : call.context.port(call.request().listener));
  object.number("maxKeyLength", options.max_key_length);
  object.number("maxValueLength", options.max_value_length);
  object.number("availableRecords", *size);
  object.end();
  call.exchange.send(std::move(response));
}

}  // namespace

void status(const Call& call) { on_worker(call, answer_status); }

}  // namespace quire::api::kv
