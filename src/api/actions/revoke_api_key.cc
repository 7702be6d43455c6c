#include "api/actions/handlers.h"

namespace quire::api::actions {

Result<std::string> revoke_api_key(ActionCall& call) {
  auto& accounts = call.parts().accounts;
  const std::string_view name = call.payload.text("username");
  QUIRE_TRY(const engine::Caller self,
            accounts.check_password(name, call.payload.take_secret("password"), call.peer()));
  const Secret key = call.payload.take_secret("apiKey");
  const auto revoked = accounts.revoke_key(self, self.identity()->user, key.reveal());
  if (!revoked && revoked.error().code() == ErrorCode::not_found) {
    return Error(ErrorCode::not_found, "the account has no such key").at("apiKey");
  }
  if (!revoked) return revoked.error();
  return text_message("the key is revoked");
}

}  // namespace quire::api::actions
