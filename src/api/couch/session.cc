#include "api/admission.h"
#include "api/couch/handlers.h"
#include "api/fields.h"
#include "api/json_out.h"
#include "api/proof.h"
#include "api/wiped.h"

// Logging in by a cookie, as pages of the protocol do.

namespace quire::api::couch {

namespace {

constexpr Field kLogin[] = {{"name", FieldType::name, true, "an account"},
                            {"password", FieldType::secret, true, "its password"}};

// The members of a form, as the JSON of the same: the one way on from here.
Result<Fields> fields_of(const CouchCall& call) {
  const std::string_view body = call.exchange().body();
  if (!same_media_type(media_type(call.request()), "application/x-www-form-urlencoded")) {
    return Fields::parse(body, kLogin);
  }
  QUIRE_TRY(auto given, net::parse_query(body));
  std::size_t room = 64;
  for (const auto& one : given) room += one.value.size() * 6;
  WipedText json;
  json.text().reserve(room);
  ObjectOut object(json.text());
  for (auto& one : given) {
    const WipedText value(std::move(one.value));
    if (one.name == "name" || one.name == "password") object.text(one.name, value.view());
  }
  object.end();
  return Fields::parse(json.view(), kLogin);
}

void print_roles(bool administers, ObjectOut& object) {
  object.raw("roles", administers ? R"(["_admin"])" : "[]");
}

}  // namespace

Result<net::Response> get_session(CouchCall& call) {
  const engine::Caller& caller = call.call.caller;
  const auto* const identity = caller.identity();
  std::string out;
  ObjectOut object(out);
  object.flag("ok", true);
  ObjectOut context(object.member("userCtx"));
  if (identity == nullptr) {
    context.raw("name", "null");
  } else {
    context.text("name", identity->user_name);
  }
  print_roles(caller.administers(), context);
  context.end();
  ObjectOut info(object.member("info"));
  info.raw("authentication_handlers", R"(["cookie","default"])");
  if (identity != nullptr) {
    const bool cookie = Proof::of(call.request()).kind == Proof::Kind::cookie;
    info.text("authenticated", cookie ? "cookie" : "default");
  }
  info.end();
  object.end();
  return json_answer(200, std::move(out));
}

Result<net::Response> post_session(CouchCall& call) {
  if (!may_have_cookie(call.request())) {
    return Error(ErrorCode::precondition, "cookies are given over TLS, or on this machine, only");
  }
  QUIRE_TRY(Fields fields, fields_of(call));
  auto session =
      call.parts().accounts.log_in(fields.text("name"), fields.take_secret("password"), call.request().peer);
  if (!session) {
    if (session.error().code() != ErrorCode::unauthenticated) return std::move(session).error();
    return refusal(ErrorCode::unauthenticated, "unauthorized", "Name or password is incorrect.");
  }
  std::string out;
  ObjectOut object(out);
  object.flag("ok", true);
  object.text("name", fields.text("name"));
  const auto caller = call.parts().accounts.authenticate(session->token.reveal());
  print_roles(caller && caller->administers(), object);
  object.end();
  net::Response response = json_answer(200, std::move(out));
  response.add_field("Set-Cookie", couch_cookie(call.request(), session->token.reveal()));
  return response;
}

// Whoever has no session is logged out already.
Result<net::Response> delete_session(CouchCall& call) {
  const Status ended = call.parts().accounts.log_out(call.call.caller);
  const bool none = !ended && (ended.error().code() == ErrorCode::invalid ||
                               ended.error().code() == ErrorCode::unauthenticated);
  if (!ended && !none) return ended.error();
  net::Response response = ok_answer();
  response.add_field("Set-Cookie", no_couch_cookie(call.request()));
  return response;
}

}  // namespace quire::api::couch
