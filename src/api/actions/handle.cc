#include "api/actions/handlers.h"
#include "api/actions/request.h"
#include "api/answer.h"
#include "api/tuning.h"
#include "base/bytes.h"

// Who asks is known by the head of the request, or by a key in its body. In the second case a long body is
// only looked over for the key before that is looked up.

namespace quire::api::actions {

namespace {

bool is_anonymous(const engine::Caller& caller) { return caller.kind() == engine::Caller::Kind::anonymous; }

Error no_such_key() {
  return Error(ErrorCode::unauthenticated, "the key proves no identity").at("payload.apiKey");
}

// Of a body that is too long for a caller who is not known.
Error too_long(const Glance& glance) {
  const std::string_view name = glance.longest;
  const bool presentable = check_name(name) && valid_utf8(name) && name.find('\\') == std::string_view::npos;
  return Error(ErrorCode::too_large, "a request without a key has at most " +
                                         std::to_string(tuning::kAnonymousBodyBytes) + " bytes")
      .at(presentable ? "payload." + std::string(name) : "body")
      .over(tuning::kAnonymousBodyBytes);
}

// Whether the body may be parsed: it is short, or somebody is known.
Status look_over(const Call& call) {
  const std::string_view body = call.exchange.body();
  if (body.size() <= tuning::kAnonymousBodyBytes || !is_anonymous(call.caller)) return ok();
  const Glance glance = glance_at(body);
  if (glance.key.empty()) return too_long(glance);
  if (!call.parts().accounts.authenticate(glance.key)) return no_such_key();
  return ok();
}

// A key in the body and a proof in the head must be of the same account.
Result<engine::Caller> caller_of(const Call& call, const Request& request) {
  const std::string_view key =
      request.action->name == "revokeAPIkey" ? std::string_view() : request.payload.look_at_secret("apiKey");
  const bool named = request.action->name != "revokeAPIkey" && request.payload.has("apiKey");
  if (!named) {
    if (request.action->anonymous || !is_anonymous(call.caller)) return call.caller;
    return Error(ErrorCode::unauthenticated, "this needs a key, here or in Authorization: Bearer")
        .at("payload.apiKey");
  }
  auto caller = call.parts().accounts.authenticate(key);
  if (!caller) return no_such_key();
  const auto* const by_head = call.caller.identity();
  const bool differs =
      by_head != nullptr && (caller->identity() == nullptr || by_head->user != caller->identity()->user);
  if (differs) {
    return Error(ErrorCode::invalid, "the key is of another account than the Authorization field")
        .at("payload.apiKey");
  }
  return *std::move(caller);
}

void run(const Call& call) {
  if (const auto status = look_over(call); !status) return api::send_error(call, status.error());
  auto request = parse_request(call.exchange.body());
  if (!request) return api::send_error(call, request.error());
  auto caller = caller_of(call, *request);
  if (!caller) return api::send_error(call, caller.error());
  const Action& action = *request->action;
  action.handler(std::make_shared<ActionCall>(call, action, *std::move(caller), std::move(request->payload)));
}

}  // namespace

void handle(const Call& call) {
  if (call.exchange.body().size() <= tuning::kInlineBodyBytes) return run(call);
  on_worker(call, run);
}

}  // namespace quire::api::actions
