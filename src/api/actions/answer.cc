#include "api/answer.h"

#include <algorithm>

#include "api/actions/action.h"
#include "api/json_out.h"
#include "document/extended_json.h"

namespace quire::api::actions {

namespace {

// What named the thing in the request.
std::string field_of(const ActionCall& call, const Error& error) {
  const std::string_view field = error.field();
  const auto has = [&](std::string_view name) {
    return std::any_of(call.action.fields.begin(), call.action.fields.end(),
                       [&](const Field& one) { return one.name == name; });
  };
  if (field == "database" || field == "name") {
    if (has("dbName")) return "payload.dbName";
    return has("dbID") ? "payload.dbID" : "payload.DataBaseID";
  }
  if (field == "user" && has("userID")) return "payload.userID";
  if (field == "collection") return "payload.collectionName";
  if (field == "missing" || field == "deleted") return "payload.documentID";
  if (has(field)) return "payload." + std::string(field);
  return std::string(field);
}

}  // namespace

std::string_view ActionCall::user() const { return caller.account(); }

void send_message(const ActionCall& call, std::string_view json) {
  net::Response response;
  response.body.reserve(json.size() + 32);
  ObjectOut object(response.body);
  object.number("status", 200);
  object.raw("message", json);
  object.end();
  call.call.exchange.send(std::move(response));
}

void send_error(const ActionCall& call, const Error& error) {
  api::send_error(call.call, Error(error.code(), error.message())
                                 .at(field_of(call, error))
                                 .over(error.limit())
                                 .after(error.retry_after_ms()));
}

void answer(ActionCall& call, Answering answering) {
  const auto message = answering(call);
  if (!message) return send_error(call, message.error());
  send_message(call, *message);
}

std::string text_message(std::string_view text) {
  std::string out;
  document::append_json_string(out, text);
  return out;
}

void print_time(std::string_view name, WallMs time_ms, std::string& out) {
  out.append(",\"").append(name).append("\":");
  const auto date = time_ms == 0 ? std::nullopt : document::iso_date(time_ms);
  out += date ? "\"" + *date + "\"" : "null";
}

engine::DatabaseAddress address_of(const engine::DatabaseDescription& database) {
  return {.name = database.name, .owner = database.owner};
}

Result<engine::DatabaseDescription> named_database(const ActionCall& call) {
  auto database = visible_database(call.parts(), call.caller, call.payload.text("dbID"));
  if (database) return *std::move(database);
  return Error(ErrorCode::not_found, "there is no such database").at("database");
}

Result<engine::DatabaseDescription> named_or_loaded_database(const ActionCall& call) {
  if (call.payload.has("dbID")) return named_database(call);
  auto loaded = call.parts().accounts.held(call.caller);
  if (loaded) return *std::move(loaded);
  return Error(ErrorCode::precondition, "no database is loaded, and none is named").at("dbID");
}

}  // namespace quire::api::actions
