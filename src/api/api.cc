#include "api/api.h"

#include <algorithm>
#include <map>
#include <shared_mutex>
#include <utility>

#include "api/admission.h"
#include "api/answer.h"
#include "api/call.h"
#include "api/context.h"
#include "api/couch/cors.h"
#include "api/proof.h"
#include "api/router.h"
#include "api/tuning.h"

namespace quire::api {

namespace {

constexpr std::string_view kKvPrefix = "/kv";
constexpr std::string_view kCouchPrefix = "/couch";
constexpr std::string_view kActionsPath = "/api";

// A path as far as it says which dialect an answer has that no route gives.
Surface surface_of(std::string_view path) {
  if (path == kActionsPath) return Surface::actions;
  if (path == kCouchPrefix || path.starts_with("/couch/")) return Surface::couch;
  return path == kKvPrefix || path.starts_with("/kv/") ? Surface::kv : Surface::rest;
}

// What stands behind a root: the one path of the actions is the root itself.
std::string_view behind_root(const Context::RootDoor& root, std::string_view path) {
  return root.surface == Surface::actions && path == "/" ? std::string_view() : path;
}

}  // namespace

class Api::Doors {
 public:
  Doors(const Parts& parts, const Options& options) : context_(parts, options), router_(routes()) {}

  net::Plan plan(const net::RequestHead& request);
  void handle(net::Exchange& exchange);
  net::Response refuse(const net::RequestHead* request, unsigned status, const Error& error);
  Status add_handler(net::Method method, std::string_view path, Handler handler);
  Status remove_handler(net::Method method, std::string_view path);
  Context& context() { return context_; }

 private:
  using HandlerKey = std::pair<net::Method, std::string>;

  // Whether the path is one of the surface that its listener serves at the root.
  bool is_at_root(const net::RequestHead& request) const;
  std::uint32_t match(const net::RequestHead& request) const;
  Surface dialect(const net::RequestHead& request) const;
  void handle_route(net::Exchange& exchange, const Route& route);
  void handle_password(net::Exchange& exchange, const Route& route, const Proof& proof);
  // The caller is known, or why not.
  void enter(net::Exchange& exchange, const Route& route, const Proof& proof,
             const Result<engine::Caller>& caller);
  void handle_other(net::Exchange& exchange);
  std::shared_ptr<const Handler> find_handler(net::Method method, std::string_view path) const;
  void refuse_route(net::Exchange& exchange, const Route& route, const Error& error, unsigned status);

  Context context_;
  const Router router_;
  mutable std::shared_mutex mutex_;
  std::map<HandlerKey, std::shared_ptr<const Handler>> handlers_;  // guarded by mutex_
};

bool Api::Doors::is_at_root(const net::RequestHead& request) const {
  const Context::RootDoor* const root = context_.root(request.listener);
  return root != nullptr && router_.knows(behind_root(*root, request.path), root->prefix);
}

std::uint32_t Api::Doors::match(const net::RequestHead& request) const {
  if (const Context::RootDoor* const root = context_.root(request.listener)) {
    const auto route = router_.match(request.method, behind_root(*root, request.path), root->prefix);
    if (route != 0) return route;
  }
  return router_.match(request.method, request.path);
}

Surface Api::Doors::dialect(const net::RequestHead& request) const {
  const Context::RootDoor* const root = context_.root(request.listener);
  if (root != nullptr && root->surface == Surface::couch) return Surface::couch;
  if (root == nullptr || request.path.starts_with("/v1")) return surface_of(request.path);
  if (root->surface == Surface::kv) return Surface::kv;
  return is_at_root(request) ? root->surface : surface_of(request.path);
}

net::Plan Api::Doors::plan(const net::RequestHead& request) {
  net::Plan plan;
  plan.route = match(request);
  const Route* const route = plan.route == 0 ? nullptr : &routes()[plan.route - 1];
  const bool streams = route != nullptr && streams_body(*route, request);
  if (!request.has_body) {
    if (streams) plan.body = net::Plan::Body::streamed;
    return plan;
  }
  // A password is looked at behind this, and a key among actions stands in the body: both are read under the
  // route's limit, and nothing is made of them before somebody is known.
  const Proof proof = Proof::of(request);
  const auto caller = caller_of(context_, proof);
  const bool known = proof.kind == Proof::Kind::password ||
                     (caller && caller->kind() != engine::Caller::Kind::anonymous) ||
                     (route != nullptr && route->surface == Surface::actions);
  if (!known) {
    plan.body_limit = tuning::kAnonymousBodyBytes;
    if (streams && caller && route->who == Who::granted) {
      plan.body = net::Plan::Body::streamed;
      return plan;
    }
  } else if (streams) {
    plan.body = net::Plan::Body::streamed;
    plan.body_limit = streamed_limit(*route, context_.options());
    return plan;
  } else if (route != nullptr) {
    plan.body_limit = route->body_limit == nullptr ? 0 : context_.options().*(route->body_limit);
  } else {
    plan.body_limit = find_handler(request.method, request.path) ? context_.options().body_bytes : 0;
  }
  // What is refused anyway is answered at once, not read first.
  const bool refused = !known || plan.body_limit == 0 ||
                       (route != nullptr && !(takes_body(*route, request) && takes_coding(*route, request)));
  const bool small = request.content_length && *request.content_length <= tuning::kAnonymousBodyBytes;
  if (refused && !small) plan.body = net::Plan::Body::streamed;
  if (refused && small) plan.body_limit = tuning::kAnonymousBodyBytes;
  return plan;
}

void Api::Doors::handle(net::Exchange& exchange) {
  const std::uint32_t route = exchange.route();
  const Surface surface = route == 0 ? dialect(exchange.request()) : routes()[route - 1].surface;
  const bool page =
      surface == Surface::couch && couch::is_allowed_page(exchange.request(), context_.options().origins);
  net::Exchange& answered = page ? couch::with_page_allowed(exchange) : exchange;
  if (route == 0) return handle_other(answered);
  handle_route(answered, routes()[route - 1]);
}

void Api::Doors::refuse_route(net::Exchange& exchange, const Route& route, const Error& error,
                              unsigned status) {
  exchange.send(error_answer(context_, &exchange.request(), route.surface, route.name, error, status));
}

void Api::Doors::handle_route(net::Exchange& exchange, const Route& route) {
  Proof proof = Proof::of(exchange.request());
  const bool unreadable = proof.kind == Proof::Kind::malformed ||
                          (proof.kind == Proof::Kind::password && !reads_as_password(proof));
  if (unreadable && route.surface == Surface::couch && route.who == Who::anybody) proof = {};
  if (proof.kind == Proof::Kind::password) return handle_password(exchange, route, proof);
  auto caller = caller_of(context_, proof);
  if (!caller && proof.kind == Proof::Kind::cookie && route.who == Who::anybody) {
    proof = {};
    caller = caller_of(context_, proof);
  }
  enter(exchange, route, proof, caller);
}

void Api::Doors::handle_password(net::Exchange& exchange, const Route& route, const Proof& proof) {
  auto place = context_.take_password_place();
  if (!place) {
    const Error error = too_many_passwords();
    return refuse_route(exchange, route, error, status_of(error));
  }
  context_.parts().passwords.post([this, &exchange, &route, proof, place = std::move(place)]() mutable {
    try {
      const auto caller = check_password(context_, exchange.request(), proof);
      place.reset();
      enter(exchange, route, proof, caller);
    } catch (const std::exception& fault) {
      context_.parts().log.error("a handler failed", {{"route", route.name}, {"cause", fault.what()}});
      exchange.abort();
    }
  });
}

void Api::Doors::enter(net::Exchange& exchange, const Route& route, const Proof& proof,
                       const Result<engine::Caller>& caller) {
  const net::RequestHead& request = exchange.request();
  if (!caller) {
    auto answer = error_answer(context_, &request, route.surface, route.name, caller.error());
    if (proof.kind == Proof::Kind::cookie) answer.add_field("Set-Cookie", no_session_cookie(request));
    return exchange.send(std::move(answer));
  }
  if (const auto status = admit(route, *caller); !status) {
    return refuse_route(exchange, route, status.error(), status_of(status.error()));
  }
  if (route.csrf == Csrf::unsafe) {
    const bool by_cookie = proof.kind == Proof::Kind::cookie;
    if (const auto status = refuse_foreign_pages(request, context_.options().origins, by_cookie); !status) {
      return refuse_route(exchange, route, status.error(), 403);
    }
  }
  if (!takes_body(route, request)) {
    return refuse_route(exchange, route, refused_body(route, request), 415);
  }
  if (!takes_coding(route, request)) {
    Error error(ErrorCode::invalid, "the body is packed in a way that is not taken here: send it as it is");
    return refuse_route(exchange, route, std::move(error).at("Content-Encoding"), 415);
  }
  const Context::RootDoor* const root = context_.root(request.listener);
  const bool at_root = root != nullptr && route.surface == root->surface && is_at_root(request);
  const KvDoor& kv = at_root && route.surface == Surface::kv ? root->kv : context_.kv();
  // Another back end than the engine has nobody to decide.
  const bool decided = route.surface != Surface::kv || !kv.options.storage;
  if (!decided && route.who == Who::granted && caller->kind() == engine::Caller::Kind::anonymous) {
    return refuse_route(exchange, route, Error(ErrorCode::unauthenticated, "this needs an identity"), 401);
  }
  route.handler({.context = context_,
                 .exchange = exchange,
                 .route = route,
                 .caller = *caller,
                 .kv = kv,
                 .captures = captures_of(route.pattern, request.path, at_root ? root->prefix : "")});
}

// A path or method that the table does not have.
void Api::Doors::handle_other(net::Exchange& exchange) {
  const net::RequestHead& request = exchange.request();
  const auto refuse = [&](const Error& error, unsigned status) {
    exchange.send(error_answer(context_, &request, dialect(request), "none", error, status));
  };
  if (const auto handler = find_handler(request.method, request.path)) {
    // Handlers of programs take no passwords.
    const Proof proof = Proof::of(request);
    const auto caller = caller_of(context_, proof);
    if (!caller) return refuse(caller.error(), 401);
    if (caller->kind() == engine::Caller::Kind::anonymous) {
      return refuse(Error(ErrorCode::unauthenticated, "this needs an identity"), 401);
    }
    const bool by_cookie = proof.kind == Proof::Kind::cookie;
    const auto status = refuse_foreign_pages(request, context_.options().origins, by_cookie);
    if (!status) return refuse(status.error(), 403);
    return (*handler)(exchange, *caller);
  }
  std::string allow = router_.allow(request.path);
  if (allow.empty() && is_at_root(request)) {
    const Context::RootDoor& root = *context_.root(request.listener);
    allow = router_.allow(behind_root(root, request.path), root.prefix);
  }
  if (allow.empty()) return refuse(Error(ErrorCode::not_found, "there is no such path"), 404);
  if (request.method == net::Method::options) {
    net::Response response;
    response.status = 204;
    response.content_type = {};
    response.add_field("Allow", allow);
    const bool page =
        dialect(request) == Surface::couch && couch::is_allowed_page(request, context_.options().origins);
    if (page) couch::allow_request(request, response);
    return exchange.send(std::move(response));
  }
  net::Response response = error_answer(context_, &request, dialect(request), "none",
                                        Error(ErrorCode::invalid, "the path does not take this method"), 405);
  response.add_field("Allow", allow);
  exchange.send(std::move(response));
}

net::Response Api::Doors::refuse(const net::RequestHead* request, unsigned status, const Error& error) {
  const Surface surface = request == nullptr ? Surface::rest : dialect(*request);
  net::Response response = error_answer(context_, request, surface, "none", error, status);
  const bool page = surface == Surface::couch && couch::is_allowed_page(*request, context_.options().origins);
  if (page) couch::allow_page(*request, response);
  return response;
}

std::shared_ptr<const Api::Handler> Api::Doors::find_handler(net::Method method,
                                                             std::string_view path) const {
  const std::shared_lock lock(mutex_);
  if (handlers_.empty()) return nullptr;
  const auto found = handlers_.find(HandlerKey(method, path));
  return found == handlers_.end() ? nullptr : found->second;
}

Status Api::Doors::add_handler(net::Method method, std::string_view path, Handler handler) {
  if (!path.starts_with('/')) return Error(ErrorCode::invalid, "a path begins with a slash");
  const Error taken(ErrorCode::exists, "the path '" + std::string(path) + "' is taken");
  if (router_.knows(path)) return taken;
  const std::unique_lock lock(mutex_);
  const bool added =
      handlers_.try_emplace(HandlerKey(method, path), std::make_shared<const Handler>(std::move(handler)))
          .second;
  if (!added) return taken;
  return ok();
}

Status Api::Doors::remove_handler(net::Method method, std::string_view path) {
  const std::unique_lock lock(mutex_);
  if (handlers_.erase(HandlerKey(method, path)) != 0) return ok();
  return Error(ErrorCode::not_found, "the path '" + std::string(path) + "' has no handler");
}

Api::Api(const Parts& parts, const Options& options) : doors_(std::make_unique<Doors>(parts, options)) {}
Api::~Api() = default;

net::Plan Api::plan(const net::RequestHead& request) { return doors_->plan(request); }

void Api::handle(net::Exchange& exchange) {
  try {
    doors_->handle(exchange);
  } catch (const std::exception& fault) {
    doors_->context().parts().log.error("a handler failed",
                                        {{"route", route_name(exchange.route())}, {"cause", fault.what()}});
    exchange.abort();
  }
}

net::Response Api::refuse(const net::RequestHead* request, unsigned status, const Error& error) {
  return doors_->refuse(request, status, error);
}

void Api::listening(std::uint32_t listener, std::uint16_t port) {
  doors_->context().set_port(listener, port);
}

Status Api::add_handler(net::Method method, std::string_view path, Handler handler) {
  return doors_->add_handler(method, path, std::move(handler));
}

Status Api::remove_handler(net::Method method, std::string_view path) {
  return doors_->remove_handler(method, path);
}

std::string_view Api::route_name(std::uint32_t route) {
  return route == 0 || route > routes().size() ? "none" : routes()[route - 1].name;
}

void Api::end_feeds() { doors_->context().feeds().end(); }

}  // namespace quire::api
