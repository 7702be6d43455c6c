#include "api/rest/account_out.h"

#include "document/extended_json.h"

namespace quire::api::rest {

void print_date(std::string_view name, WallMs time_ms, ObjectOut& object) {
  if (time_ms == 0) return;
  if (const auto date = document::iso_date(time_ms)) object.text(name, *date);
}

void print_texts(const std::vector<std::string>& texts, std::string& out) {
  out.push_back('[');
  Separator separator;
  for (const std::string& text : texts) {
    separator.before(out);
    document::append_json_string(out, text);
  }
  out.push_back(']');
}

void print_user(const engine::User& user, std::string& out) {
  ObjectOut object(out);
  object.text("id", user.id);
  object.text("name", user.name);
  if (!user.email.empty()) object.text("email", user.email);
  object.text("role", access::name(user.role));
  object.flag("disabled", user.disabled);
  print_date("created", user.created_ms, object);
  object.end();
}

void print_key(const engine::Key& key, std::string_view text, std::string& out) {
  ObjectOut object(out);
  object.text("id", key.id);
  if (!text.empty()) object.text("key", text);
  object.text("user", key.user);
  object.text("label", key.label);
  object.text("right", access::name(key.most));
  if (!key.databases.empty()) print_texts(key.databases, object.member("databases"));
  print_date("created", key.created_ms, object);
  print_date("expires", key.expires_ms, object);
  print_date("lastUsed", key.last_used_ms, object);
  object.end();
}

void print_grants(const engine::Accounts::Sharing& sharing, std::string& out) {
  ObjectOut object(out);
  object.text("public", access::name(sharing.everybody));
  std::string& rows = object.member("grants");
  rows.push_back('[');
  Separator separator;
  for (const engine::Grant& grant : sharing.grants) {
    separator.before(rows);
    ObjectOut one(rows);
    one.text("user", grant.user);
    one.text("name", grant.user_name);
    one.text("right", access::name(grant.right));
    one.end();
  }
  rows.push_back(']');
  object.end();
}

void print_reservation(const engine::Reservation& reservation, std::string& out) {
  ObjectOut object(out);
  object.text("database", reservation.database);
  object.text("holder", reservation.holder);
  print_date("expires", reservation.expires_ms, object);
  object.number("epoch", reservation.epoch);
  object.end();
}

}  // namespace quire::api::rest
