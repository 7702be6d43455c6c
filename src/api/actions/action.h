#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "api/call.h"
#include "api/fields.h"
#include "engine/catalog.h"

// The surface of actions: one route, whose body names an action and what it is about.
namespace quire::api::actions {

struct Action;

// An action on its way to its answer. Valid as long as its exchange.
struct ActionCall {
  ActionCall(const Call& with, const Action& what, engine::Caller who, Fields fields)
      : call(with), action(what), caller(std::move(who)), payload(std::move(fields)) {}

  const Parts& parts() const { return call.parts(); }
  // The account that asks; empty where it is the owner of the process.
  std::string_view user() const;
  std::string_view peer() const { return call.request().peer; }

  const Call call;
  const Action& action;
  const engine::Caller caller;
  Fields payload;
  // Of manageDatabase: the database that the caller has loaded.
  std::optional<engine::DatabaseDescription> loaded = {};
};
using ActionPointer = std::shared_ptr<ActionCall>;

// Answers an action; must not block the thread it is called on.
using Handler = void (*)(const ActionPointer& call);

// One line of the table of actions: what is taken, refused and told of them is made of it.
struct Action {
  std::string_view name;
  bool anonymous;                 // needs no key
  std::span<const Field> fields;  // of the payload
  std::string_view answer;        // its message, for the reference
  std::string_view summary;
  Handler handler;
};

std::span<const Action> table();
// Null where there is none of the name.
const Action* find_action(std::string_view name);

// --- answers

// {"status": 200, "message": JSON}
void send_message(const ActionCall& call, std::string_view json);
// Refuses in the words of the request: an error of a database or collection names the field that named it.
void send_error(const ActionCall& call, const Error& error);

// --- handlers, made of a function that answers with the message, as JSON, and may block: on a worker, or, of
// those that take a password, where passwords are hashed.
using Answering = Result<std::string> (*)(ActionCall& call);
void answer(ActionCall& call, Answering answering);

template <Answering kAnswering>
void worker(const ActionPointer& call) {
  on_worker(call->call, [call] { answer(*call, kAnswering); });
}
template <Answering kAnswering>
void password(const ActionPointer& call) {
  on_password(call->call, [call] { answer(*call, kAnswering); });
}

// --- what several actions do

// A text as a message.
std::string text_message(std::string_view text);
// A time as it stands in an answer; null for never.
void print_time(std::string_view name, WallMs time_ms, std::string& out);
engine::DatabaseAddress address_of(const engine::DatabaseDescription& database);
// The database that payload.dbID names. Errors: not_found.
Result<engine::DatabaseDescription> named_database(const ActionCall& call);
// The same, or without dbID the one that the caller has loaded. Errors: precondition.
Result<engine::DatabaseDescription> named_or_loaded_database(const ActionCall& call);

}  // namespace quire::api::actions
