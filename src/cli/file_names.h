#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace quire::cli {

// The name of the file that holds a document of this id, without an ending: the id itself, with what a file
// system might take otherwise as %XX: '/', '%', control characters, a '.' in front. A name that would be too
// long is cut, and ends in
// '~' and a hash of the id; the document's own `_id` has all of it.
std::string file_name(std::string_view id);

// The id of such a name; nullopt where it was cut, or is not what file_name() makes.
std::optional<std::string> id_of_file_name(std::string_view name);

}  // namespace quire::cli
