#include "api/fields.h"
#include "api/rest/account_out.h"
#include "api/rest/handlers.h"

namespace quire::api::rest {

Result<net::Response> post_user(RestCall& call) {
  static constexpr Field kFields[] = {{"username", FieldType::name, true, "unique without regard to case"},
                                      {"password", FieldType::secret, true, "8 to 1024 bytes"},
                                      {"email", FieldType::text, false, "an address"},
                                      {"role", FieldType::role, false, "of administrators"}};
  QUIRE_TRY(Fields fields, Fields::parse(call.exchange().body(), kFields));
  QUIRE_TRY(const engine::User user,
            call.parts().accounts.register_user(call.call.caller,
                                                {.name = std::string(fields.text("username")),
                                                 .password = fields.take_secret("password"),
                                                 .email = std::string(fields.text("email")),
                                                 .role = fields.role("role").value_or(engine::Role::user)}));
  std::string out;
  print_user(user, out);
  return json_answer(201, std::move(out));
}

}  // namespace quire::api::rest
