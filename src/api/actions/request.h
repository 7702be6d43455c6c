#pragma once

#include <string_view>

#include "api/actions/action.h"

namespace quire::api::actions {

// What a body asks for, before anybody is known.
struct Request {
  const Action* action = nullptr;
  Fields payload;
};

// Reads a whole body. Errors: invalid or too_large, naming the field.
Result<Request> parse_request(std::string_view body);

// What a look over a body finds without building anything: no allocation, one pass, whatever it holds. Views
// of the body.
struct Glance {
  std::string_view key;      // payload.apiKey as it is written; empty: none, or one with escapes
  std::string_view longest;  // the name of the payload's longest member
};
Glance glance_at(std::string_view body);

}  // namespace quire::api::actions
