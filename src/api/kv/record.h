#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace quire::api::kv {

// The text of the document that a record is stored as: {"v":VALUE}. `value` is a JSON string with its quotes.
std::string record_text(std::string_view value);

// The value of a record's text; nullopt for every other document, which is no record.
std::optional<std::string_view> value_of(std::string_view text);

}  // namespace quire::api::kv
