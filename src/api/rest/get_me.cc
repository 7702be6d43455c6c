#include "api/rest/account_out.h"
#include "api/rest/handlers.h"
#include "api/tuning.h"

// All of it is in memory.

namespace quire::api::rest {

namespace {

constexpr std::string_view kEverything = R"(["read","write","follow","describe","manage","administer"])";

void print_credential(const access::Identity& identity, std::string& out) {
  ObjectOut object(out);
  if (!identity.credential.empty()) object.text("id", identity.credential);
  object.text("right", access::name(identity.most));
  if (!identity.databases.empty()) print_texts(identity.databases, object.member("databases"));
  print_date("expires", identity.expires_ms, object);
  object.end();
}

void print_usable(const engine::UsableDatabases& usable, std::string& out) {
  out.push_back('[');
  Separator separator;
  for (const auto& row : usable.rows) {
    separator.before(out);
    ObjectOut one(out);
    one.text("id", row.database.id);
    one.text("name", row.database.name);
    one.text("owner", row.owner_name);
    one.text("right", access::name(row.right));
    one.end();
  }
  out.push_back(']');
}

Result<net::Response> me(const Call& call) {
  auto& accounts = call.parts().accounts;
  const bool admin = call.caller.administers();
  std::string out;
  ObjectOut object(out);
  object.text("kind", admin ? "admin" : "user");
  object.raw("may", admin ? kEverything : "[]");
  if (const auto self = accounts.self(call.caller)) {
    print_user(*self, object.member("user"));
    print_credential(*call.caller.identity(), object.member("credential"));
    QUIRE_TRY(const auto usable, accounts.usable_databases(call.caller, 0, tuning::kListDefault));
    print_usable(usable, object.member("databases"));
    object.number("total", usable.total);
  }
  if (const auto held = accounts.held(call.caller)) object.text("reserved", held->id);
  object.end();
  return json_answer(200, std::move(out));
}

}  // namespace

void get_me(const Call& call) { answer(call, me(call)); }

}  // namespace quire::api::rest
