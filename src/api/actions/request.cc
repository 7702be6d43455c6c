#include "api/actions/request.h"

#include <array>
#include <string>
#include <utility>

#include "api/wiped.h"
#include "document/arena.h"
#include "document/json.h"

namespace quire::api::actions {

namespace {

using document::Value;

Error invalid(std::string_view field, std::string message) {
  return Error(ErrorCode::invalid, std::move(message)).at(std::string(field));
}

// {"action": "deleteDatabase", "apiKey": {"APIkey": KEY, "dbID": ID}}: another way to write that one down.
Result<Fields> take_other_form(const Action& action, const Value& object) {
  static constexpr std::array kFields{Field{"APIkey", FieldType::secret, true, "the key"},
                                      Field{"dbID", FieldType::text, true, "the database"}};
  QUIRE_TRY(Fields given, Fields::take(object, kFields, "apiKey."));
  return Fields::renamed(std::move(given), "APIkey", action.fields, "apiKey");
}

Result<const Action*> action_of(const Value& body) {
  const Value* const named = body.find("action");
  if (named == nullptr) return invalid("action", "this is missing; expected the name of an action");
  if (!named->is_string()) return invalid("action", "expected the name of an action");
  const std::string name = named->to_string();
  if (const Action* const action = find_action(name)) return action;
  return invalid("action", "there is no action of this name");
}

Result<Fields> payload_of(const Action& action, const Value& body) {
  const Value* const payload = body.find("payload");
  const Value* const other = body.find("apiKey");
  const bool takes_other = action.name == "deleteDatabase" && payload == nullptr;
  for (const auto& member : body.members()) {
    const std::string name = member.name.to_string();
    if (name == "action" || name == "payload" || (name == "apiKey" && takes_other)) continue;
    return invalid(shown_name(name), "there is no such field here");
  }
  if (takes_other && other != nullptr) {
    if (!other->is_object()) return invalid("apiKey", "expected an object");
    return take_other_form(action, *other);
  }
  if (payload == nullptr) return Fields::take(Value::object(), action.fields, "payload.");
  if (!payload->is_object()) return invalid("payload", "expected an object");
  return Fields::take(*payload, action.fields, "payload.");
}

}  // namespace

Result<Request> parse_request(std::string_view body) {
  WipedText minified;
  minified.text().reserve(body.size() + 64);
  const auto read = document::minify(body, {}, minified.text());
  if (!read) {
    const Error& error = read.error();
    return Error(error.code(), error.message())
        .at(error.field().empty() ? "body" : error.field())
        .over(error.limit());
  }
  document::Arena arena;
  QUIRE_TRY(const Value value, Value::parse(arena, minified.text()));
  if (!value.is_object()) return invalid("body", "expected an object with an action and its payload");
  Request request;
  QUIRE_TRY(request.action, action_of(value));
  QUIRE_TRY(request.payload, payload_of(*request.action, value));
  return request;
}

}  // namespace quire::api::actions
