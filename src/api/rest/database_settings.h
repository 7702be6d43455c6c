#pragma once

#include <optional>
#include <string_view>

#include "engine/accounts.h"

namespace quire::api::rest {

struct DatabaseBody {
  engine::DatabaseSettings settings;
  std::optional<engine::Right> everybody;  // what the database's public grant is to be
};

// A body that sets what can be set of a database: {"historyMs": MILLISECONDS, "historyBytes": BYTES,
// "public": "read"}. Errors: invalid; not_implemented, for settings that are to come.
Result<DatabaseBody> database_settings(std::string_view body);

}  // namespace quire::api::rest
