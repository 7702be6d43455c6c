#include "api/couch/handlers.h"
#include "api/json_out.h"

// Who may use a database, as the protocol says it: members are those whom the owner has let in. Whoever may
// describe the database, and not share it, sees an empty list.

namespace quire::api::couch {

namespace {

void print_names(const engine::Accounts::Sharing& sharing, bool writers, std::string& out) {
  ObjectOut object(out);
  object.member("names").push_back('[');
  Separator separator;
  for (const auto& grant : sharing.grants) {
    if ((grant.right == engine::Right::owner) != writers) continue;
    separator.before(out);
    document::append_json_string(out, grant.user_name);
  }
  out.push_back(']');
  object.raw("roles", writers ? R"(["_admin"])" : "[]");
  object.end();
}

}  // namespace

Result<net::Response> get_security(CouchCall& call) {
  // Asks for the right to describe it.
  QUIRE_TRY_STATUS(call.parts().accounts.reservation(call.call.caller, call.database()));
  auto sharing = call.parts().accounts.sharing(call.call.caller, call.database());
  if (!sharing && sharing.error().code() != ErrorCode::forbidden) return sharing.error();
  const engine::Accounts::Sharing shown = sharing ? *std::move(sharing) : engine::Accounts::Sharing{};
  std::string out;
  ObjectOut object(out);
  print_names(shown, true, object.member("admins"));
  print_names(shown, false, object.member("members"));
  object.end();
  return json_answer(200, std::move(out));
}

Result<net::Response> put_security(CouchCall& call) {
  QUIRE_TRY_STATUS(require_owner(call));
  return Error(ErrorCode::not_implemented,
               "a database has no roles here; its owner shares it with accounts, by "
               "PUT /v1/databases/NAME/grants/ACCOUNT");
}

// Every write is on disk when it is answered, but for those of batch=ok, which are soon after.
Result<net::Response> ensure_full_commit(CouchCall& call) {
  QUIRE_TRY_STATUS(engine::wait<engine::Position>([&](auto done) {
    call.parts().feeds.position(call.call.caller, call.call.limits(), call.database(), std::move(done));
  }));
  QUIRE_TRY(const auto figures, engine::wait<engine::DatabaseStatistics>([&](auto done) {
              call.parts().catalog.statistics(call.call.caller, call.call.limits(), call.database(),
                                              std::move(done));
            }));
  // A replicator holds it against what GET of the database said: another one would be another database.
  return json_answer(
      201, R"({"ok":true,"instance_start_time":")" + std::to_string(figures.database.created_ms) + "\"}");
}

}  // namespace quire::api::couch
