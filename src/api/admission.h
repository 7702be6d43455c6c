#pragma once

#include <span>
#include <string>
#include <string_view>

#include "api/context.h"
#include "api/route.h"
#include "base/result.h"
#include "net/message.h"

// What is asked of a request before its route's handler sees it.
namespace quire::api {

// Errors: unauthenticated, where the route wants an identity; forbidden, where it wants an administrator's.
Status admit(const Route& route, const engine::Caller& caller);

// Whether a browser may have been made to send this by a page of somebody else's; `origins` are those that
// may. With a cookie for a proof, which browsers add to whatever they send, the request must say where it
// comes from. Errors: forbidden.
Status refuse_foreign_pages(const net::RequestHead& request, std::span<const std::string> origins,
                            bool by_cookie);

bool same_ignoring_case(std::string_view left, std::string_view right);
// Without spaces and tabs around it.
std::string_view trimmed(std::string_view text);

// The media type of the body, without its parameters; empty where none is named.
std::string_view media_type(const net::RequestHead& request);
bool same_media_type(std::string_view left, std::string_view right);
// Whether the route takes such a body.
bool takes_body(const Route& route, const net::RequestHead& request);
// What is wrong where it does not, and what to send.
Error refused_body(const Route& route, const net::RequestHead& request);
// How the body is packed: its Content-Encoding; empty: it is not.
std::string_view content_coding(const net::RequestHead& request);
// Whether it is unpacked here: where the body is streamed, and the coding known.
bool takes_coding(const Route& route, const net::RequestHead& request);
// Whether the body of this request is to be read piece by piece, and how many bytes of it at most.
bool streams_body(const Route& route, const net::RequestHead& request);
std::uint64_t streamed_limit(const Route& route, const Options& options);
// Whether the client reads an answer that is packed so.
bool accepts_coding(const net::RequestHead& request, std::string_view coding);

}  // namespace quire::api
