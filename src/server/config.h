#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "api/api.h"
#include "base/log.h"
#include "engine/local_queries.h"
#include "net/server.h"
#include "server/values.h"

namespace quire::server {

// How a server is to run: what the table of settings (server/settings.h) fills in. A value.
struct Config {
  std::string data;
  std::string backups;
  std::vector<Listener> listeners;
  bool dev = false;
  std::chrono::milliseconds dev_time{};
  bool insecure_plaintext = false;
  bool allow_root = false;

  std::vector<std::string> hosts;
  std::string tls_certificate;
  std::string tls_key;
  bool tls_allow_12 = false;

  LogLevel log_level = LogLevel::info;
  std::uint64_t memory_bytes = 0;
  std::uint64_t document_cache_bytes = 0;
  std::chrono::milliseconds idle_close{};
  std::uint64_t threads = 0;
  std::uint64_t workers = 0;
  std::uint64_t stream_threads = 0;
  std::chrono::milliseconds drain_time{};

  net::Limits limits;
  std::uint64_t body_bytes = 0;
  std::uint64_t attachment_bytes = 0;
  std::uint64_t waiting_calls = 0;
  std::uint64_t streams = 0;
  std::uint64_t feeds = 0;

  engine::QueryOptions queries;
  engine::AccountsOptions accounts;
  std::vector<std::string> origins;
  std::vector<std::string> replication_networks;

  api::KvOptions kv;
  std::uint64_t kv_port = 0;
  std::string kv_mesh_url;

  bool has_tls() const { return !tls_certificate.empty(); }
};

// What stands where, in the order of increasing precedence: the settings' own defaults, a file, the
// environment, flags. Each of them names settings by the table, and says where a value came from.
class ConfigBuilder {
 public:
  // Everything at its default.
  ConfigBuilder();

  // TOML. `name` is for messages. Errors: invalid; the message begins with the file, the line and the key.
  Status take_file(std::string_view text, std::string_view name);
  // QUIRE_... for each setting, and the names that the key-value service knows; `get` answers null where a
  // variable is not set. Errors: invalid, naming the variable.
  Status take_environment(const std::function<const char*(const char*)>& get);
  // The values of one flag, by the name of the setting. Errors: invalid, naming the flag.
  Status take_flag(std::string_view setting, const std::vector<std::string>& values);

  // What came together. Errors: invalid, where settings do not fit each other.
  Result<Config> finish();

 private:
  Config config_;
};

// The text of a file of settings. Errors: not_found, io, too_large.
Result<std::string> read_config_file(const std::string& path);

}  // namespace quire::server
