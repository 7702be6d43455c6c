#include "api/rest/account_out.h"
#include "api/rest/handlers.h"
#include "api/tuning.h"

namespace quire::api::rest {

Result<net::Response> list_users(RestCall& call) {
  QUIRE_TRY(const std::uint64_t limit, call.query.number("limit", tuning::kListDefault, tuning::kListMost));
  QUIRE_TRY(const auto users, call.parts().accounts.users(call.call.caller, call.query.text("after"),
                                                          static_cast<std::size_t>(limit)));
  std::string out = "{\"users\":[";
  Separator separator;
  for (const engine::User& user : users) {
    separator.before(out);
    print_user(user, out);
  }
  out += "]";
  if (limit != 0 && users.size() == limit) {
    document::append_json_string(out += ",\"next\":", users.back().name);
  }
  out += "}";
  return json_answer(200, std::move(out));
}

}  // namespace quire::api::rest
