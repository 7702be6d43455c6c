#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace quire::query {

// Where a page of an answer ended. Nothing is kept on the server: a token of it goes on where the page ended,
// whatever was written meanwhile, and survives a restart.
struct CursorPlace {
  // How the plan walked. A sort's place is good for every plan; the others only for their own.
  enum class Walk : char { sorted = 's', ids = 'i', index = 'x', any_of = 'o' };
  Walk walk = Walk::ids;
  std::string index;    // the name of an index, with a digest of its definition
  std::string key;      // of the sort, or of the index
  std::string id;       // of the last document
  unsigned branch = 0;  // of a plan of several parts
};

// A digest of the rest of the request, which has to be the same for each page.
std::string cursor_fingerprint(std::initializer_list<std::string_view> parts);

// Letters, digits, "-" and "_".
std::string print_cursor(const CursorPlace& place, std::string_view fingerprint);
// Errors: invalid, for what print_cursor() did not make of this fingerprint.
Result<CursorPlace> parse_cursor(std::string_view token, std::string_view fingerprint);

}  // namespace quire::query
