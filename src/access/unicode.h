#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

// The one place that knows ICU.
namespace quire::access {

// The text in Normalization Form C (UAX #15). Errors: invalid (no UTF-8).
Result<std::string> to_nfc(std::string_view text);

// What texts that differ in case alone have in common: NFC of the full case folding (Unicode, C + F) of a
// text in NFC.
std::string fold(std::string_view nfc);

// True where one of the characters is a control character, or ends a line or paragraph. `text` is UTF-8.
bool has_control(std::string_view text);
// True where it begins or ends with white space.
bool has_outer_space(std::string_view text);

}  // namespace quire::access
