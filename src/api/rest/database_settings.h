#pragma once

#include <string_view>

#include "engine/catalog.h"

namespace quire::api::rest {

// A body that sets what can be set of a database: {"historyMs": MILLISECONDS, "historyBytes": BYTES}. Errors:
// invalid; not_implemented, for settings that are to come.
Result<engine::DatabaseSettings> database_settings(std::string_view body);

}  // namespace quire::api::rest
