#include "api/rest/account_out.h"
#include "api/rest/handlers.h"

namespace quire::api::rest {

Result<net::Response> list_keys(RestCall& call) {
  QUIRE_TRY(const std::string user, whose_keys(call, call.query.text("user")));
  QUIRE_TRY(const auto keys, call.parts().accounts.keys(call.call.caller, user));
  std::string out = "{\"keys\":[";
  Separator separator;
  for (const engine::Key& key : keys) {
    separator.before(out);
    print_key(key, {}, out);
  }
  out += "]}";
  return json_answer(200, std::move(out));
}

Result<std::string> whose_keys(const RestCall& call, std::string_view named) {
  if (!named.empty()) return std::string(named);
  if (call.call.caller.identity() != nullptr) return call.call.caller.identity()->user;
  return Error(ErrorCode::invalid, "the owner of the process has no keys; name an account").at("user");
}

}  // namespace quire::api::rest
