#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "document/regex.h"

namespace quire::document {

// A pattern of a schema, which JSON Schema has in ECMAScript's language, as one of RE2: \uXXXX, \cX, \s, the
// dot, (?<name>...), and long names of Unicode's categories and scripts say the same afterwards. Errors:
// invalid, for what RE2 cannot do in linear time (assertions (?= (?! (?<= (?<!, backreferences), for escapes
// that do not exist, and for properties that RE2 does not know.
Result<std::string> to_re2(std::string_view pattern);

// Errors: as to_re2(), and where RE2 refuses the pattern.
Result<std::shared_ptr<const Regex>> compile_pattern(std::string_view pattern);

}  // namespace quire::document
