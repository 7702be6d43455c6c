#include "api/actions/handlers.h"
#include "api/json_out.h"

namespace quire::api::actions {

// One at a time: the key that this action made before ends.
Result<std::string> get_api_key(ActionCall& call) {
  auto& accounts = call.parts().accounts;
  const std::string_view name = call.payload.text("username");
  QUIRE_TRY(const engine::Caller self,
            accounts.check_password(name, call.payload.take_secret("password"), call.peer()));
  QUIRE_TRY(const engine::NewKey made,
            accounts.make_key(self, self.identity()->user,
                              {.label = "getAPIkey", .databases = {}, .life = {}, .only = true}));
  std::string out;
  ObjectOut object(out);
  object.text("apiKey", made.text.reveal());
  print_time("expires", made.key.expires_ms, out);
  object.end();
  return out;
}

}  // namespace quire::api::actions
