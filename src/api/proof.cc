#include "api/proof.h"

#include "api/admission.h"
#include "api/wiped.h"
#include "base/bytes.h"

namespace quire::api {

namespace {

// Under TLS the name's prefix makes browsers keep the cookie to this host and to TLS. In plain it would not
// be taken, and the other name keeps the one from being mistaken for the other.
constexpr std::string_view kSecureCookie = "__Host-quire";
constexpr std::string_view kPlainCookie = "quire";
// That of the CouchDB surface, whose clients look for this name.
constexpr std::string_view kCouchCookie = "AuthSession";

std::string_view cookie_name(const net::RequestHead& request) {
  return request.secure ? kSecureCookie : kPlainCookie;
}

// What stands behind a scheme ("Bearer ") in an Authorization field.
std::optional<std::string_view> behind(std::string_view field, std::string_view scheme) {
  if (!same_ignoring_case(field.substr(0, scheme.size()), scheme)) return std::nullopt;
  return trimmed(field.substr(scheme.size()));
}

// The first of the name counts.
std::optional<std::string_view> cookie_named(const net::RequestHead& request, std::string_view name) {
  for (const net::Field& field : request.fields) {
    if (!same_ignoring_case(field.name, "Cookie")) continue;
    for (std::string_view rest = field.value; !rest.empty();) {
      const std::size_t end = std::min(rest.find(';'), rest.size());
      const std::string_view pair = trimmed(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') {
        return pair.substr(name.size() + 1);
      }
    }
  }
  return std::nullopt;
}

std::optional<std::string_view> cookie_of(const net::RequestHead& request) {
  const auto own = cookie_named(request, cookie_name(request));
  return own ? own : cookie_named(request, kCouchCookie);
}

std::string cookie(const net::RequestHead& request, std::string_view name, std::string_view value) {
  std::string text(name);
  text.append("=").append(value).append("; Path=/; HttpOnly; SameSite=Strict");
  if (request.secure) text += "; Secure";
  return text;
}

Error nobody() { return Error(ErrorCode::unauthenticated, "what the request shows proves no identity"); }

}  // namespace

Proof Proof::of(const net::RequestHead& request) {
  const std::string_view authorization = request.field("Authorization");
  if (authorization.empty()) {
    const auto cookie = may_have_cookie(request) ? cookie_of(request) : std::nullopt;
    return cookie ? Proof{Kind::cookie, *cookie} : Proof{};
  }
  if (const auto token = behind(authorization, "Bearer ")) return {Kind::token, *token};
  if (const auto password = behind(authorization, "Basic ")) return {Kind::password, *password};
  return {Kind::malformed, {}};
}

Result<engine::Caller> caller_of(Context& context, const Proof& proof) {
  switch (proof.kind) {
    case Proof::Kind::none:
      return context.options().open ? engine::Caller::admin() : engine::Caller::anonymous();
    case Proof::Kind::token:
    case Proof::Kind::cookie: {
      auto caller = context.parts().accounts.authenticate(proof.text);
      if (caller) return *std::move(caller);
      return nobody();
    }
    case Proof::Kind::password:
    case Proof::Kind::malformed: break;
  }
  return nobody();
}

Result<engine::Caller> check_password(Context& context, const net::RequestHead& request, const Proof& proof) {
  auto decoded = from_base64(proof.text);
  if (!decoded) return nobody();
  const WipedText text(*std::move(decoded));
  const std::string_view pair = text.view();
  const std::size_t colon = pair.find(':');
  if (colon == std::string_view::npos) return nobody();
  return context.parts().accounts.check_password(pair.substr(0, colon), Secret(pair.substr(colon + 1)),
                                                 request.peer);
}

bool may_have_cookie(const net::RequestHead& request) {
  return request.secure || request.peer.starts_with("127.") || request.peer == "::1";
}

std::string session_cookie(const net::RequestHead& request, std::string_view token) {
  return cookie(request, cookie_name(request), token);
}

std::string no_session_cookie(const net::RequestHead& request) {
  return cookie(request, cookie_name(request), "") + "; Max-Age=0";
}

std::string couch_cookie(const net::RequestHead& request, std::string_view token) {
  return cookie(request, kCouchCookie, token);
}

std::string no_couch_cookie(const net::RequestHead& request) {
  return cookie(request, kCouchCookie, "") + "; Max-Age=0";
}

bool reads_as_password(const Proof& proof) {
  if (proof.kind != Proof::Kind::password) return false;
  auto decoded = from_base64(proof.text);
  if (!decoded) return false;
  const WipedText text(*std::move(decoded));
  return text.view().find(':') != std::string_view::npos;
}

}  // namespace quire::api
