#pragma once

#include <string_view>

#include "api/context.h"
#include "api/route.h"
#include "base/result.h"
#include "net/message.h"

// What is asked of a request before its route's handler sees it.
namespace quire::api {

// Who asks. Errors: unauthenticated, for a token that proves nothing and for a scheme that is not Bearer.
Result<engine::Caller> caller_of(Context& context, const net::RequestHead& request);

// Errors: unauthenticated, where the route wants an identity.
Status admit(const Route& route, const engine::Caller& caller);

// Whether a browser may have been made to send this by a page of somebody else's. Errors: forbidden.
Status refuse_foreign_pages(const net::RequestHead& request);

// The media type of the body, without its parameters; empty where none is named.
std::string_view media_type(const net::RequestHead& request);
bool same_media_type(std::string_view left, std::string_view right);
// Whether the route takes such a body.
bool takes_body(const Route& route, const net::RequestHead& request);
// Whether the body of this request is to be read piece by piece.
bool streams_body(const Route& route, const net::RequestHead& request);

}  // namespace quire::api
