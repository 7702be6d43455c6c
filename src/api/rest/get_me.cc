#include "api/json_out.h"
#include "api/rest/handlers.h"

namespace quire::api::rest {

void get_me(const Call& call) {
  const bool admin = call.caller.kind() == engine::Caller::Kind::admin;
  std::string out;
  ObjectOut object(out);
  object.text("kind", admin ? "admin" : "anonymous");
  object.raw("may", admin ? R"(["read","write","follow","describe","manage","administer"])" : "[]");
  object.end();
  call.exchange.send(json_answer(200, std::move(out)));
}

}  // namespace quire::api::rest
