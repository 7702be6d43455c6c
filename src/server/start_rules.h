#pragma once

#include "base/log.h"
#include "base/result.h"
#include "server/config.h"

namespace quire::server {

// Whether a server may start so: not as root, open to all only on loopback, and on other addresses only with
// TLS. Every refusal names the setting that it is about. Errors: forbidden.
Status check_start(const Config& config, bool is_root);

// What whoever starts it should know: settings that do nothing or are risky.
void warn_of(const Config& config, Log& log);

// Files that this process makes are its owner's alone, it leaves no core behind, and a client that goes away
// is no signal.
void confine_process();

// Makes the data directory its owner's alone, with all directories above it that are missing. Errors: io,
// forbidden (it belongs to somebody else).
Status own_directory(const std::string& directory);

}  // namespace quire::server
