#include "api/fields.h"
#include "api/rest/account_out.h"
#include "api/rest/handlers.h"

namespace quire::api::rest {

Result<net::Response> put_grant(RestCall& call) {
  static constexpr Field kFields[] = {{"right", FieldType::grant, true, "read or write"}};
  QUIRE_TRY(const Fields fields, Fields::parse(call.exchange().body(), kFields));
  const engine::Right right = fields.right("right", engine::Right::read);
  QUIRE_TRY_STATUS(call.parts().accounts.share(call.call.caller, call.database(), call.user, right));
  std::string out;
  ObjectOut object(out);
  object.text("user", call.user);
  object.text("right", access::name(right));
  object.text("durable", "disk");
  object.end();
  return json_answer(200, std::move(out));
}

}  // namespace quire::api::rest
