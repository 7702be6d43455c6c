#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "api/answer.h"
#include "api/call.h"
#include "engine/address.h"

// What the surfaces whose paths name a database have in common: the call that is read of a path, and the
// kinds of handlers.
namespace quire::api {

// A call whose path has been read. Valid as long as its exchange.
struct DatabaseCall {
  explicit DatabaseCall(const Call& with) : call(with) {}

  engine::DatabaseAddress database() const { return {.name = database_name, .owner = owner}; }
  const Parts& parts() const { return call.parts(); }
  net::Exchange& exchange() const { return call.exchange; }
  const net::RequestHead& request() const { return call.exchange.request(); }

  Call call;
  std::string database_name = "main";
  std::string owner;
  std::string id;    // of a document
  std::string name;  // of an attachment

 protected:
  // Finds what the path calls its database. An owner that is nobody stays as it is written, and is for the
  // engine to know nothing of.
  void find_database();
};

// A capture's text. Errors: invalid.
Result<std::string> decode_capture(std::string_view text);

// Calls `take(name, text)` with what a path has for each capture of its route. Errors: invalid.
template <class Take>
Status each_capture(const Call& call, const Take& take) {
  std::size_t capture = 0;
  for (std::string_view rest = call.route.pattern; !rest.empty();) {
    const std::size_t open = rest.find('{');
    if (open == std::string_view::npos) break;
    const std::size_t close = rest.find('}', open);
    QUIRE_TRY(std::string text, decode_capture(call.captures[capture++]));
    take(rest.substr(open + 1, close - open - 1), std::move(text));
    rest.remove_prefix(close + 1);
  }
  return ok();
}

void answer(const Call& call, Result<net::Response> response);
// Of a call that waited for its client: the only time limit there is the client's, for its body.
void send_stream_error(const Call& call, const Error& error);
bool body_still_comes(const Call& call);

// Run a function that takes a surface's call, `Parsed`, which has a parse() of a Call.
template <class Parsed>
void work_off(const Call& call, Result<net::Response> (*answering)(Parsed&)) {
  auto parsed = Parsed::parse(call);
  answer(call, parsed ? answering(*parsed) : Result<net::Response>(std::move(parsed).error()));
}
template <class Parsed>
void stream_off(const Call& call, Status (*streaming)(Parsed&)) {
  auto parsed = Parsed::parse(call);
  if (!parsed) return send_error(call, parsed.error());
  if (const auto status = streaming(*parsed); !status) send_stream_error(call, status.error());
}
template <class Parsed>
void answer_as_stream(const Call& call, Result<net::Response> (*answering)(Parsed&)) {
  auto parsed = Parsed::parse(call);
  if (!parsed) return send_error(call, parsed.error());
  auto response = answering(*parsed);
  if (!response) return send_stream_error(call, response.error());
  answer(call, std::move(response));
}

// Handlers, of kinds that say where they run, made of a function that answers:
//   - at_once: on the connection's thread, which it does not block;
//   - worker: where it may wait for the disk;
//   - password: where passwords are hashed;
//   - wherever: on a worker where the body is there, and as a stream where it still comes;
//   - stream: as a stream, where it answers the exchange itself unless it returns an error.
template <auto kAnswering>
void at_once(const Call& call) {
  work_off(call, kAnswering);
}
template <auto kAnswering>
void worker(const Call& call) {
  on_worker(call, [](const Call& later) { work_off(later, kAnswering); });
}
template <auto kAnswering>
void password(const Call& call) {
  on_password(call, [call] { work_off(call, kAnswering); });
}
template <auto kAnswering>
void wherever(const Call& call) {
  if (!body_still_comes(call)) return worker<kAnswering>(call);
  on_stream(call, [](const Call& later) { answer_as_stream(later, kAnswering); });
}
template <auto kStreaming>
void stream(const Call& call) {
  on_stream(call, [](const Call& later) { stream_off(later, kStreaming); });
}

}  // namespace quire::api
