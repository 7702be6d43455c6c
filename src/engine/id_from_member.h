#pragma once

#include <string>

#include "base/result.h"

namespace quire::engine {

// The id that an import takes from a member of a document: its string, or the text of its number. `body` is
// minified. Errors: invalid, with the member's name as `field`.
Result<std::string> id_from_member(const std::string& body, const std::string& name);

}  // namespace quire::engine
