#include "api/json_out.h"
#include "api/kv/handlers.h"
#include "api/kv/kv_call.h"

namespace quire::api::kv {

// Without a mesh a node knows of itself only, and learns of no other by being told.
void ping(const Call& call) {
  const KvOptions& options = call.kv.options;
  net::Response response;
  response.body = "{\"nodes\":[";
  ObjectOut object(response.body);
  object.text("host", options.hostname);
  object.number("port", options.port != 0 ? options.port : call.context.port(call.request().listener));
  object.flag("isDown", false);
  object.end();
  response.body += "]}";
  call.exchange.send(std::move(response));
}

}  // namespace quire::api::kv
