#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "database/index_hook.h"
#include "server/config.h"

namespace quire::server {

// Runs a server until a signal ends it: SIGTERM and SIGINT answer what has begun and then close everything in
// order; a second one closes at once, and a third ends the process. SIGHUP reads the certificates again.
// `print` gets the lines for whoever started it. Called once, on the only thread of the process. Errors:
// forbidden (the rules of a start), those of Daemon::start(), cancelled (requests that had begun were given
// up).
Status serve(const Config& config, const std::function<void(const std::string&)>& print,
             std::vector<const database::IndexHookFactory*> index_kinds = {});

}  // namespace quire::server
