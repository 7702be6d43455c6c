#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "engine/types.h"

// How a position in a database's history reads here.
namespace quire::api::couch {

// A number in the first life of a database, and else the string "SEQUENCE-INCARNATION", as JSON.
std::string sequence_json(const engine::Position& position);

// The same as it comes back, in a parameter or as JSON; 0 is the place before the first change. Errors:
// query_parse_error.
Result<engine::Position> parse_sequence(std::string_view text);

}  // namespace quire::api::couch
