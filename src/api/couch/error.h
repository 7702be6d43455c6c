#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

// The dialect's errors: {"error": WORD, "reason": SENTENCE}. Clients look at the words, and at some
// sentences, so these are spelled as the protocol has them.
namespace quire::api::couch {

// An error with a word of the dialect's own, which the code alone does not say. The code decides the status.
Error refusal(ErrorCode code, std::string_view word, std::string reason);

inline Error bad_request(std::string reason) {
  return refusal(ErrorCode::invalid, "bad_request", std::move(reason));
}
// Of a parameter that names a page or a range.
Error bad_parameter(std::string_view name, std::string_view value);

// A write that finds another revision, or none, where it expected one.
Error document_conflict();
Error missing(std::string_view reason = "missing");

// What the two members say of an error.
struct Words {
  std::string error;
  std::string reason;
};
Words words_of(const Error& error);

// {"error", "reason"}; `status` is the answer's, where it is another than the code's; `id` names the request
// in the log, where the fault is ours.
void print_error(const Error& error, unsigned status, std::string_view id, std::string& out);
// The members of a row: "error":...,"reason":...
void print_members(const Error& error, std::string& out);

unsigned status_of_couch(const Error& error, unsigned status);

}  // namespace quire::api::couch
