#include "api/handler.h"

#include "api/admission.h"
#include "base/bytes.h"
#include "net/target.h"

namespace quire::api {

void DatabaseCall::find_database() {
  auto [named, whose] = named_database(parts(), call.caller, database_name);
  database_name = std::move(named);
  owner = std::move(whose);
}

Result<std::string> decode_capture(std::string_view text) {
  if (text.find('%') != std::string_view::npos) return net::percent_decode(text);
  if (!valid_utf8(text)) return Error(ErrorCode::invalid, "the path is not UTF-8");
  return std::string(text);
}

void answer(const Call& call, Result<net::Response> response) {
  if (!response) return send_error(call, response.error());
  call.exchange.send(*std::move(response));
}

void send_stream_error(const Call& call, const Error& error) {
  if (error.code() != ErrorCode::deadline) return send_error(call, error);
  call.exchange.send(
      error_answer(call.context, &call.request(), call.route.surface, call.route.name, error, 408));
}

bool body_still_comes(const Call& call) { return streams_body(call.route, call.request()); }

}  // namespace quire::api
