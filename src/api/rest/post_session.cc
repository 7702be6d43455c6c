#include "api/fields.h"
#include "api/proof.h"
#include "api/rest/account_out.h"
#include "api/rest/handlers.h"

namespace quire::api::rest {

// With `cookie` the token goes into a cookie that no script of a page can read, and so not into the body.
Result<net::Response> post_session(RestCall& call) {
  static constexpr Field kFields[] = {{"username", FieldType::name, true, "an account"},
                                      {"password", FieldType::secret, true, "its password"},
                                      {"cookie", FieldType::flag, false, "the token as a cookie"}};
  QUIRE_TRY(Fields fields, Fields::parse(call.exchange().body(), kFields));
  const bool cookie = fields.flag("cookie", false);
  if (cookie && !may_have_cookie(call.request())) {
    return Error(ErrorCode::precondition, "cookies are given over TLS, or on this machine, only")
        .at("cookie");
  }
  QUIRE_TRY(const engine::NewSession session,
            call.parts().accounts.log_in(fields.text("username"), fields.take_secret("password"),
                                         call.request().peer));
  std::string out;
  ObjectOut object(out);
  object.text("user", session.user);
  if (!cookie) object.text("token", session.token.reveal());
  print_date("expires", session.expires_ms, object);
  object.end();
  net::Response response = json_answer(201, std::move(out));
  if (cookie) response.add_field("Set-Cookie", session_cookie(call.request(), session.token.reveal()));
  return response;
}

}  // namespace quire::api::rest
