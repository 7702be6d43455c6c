#pragma once

#include <string>
#include <string_view>

#include "api/call.h"
#include "base/error.h"
#include "net/message.h"

// How errors become answers: each code of the one list has one status, and each surface its own words.
namespace quire::api {

// 429 where a throttle or a quota says when to come back.
unsigned status_of(const Error& error);
unsigned status_of(ErrorCode code);

// An answer names its request (null: there was no head). Of errors that are ours and not the caller's, the
// caller gets no more than that, and the log the cause.
net::Response error_answer(Context& context, const net::RequestHead* request, Surface surface,
                           std::string_view route, const Error& error);
// The same with another status than the code's.
net::Response error_answer(Context& context, const net::RequestHead* request, Surface surface,
                           std::string_view route, const Error& error, unsigned status);

// Of an object or a list.
net::Response json_answer(unsigned status, std::string body);

void send_error(const Call& call, const Error& error);
// An error of the engine as one of the field of the request's head that it is about.
Error in_words_of_http(const Error& error);

// Too many calls wait for a password to be hashed.
Error too_many_passwords();

// Whether a field's value may go into a head: no control characters.
bool fits_in_field(std::string_view value);

}  // namespace quire::api
