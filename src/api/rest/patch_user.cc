#include "api/fields.h"
#include "api/rest/account_out.h"
#include "api/rest/handlers.h"

namespace quire::api::rest {

namespace {

// Whoever is no administrator shows the old password, so that a key that was lost does not lose the account.
Result<engine::Caller> who_sets_password(RestCall& call, Fields& fields, const engine::User& user) {
  if (call.call.caller.administers()) return call.call.caller;
  if (!fields.has("oldPassword")) {
    return Error(ErrorCode::invalid, "a new password needs the old one").at("oldPassword");
  }
  auto proved =
      call.parts().accounts.check_password(user.name, fields.take_secret("oldPassword"), call.request().peer);
  if (!proved && proved.error().code() == ErrorCode::unauthenticated) {
    return Error(ErrorCode::forbidden, "this is not the old password").at("oldPassword");
  }
  return proved;
}

}  // namespace

Result<net::Response> patch_user(RestCall& call) {
  static constexpr Field kFields[] = {
      {"password", FieldType::secret, false, "8 to 1024 bytes; ends the account's sessions and keys"},
      {"oldPassword", FieldType::secret, false, "with password, unless an administrator asks"},
      {"disabled", FieldType::flag, false, "of administrators"},
      {"role", FieldType::role, false, "of administrators"}};
  auto& accounts = call.parts().accounts;
  const engine::Caller& caller = call.call.caller;
  QUIRE_TRY(Fields fields, Fields::parse(call.exchange().body(), kFields));
  QUIRE_TRY(engine::User user, accounts.user(caller, call.user));
  if (const auto role = fields.role("role")) {
    QUIRE_TRY_STATUS(accounts.set_role(caller, user.id, *role));
    user.role = *role;
  }
  if (fields.has("disabled")) {
    user.disabled = fields.flag("disabled", false);
    QUIRE_TRY_STATUS(accounts.set_disabled(caller, user.id, user.disabled));
  }
  // Last: it ends the caller's own proof, where it is its own.
  if (fields.has("password")) {
    QUIRE_TRY(const engine::Caller by, who_sets_password(call, fields, user));
    QUIRE_TRY_STATUS(accounts.set_password(by, user.id, fields.take_secret("password")));
  }
  std::string out;
  print_user(user, out);
  return json_answer(200, std::move(out));
}

}  // namespace quire::api::rest
