#include "api/node/health.h"

#include "api/answer.h"

// What these say is said to everybody, and so nothing but that.

namespace quire::api::node {

void healthz(const Call& call) {
  net::Response response;
  response.body = R"({"status":"ok"})";
  call.exchange.send(std::move(response));
}

void answer_ready(const Call& call) {
  const auto& ready = call.context.options().ready;
  const bool is_ready = !ready || ready().has_value();
  net::Response response;
  response.status = is_ready ? 200 : 503;
  response.body = is_ready ? R"({"status":"ok"})" : R"({"status":"unavailable"})";
  call.exchange.send(std::move(response));
}

void readyz(const Call& call) { answer_ready(call); }

void metrics(const Call& call) {
  if (!call.context.options().metrics) {
    return send_error(call, Error(ErrorCode::not_found, "there are no metrics here"));
  }
  on_worker(call, [](const Call& later) {
    net::Response response;
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    response.body = later.context.options().metrics();
    later.exchange.send(std::move(response));
  });
}

}  // namespace quire::api::node
