#pragma once

#include <memory>
#include <string>

#include "cli/people.h"

namespace quire::cli::remote {

// The accounts of a server, over its /v1. Nothing is sent yet. Errors: as connect().
Result<std::unique_ptr<People>> connect_people(const std::string& url, const std::string& key_file);

}  // namespace quire::cli::remote
