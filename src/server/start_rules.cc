#include "server/start_rules.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace quire::server {

Status check_start(const Config& config, bool is_root) {
  if (is_root && !config.allow_root) {
    return Error(
        ErrorCode::forbidden,
        "quire serve does not run as root; run it as another user, or with --allow-root where that is "
        "root of a container");
  }
  for (const Listener& listener : config.listeners) {
    if (listener.is_loopback()) continue;
    const std::string where = listener.authority(listener.port);
    if (config.dev) {
      return Error(ErrorCode::forbidden,
                   "--dev lets everybody do everything, and so listens on loopback only, not on " + where);
    }
    if (config.has_tls() || config.insecure_plaintext) continue;
    return Error(ErrorCode::forbidden,
                 where +
                     " is not loopback: that needs TLS (--tls-certificate and --tls-key), or "
                     "--insecure-plaintext where something else encrypts");
  }
  return ok();
}

void warn_of(const Config& config, Log& log) {
  if (!config.kv_mesh_url.empty()) {
    log.warning("a mesh is configured, and this version joins none", {{"setting", "kv.mesh-url"}});
  }
  for (const Listener& listener : config.listeners) {
    if (listener.is_loopback() || config.has_tls()) continue;
    log.warning("keys and documents travel unencrypted", {{"listener", listener.authority(listener.port)}});
  }
}

void confine_process() {
  constexpr mode_t kOwnersOnly = 0077;
  ::umask(kOwnersOnly);
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  // A core that is piped to a program knows no limit.
  ::prctl(PR_SET_DUMPABLE, 0);
  ::signal(SIGPIPE, SIG_IGN);
}

Status own_directory(const std::string& directory) {
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  if (failed) return Error(ErrorCode::io, "make " + directory + ": " + failed.message());
  constexpr mode_t kOwnersOnly = 0700;
  struct stat now {};
  if (::stat(directory.c_str(), &now) != 0) {
    return Error(ErrorCode::io, "look at " + directory + ": " + std::generic_category().message(errno));
  }
  if ((now.st_mode & 07777) == kOwnersOnly) return ok();
  if (::chmod(directory.c_str(), kOwnersOnly) == 0) return ok();
  return Error(errno == EPERM ? ErrorCode::forbidden : ErrorCode::io,
               "cannot make " + directory + " its owner's alone: " + std::generic_category().message(errno));
}

}  // namespace quire::server
