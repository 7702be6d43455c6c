#include "api/json_out.h"
#include "api/rest/handlers.h"

namespace quire::api::rest {

Result<net::Response> get_status(RestCall& call) {
  QUIRE_TRY(const auto figures, engine::wait<engine::NodeStatistics>([&](auto done) {
              call.parts().catalog.node_statistics(call.call.caller, call.call.limits(), std::move(done));
            }));
  const Options& options = call.call.context.options();
  std::string out;
  ObjectOut object(out);
  object.text("version", options.version);
  object.flag("ready", !options.ready || options.ready());
  object.number("databases", figures.databases);
  object.number("openDatabases", figures.open_databases);
  object.number("memoryBytes", figures.memory_bytes);
  object.number("feeds", call.call.context.feeds().size());
  object.end();
  return json_answer(200, std::move(out));
}

}  // namespace quire::api::rest
