#include <algorithm>

#include "api/couch/handlers.h"
#include "api/couch/replication_in.h"
#include "api/json_out.h"

// Who may use a database, as the protocol says it: members are those whom the owner has let in, and may read
// and write where they are named for the first time. Whoever may describe the database, and not share it,
// sees an empty list. There are no roles, and nobody administers a database beside its owner.

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

Error not_here(std::string reason) {
  return Error(ErrorCode::not_implemented,
               std::move(reason) +
                   "; a database has one owner, who shares it with accounts: name "
                   "them in members.names, or PUT "
                   "/v1/databases/NAME/grants/ACCOUNT with a right");
}

// Of "admins" or "members"; a list that is not there is empty. Errors: bad_request.
Result<std::vector<std::string>> names_in(const document::Value& root, std::string_view part,
                                          std::string_view list) {
  std::vector<std::string> names;
  const document::Value* const object = root.find(part);
  if (object == nullptr) return names;
  const auto wrong = [&] {
    return bad_request(std::string(part) + "." + std::string(list) + " must be a JSON list of strings");
  };
  if (!object->is_object()) return bad_request(std::string(part) + " must be a JSON object");
  const document::Value* const value = object->find(list);
  if (value == nullptr) return names;
  if (!value->is_array()) return wrong();
  for (const document::Value& one : value->elements()) {
    if (!one.is_string()) return wrong();
    names.push_back(one.to_string());
  }
  return names;
}

// What stands for administrators is there whatever is written.
Status check_roles(const document::Value& root) {
  for (const std::string_view part : {"admins", "members"}) {
    QUIRE_TRY(const auto roles, names_in(root, part, "roles"));
    for (const std::string& role : roles) {
      if (role != "_admin") return not_here("there is no role '" + role.substr(0, 64) + "'");
    }
  }
  return ok();
}

Status check_admins(const CouchCall& call, const document::Value& root) {
  QUIRE_TRY(const auto names, names_in(root, "admins", "names"));
  for (const std::string& name : names) {
    const std::string id = call.parts().accounts.owner_id(name);
    if (id.empty() || id != call.owner) {
      return not_here("'" + name.substr(0, 64) + "' cannot be an administrator of one database");
    }
  }
  return ok();
}

// The ids of the accounts that are to be members, but for the owner's, who needs no grant. Errors:
// bad_request.
Result<std::vector<std::string>> members_of(const CouchCall& call, const document::Value& root) {
  QUIRE_TRY(const auto names, names_in(root, "members", "names"));
  std::vector<std::string> ids;
  for (const std::string& name : names) {
    std::string id = call.parts().accounts.owner_id(name);
    if (id.empty()) return bad_request("members.names: there is no account '" + name.substr(0, 64) + "'");
    if (id != call.owner) ids.push_back(std::move(id));
  }
  return ids;
}

// Who is among the members keeps the right that he has. Whoever is out goes first, so that what fails midway
// has let nobody see more than before or after.
Status set_members(const CouchCall& call, const std::vector<std::string>& ids) {
  engine::Accounts& accounts = call.parts().accounts;
  QUIRE_TRY(const auto before, accounts.sharing(call.call.caller, call.database()));
  // Who names members means nobody else.
  if (!ids.empty() && before.everybody != engine::Right::none) {
    QUIRE_TRY_STATUS(accounts.set_public(call.call.caller, call.database(), engine::Right::none));
  }
  std::vector<std::string> held;
  for (const auto& grant : before.grants) {
    held.push_back(grant.user);
    if (std::find(ids.begin(), ids.end(), grant.user) != ids.end()) continue;
    QUIRE_TRY_STATUS(accounts.unshare(call.call.caller, call.database(), grant.user));
  }
  for (const std::string& id : ids) {
    if (std::find(held.begin(), held.end(), id) != held.end()) continue;
    QUIRE_TRY_STATUS(accounts.share(call.call.caller, call.database(), id, engine::Right::write));
  }
  return ok();
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
  QUIRE_TRY(const std::string body, whole_body(call));
  std::string text;
  document::Arena arena;
  QUIRE_TRY(const document::Value root, read_object(body, text, arena));
  // All is looked at before anything changes.
  QUIRE_TRY_STATUS(check_roles(root));
  QUIRE_TRY_STATUS(check_admins(call, root));
  QUIRE_TRY(const auto members, members_of(call, root));
  QUIRE_TRY_STATUS(set_members(call, members));
  return ok_answer();
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
