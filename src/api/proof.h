#pragma once

#include <string>
#include <string_view>

#include "api/context.h"
#include "base/result.h"
#include "net/message.h"

// Every way of proving who asks. A request shows one proof: its Authorization field, or else the cookie of a
// session.
namespace quire::api {

struct Proof {
  enum class Kind : std::uint8_t {
    none,
    token,      // Authorization: Bearer, a key or a session's token
    password,   // Authorization: Basic
    cookie,     // a session's token
    malformed,  // an Authorization field of another scheme, or that cannot be read
  };

  static Proof of(const net::RequestHead& request);

  Kind kind = Kind::none;
  std::string_view text;  // of the request: a token, or what stands behind "Basic"
};

// From memory; not of a password. No proof: anonymous, or whoever runs an open server. Errors:
// unauthenticated.
Result<engine::Caller> caller_of(Context& context, const Proof& proof);
// Of a password; blocks for tens of milliseconds. Errors: unauthenticated, exhausted.
Result<engine::Caller> check_password(Context& context, const net::RequestHead& request, const Proof& proof);

// A browser is given a cookie over TLS, or from this machine itself; else its token would travel in clear.
bool may_have_cookie(const net::RequestHead& request);
// The value of a Set-Cookie field: of a session's token, and to take it back.
std::string session_cookie(const net::RequestHead& request, std::string_view token);
std::string no_session_cookie(const net::RequestHead& request);
// The same of the CouchDB surface.
std::string couch_cookie(const net::RequestHead& request, std::string_view token);
std::string no_couch_cookie(const net::RequestHead& request);

// Whether it holds a name and a password, be they right or not.
bool reads_as_password(const Proof& proof);

}  // namespace quire::api
