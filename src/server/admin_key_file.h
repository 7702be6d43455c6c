#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "server/admin_key_format.h"

namespace quire::server {

// The administrator's key of a data directory, as it is stored in its file DIR/admin-key. Used by whoever
// owns the directory.

// nullopt where there is none yet. Errors: corrupt, invalid (of another version), io.
Result<std::optional<StoredKey>> load_admin_key(const std::string& data_directory);
// Replaces it durably and in one step: a crash leaves the old one or the new one. Errors: io.
Status save_admin_key(const std::string& data_directory, const StoredKey& key);

}  // namespace quire::server
