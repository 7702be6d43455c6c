#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "cli/remote/http.h"
#include "cli/session.h"

namespace quire::cli::remote {

// Speaks to a server. The key is that of the file, or $QUIRE_KEY where no file is named; without either none
// is shown. Nothing is sent yet. Errors: invalid (a URL or key that is none), not_found, io.
Result<std::unique_ptr<Http>> connect_http(const std::string& url, const std::string& key_file);
Result<std::unique_ptr<Backend>> connect(const std::string& url, const std::string& key_file);

}  // namespace quire::cli::remote
