#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

// What stands in the target of a request, decoded. Pure functions.
namespace quire::net {

// Whether the bytes are UTF-8 as RFC 3629 has it: nothing longer than it need be, no surrogates, nothing past
// U+10FFFF.
bool is_utf8(std::string_view bytes);

// Takes the escapes (%C3%A9) out of a part of a path; '+' is a plus. %00 gives a NUL, which is for the caller
// to judge; bytes that stand there unescaped stay. Errors: invalid (a percent sign without two hexadecimal
// digits; what comes out is not UTF-8).
Result<std::string> percent_decode(std::string_view text);

// The other way: whatever is not a letter, a digit or one of -._~ becomes an escape.
std::string percent_encode(std::string_view text);

struct Parameter {
  std::string name;
  std::string value;  // empty where there is no '=' too

  friend bool operator==(const Parameter&, const Parameter&) = default;
};

// More than any request of ours has; a client's parameters are looked up one by one.
inline constexpr std::size_t kMostParameters = 256;

// "a=1&b=x+y&b=%2B": in their order, a name perhaps several times; '+' is a space here. Empty parts are
// skipped. Errors: invalid (as percent_decode()), too_large (more than `most` parameters).
Result<std::vector<Parameter>> parse_query(std::string_view query, std::size_t most = kMostParameters);

// The first of this name, or null.
const Parameter* find_parameter(const std::vector<Parameter>& parameters, std::string_view name);

}  // namespace quire::net
