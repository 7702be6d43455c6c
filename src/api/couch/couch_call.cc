#include "api/couch/couch_call.h"

#include <utility>

#include "api/admission.h"
#include "api/json_out.h"
#include "base/bytes.h"
#include "net/target.h"

namespace quire::api::couch {

namespace {

// The name of a capture in a pattern says what it is.
struct Captured {
  std::string_view name;
  std::string CouchCall::*place;
  std::string_view prefix;
};
constexpr Captured kCaptured[] = {{"database", &CouchCall::database_name, ""},
                                  {"id", &CouchCall::id, ""},
                                  {"design", &CouchCall::id, "_design/"},
                                  {"local", &CouchCall::id, "_local/"},
                                  {"name", &CouchCall::name, ""},
                                  {"name...", &CouchCall::name, ""},
                                  {"partition", &CouchCall::part, ""}};

Status take_capture(CouchCall& call, std::string_view name, std::string_view text) {
  for (const auto& captured : kCaptured) {
    if (captured.name != name) continue;
    QUIRE_TRY(const std::string decoded, net::percent_decode(text));
    if (!valid_utf8(decoded)) return bad_request("the path is not UTF-8");
    (call.*captured.place).assign(captured.prefix).append(decoded);
    return ok();
  }
  return ok();
}

}  // namespace

Result<CouchCall> CouchCall::parse(const Call& call) {
  CouchCall parsed(call);
  std::size_t capture = 0;
  for (std::string_view rest = call.route.pattern; !rest.empty();) {
    const std::size_t open = rest.find('{');
    if (open == std::string_view::npos) break;
    const std::size_t close = rest.find('}', open);
    QUIRE_TRY_STATUS(take_capture(parsed, rest.substr(open + 1, close - open - 1), call.captures[capture++]));
    rest.remove_prefix(close + 1);
  }
  auto [name, owner] = named_database(call.parts(), call.caller, parsed.database_name);
  parsed.database_name = std::move(name);
  parsed.owner = std::move(owner);
  QUIRE_TRY(parsed.query, Parameters::parse(call.request().query));
  return parsed;
}

net::Response json_answer(unsigned status, std::string body) {
  net::Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

net::Response ok_answer(unsigned status) { return json_answer(status, R"({"ok":true})"); }

void answer(const Call& call, Result<net::Response> response) {
  if (!response) return send_error(call, response.error());
  call.exchange.send(*std::move(response));
}

void add_tag(std::string_view revision, net::Response& response) {
  std::string tag = "\"";
  tag.append(revision).push_back('"');
  // A revision that came from elsewhere may hold what cannot stand in a field.
  if (fits_in_field(tag)) response.add_field("ETag", tag);
}

void work_off(const Call& call, Answering answering) {
  auto parsed = CouchCall::parse(call);
  answer(call, parsed ? answering(*parsed) : Result<net::Response>(std::move(parsed).error()));
}

void stream_off(const Call& call, Streaming streaming) {
  auto parsed = CouchCall::parse(call);
  if (!parsed) return send_error(call, parsed.error());
  const auto status = streaming(*parsed);
  if (status) return;
  // The only time limit here is the client's, for its body.
  if (status.error().code() != ErrorCode::deadline) return send_error(call, status.error());
  call.exchange.send(
      error_answer(call.context, &call.request(), call.route.surface, call.route.name, status.error(), 408));
}

void answer_as_stream(const Call& call, Answering answering) {
  auto parsed = CouchCall::parse(call);
  if (!parsed) return send_error(call, parsed.error());
  auto response = answering(*parsed);
  if (response || response.error().code() != ErrorCode::deadline) return answer(call, std::move(response));
  call.exchange.send(error_answer(call.context, &call.request(), call.route.surface, call.route.name,
                                  response.error(), 408));
}

bool body_still_comes(const Call& call) { return streams_body(call.route, call.request()); }

}  // namespace quire::api::couch
