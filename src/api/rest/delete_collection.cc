#include "api/rest/handlers.h"

namespace quire::api::rest {

Result<net::Response> delete_collection(RestCall& call) {
  QUIRE_TRY_STATUS(engine::wait<void>([&](auto done) {
    call.parts().catalog.drop_collection(call.call.caller, call.call.limits(), call.collection(),
                                         std::move(done));
  }));
  return json_answer(200, R"({"durable":"disk"})");
}

}  // namespace quire::api::rest
