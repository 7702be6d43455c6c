#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "engine/types.h"

namespace quire::engine {

// A place in a database's history as it travels: "SEQUENCE-INCARNATION", both decimal, or "0" for the place
// before the first change, whatever the incarnation.
std::string to_string(const Position& position);

// Errors: invalid (field "since") for everything that to_string() does not write; a bare SEQUENCE is taken as
// one of the first life of the database.
Result<Position> parse_position(std::string_view text);

}  // namespace quire::engine
