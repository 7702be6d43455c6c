#pragma once

#include <string_view>

namespace quire::document::testing {

// Whether a text is JSON as RFC 8259 and this project have it (UTF-8, no lone surrogates, no name twice): the
// plain recursive way, as an oracle.
bool is_json(std::string_view text);

}  // namespace quire::document::testing
