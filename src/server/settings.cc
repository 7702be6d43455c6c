#include "server/settings.h"

#include <array>
#include <utility>

namespace quire::server {

namespace {

constexpr std::uint64_t kKib = 1ULL << 10;
constexpr std::uint64_t kMib = 1ULL << 20;
constexpr std::uint64_t kGib = 1ULL << 30;
constexpr std::uint64_t kSecond = 1000;
constexpr std::uint64_t kHour = 3600 * kSecond;
constexpr bool kStartupOnly = true;
constexpr bool kChangeable = false;

// clang-format off
constexpr std::array kSettings = {
    Setting{"data", "", Type::path, "./quire-data", 0, 0, kStartupOnly,
            [](Config& config, Value value) { config.data = value.text(); },
            "the data directory"},
    Setting{"backups", "", Type::path, "", 0, 0, kStartupOnly,
            [](Config& config, Value value) { config.backups = value.text(); },
            "the folder in which quire backup --server makes backups; none: it makes none"},
    Setting{"listen", "", Type::listener, "127.0.0.1:8800", 0, 0, kStartupOnly,
            [](Config& config, Value value) { config.listeners = std::move(value.listeners); },
            "where to listen, as [SURFACE=]ADDRESS:PORT; a SURFACE (kv, actions or couch) stands at the root there"},
    Setting{"dev", "", Type::flag, "false", 0, 0, kStartupOnly,
            [](Config& config, Value value) { config.dev = value.flag; },
            "whoever connects may do everything; on loopback only"},
    Setting{"dev-time", "", Type::time, "24h", kSecond, 30 * 24 * kHour, kStartupOnly,
            [](Config& config, Value value) { config.dev_time = value.time; },
            "after this a server with dev ends by itself"},
    Setting{"insecure-plaintext", "", Type::flag, "false", 0, 0, kStartupOnly,
            [](Config& config, Value value) { config.insecure_plaintext = value.flag; },
            "listen on other addresses than loopback without TLS"},
    Setting{"allow-root", "", Type::flag, "false", 0, 0, kStartupOnly,
            [](Config& config, Value value) { config.allow_root = value.flag; },
            "run as root all the same, as in a container"},
    Setting{"hosts", "", Type::texts, "", 0, 0, kStartupOnly,
            [](Config& config, Value value) { config.hosts = std::move(value.texts); },
            "names besides those of loopback that a request may call this server by; * for any"},
    Setting{"origins", "", Type::texts, "", 0, 0, kStartupOnly,
            [](Config& config, Value value) { config.origins = std::move(value.texts); },
            "of pages, besides this server's own, that may change something: https://app.example"},
    Setting{"replication.networks", "", Type::texts, "", 0, 0, kStartupOnly,
            [](Config& config, Value value) { config.replication_networks = std::move(value.texts); },
            "addresses that are not public and that replications may reach all the same: 10.0.0.0/8"},
    Setting{"tls.certificate", "", Type::path, "", 0, 0, kStartupOnly,
            [](Config& config, Value value) { config.tls_certificate = value.text(); },
            "file with the certificate and its chain (PEM); with it every listener speaks TLS"},
    Setting{"tls.key", "", Type::path, "", 0, 0, kStartupOnly,
            [](Config& config, Value value) { config.tls_key = value.text(); },
            "file with the certificate's private key (PEM)"},
    Setting{"tls.allow-1-2", "", Type::flag, "false", 0, 0, kStartupOnly,
            [](Config& config, Value value) { config.tls_allow_12 = value.flag; },
            "take clients that speak TLS 1.2 too"},
    Setting{"log.level", "", Type::level, "info", 0, 0, kChangeable,
            [](Config& config, Value value) { config.log_level = *parse_log_level(value.text()); },
            "the least of debug, info, warning and error that is written to standard error"},
    Setting{"memory", "", Type::bytes, "256MiB", 16 * kMib, 1024 * kGib, kChangeable,
            [](Config& config, Value value) { config.memory_bytes = value.number; },
            "for the caches and write buffers of all open databases together"},
    Setting{"document-cache", "", Type::bytes, "0", 0, 1024 * kGib, kChangeable,
            [](Config& config, Value value) { config.document_cache_bytes = value.number; },
            "of the memory, for documents that were read lately, half of it at most; 0: a quarter"},
    Setting{"idle-close", "", Type::time, "1m", kSecond, 24 * kHour, kChangeable,
            [](Config& config, Value value) { config.idle_close = value.time; },
            "a database that nobody used for so long is closed until somebody does"},
    Setting{"threads", "", Type::number, "0", 0, 256, kChangeable,
            [](Config& config, Value value) { config.threads = value.number; },
            "threads for connections; 0: one a core"},
    Setting{"workers", "", Type::number, "4", 1, 256, kChangeable,
            [](Config& config, Value value) { config.workers = value.number; },
            "threads for calls that may wait for the disk"},
    Setting{"stream-threads", "", Type::number, "8", 1, 256, kChangeable,
            [](Config& config, Value value) { config.stream_threads = value.number; },
            "threads for listings, imports, exports and attachments; one that waits for its client holds none"},
    Setting{"drain-time", "", Type::time, "30s", 0, kHour, kChangeable,
            [](Config& config, Value value) { config.drain_time = value.time; },
            "how long a stop waits for requests that have begun"},
    Setting{"limits.request-line", "", Type::bytes, "8KiB", 256, kMib, kChangeable,
            [](Config& config, Value value) { config.limits.request_line_bytes = value.number; },
            "of a request line"},
    Setting{"limits.head", "", Type::bytes, "32KiB", kKib, 4 * kMib, kChangeable,
            [](Config& config, Value value) { config.limits.head_bytes = value.number; },
            "of a request's head, all its fields together"},
    Setting{"limits.fields", "", Type::number, "100", 8, 10'000, kChangeable,
            [](Config& config, Value value) { config.limits.fields = value.number; },
            "fields of a request's head"},
    Setting{"limits.head-time", "", Type::time, "10s", 100, kHour, kChangeable,
            [](Config& config, Value value) { config.limits.head_time = value.time; },
            "in which a request's head must have come"},
    Setting{"limits.idle-time", "", Type::time, "1m", 100, 24 * kHour, kChangeable,
            [](Config& config, Value value) { config.limits.idle_time = value.time; },
            "between requests, before a connection is closed"},
    Setting{"limits.body-rate", "", Type::bytes, "1KiB", 1, kGib, kChangeable,
            [](Config& config, Value value) { config.limits.body_bytes_per_second = value.number; },
            "bytes a second; a body that comes slower is given up"},
    Setting{"limits.answer-rate", "", Type::bytes, "1KiB", 1, kGib, kChangeable,
            [](Config& config, Value value) { config.limits.answer_bytes_per_second = value.number; },
            "bytes a second, asked over each idle time; a client that takes an answer slower is given up"},
    Setting{"limits.connections", "", Type::number, "10000", 1, 1'000'000, kChangeable,
            [](Config& config, Value value) { config.limits.connections = value.number; },
            "connections at once"},
    Setting{"limits.connections-per-address", "", Type::number, "200", 1, 1'000'000, kChangeable,
            [](Config& config, Value value) { config.limits.connections_per_address = value.number; },
            "connections at once of one address"},
    Setting{"limits.stream-buffer", "", Type::bytes, "256KiB", 4 * kKib, 64 * kMib, kChangeable,
            [](Config& config, Value value) { config.limits.stream_bytes = value.number; },
            "of a streamed answer that wait for a slow client"},
    Setting{"limits.body", "", Type::bytes, "8MiB", kKib, kGib, kChangeable,
            [](Config& config, Value value) { config.body_bytes = value.number; },
            "of a request that is taken whole"},
    Setting{"limits.attachment", "", Type::bytes, "1GiB", kKib, 1024 * kGib, kChangeable,
            [](Config& config, Value value) { config.attachment_bytes = value.number; },
            "of an attachment"},
    Setting{"limits.waiting-calls", "", Type::number, "4096", 1, 1'000'000, kChangeable,
            [](Config& config, Value value) { config.waiting_calls = value.number; },
            "calls that wait for a worker; past it they are refused with 503"},
    Setting{"limits.streams", "", Type::number, "256", 1, 10'000, kChangeable,
            [](Config& config, Value value) { config.streams = value.number; },
            "listings, imports, exports and attachments at once; past it they are refused with 503"},
    Setting{"limits.feeds", "", Type::number, "10000", 1, 1'000'000, kChangeable,
            [](Config& config, Value value) { config.feeds = value.number; },
            "change feeds that are followed at once; past it they are refused with 503"},
    Setting{"queries.slow", "", Type::time, "200ms", 0, kHour, kChangeable,
            [](Config& config, Value value) { config.queries.slow = value.time; },
            "a query that takes longer is written to the log, without what it asks for"},
    Setting{"queries.time", "", Type::time, "1m", 10, 24 * kHour, kChangeable,
            [](Config& config, Value value) { config.queries.budget.time = value.time; },
            "that a query may take"},
    Setting{"queries.scanned", "", Type::number, "10000000", 1, 1'000'000'000'000, kChangeable,
            [](Config& config, Value value) { config.queries.budget.scanned_documents = value.number; },
            "documents that a query may look at"},
    Setting{"queries.memory", "", Type::bytes, "64MiB", kMib, 64 * kGib, kChangeable,
            [](Config& config, Value value) { config.queries.budget.memory_bytes = value.number; },
            "of a sort or a group, before it goes to temporary files in the data directory"},
    Setting{"queries.disk", "", Type::bytes, "4GiB", 0, 1024 * kGib, kChangeable,
            [](Config& config, Value value) { config.queries.budget.spilled_bytes = value.number; },
            "of temporary files of one query"},
    Setting{"accounts.registration", "", Type::flag, "true", 0, 0, kStartupOnly,
            [](Config& config, Value value) { config.accounts.registration = value.flag; },
            "anybody may make an account; false: administrators alone do"},
    Setting{"accounts.password-memory", "", Type::bytes, "64MiB", 19 * kMib, kGib, kStartupOnly,
            [](Config& config, Value value) { config.accounts.password.memory_kib = static_cast<std::uint32_t>(value.number / kKib); },
            "that the hash of a password takes (Argon2id); older hashes are made again as they are used"},
    Setting{"accounts.password-passes", "", Type::number, "3", 2, 32, kStartupOnly,
            [](Config& config, Value value) { config.accounts.password.passes = static_cast<std::uint32_t>(value.number); },
            "over that memory"},
    Setting{"accounts.reservation-time", "", Type::time, "5m", kSecond, 24 * kHour, kChangeable,
            [](Config& config, Value value) { config.accounts.reservation = value.time; },
            "a database that somebody has loaded is free again when it was not used for so long"},
    Setting{"accounts.session-idle", "", Type::time, "30m", kSecond, 365 * 24 * kHour, kChangeable,
            [](Config& config, Value value) { config.accounts.session_idle = value.time; },
            "a session that is not used ends after this"},
    Setting{"accounts.session-life", "", Type::time, "12h", kSecond, 365 * 24 * kHour, kChangeable,
            [](Config& config, Value value) { config.accounts.session_life = value.time; },
            "a session ends after this, used or not"},
    Setting{"accounts.key-life", "", Type::time, "2160h", kSecond, 100 * 365 * 24 * kHour, kChangeable,
            [](Config& config, Value value) { config.accounts.key_life = value.time; },
            "a key ends after this, unless whoever makes it says otherwise"},
    Setting{"accounts.databases", "", Type::number, "1000", 0, 1'000'000, kChangeable,
            [](Config& config, Value value) { config.accounts.databases_each = static_cast<std::uint32_t>(value.number); },
            "that an account may have"},
    Setting{"accounts.database-bytes", "", Type::bytes, "0", 0, 1024 * kGib, kChangeable,
            [](Config& config, Value value) { config.accounts.database_bytes = value.number; },
            "of the documents of an account's database; 0: any number"},
    Setting{"accounts.feeds", "", Type::number, "1000", 1, 1'000'000, kChangeable,
            [](Config& config, Value value) { config.accounts.feeds_each = static_cast<std::uint32_t>(value.number); },
            "change feeds that an account follows at once; past it they are refused with 429"},
    Setting{"kv.database", "", Type::text, "main", 0, 0, kChangeable,
            [](Config& config, Value value) { config.kv.database = value.text(); },
            "the database that holds the key-value records, in its collection kv"},
    Setting{"kv.max-key-length", "", Type::number, "64", 1, 512, kChangeable,
            [](Config& config, Value value) { config.kv.max_key_length = static_cast<std::uint32_t>(value.number); },
            "keys are shorter than so many characters"},
    Setting{"kv.max-value-length", "", Type::number, "256", 1, 1'000'000, kChangeable,
            [](Config& config, Value value) { config.kv.max_value_length = static_cast<std::uint32_t>(value.number); },
            "values are shorter than so many characters"},
    Setting{"kv.hostname", "HOSTNAME", Type::text, "localhost", 0, 0, kStartupOnly,
            [](Config& config, Value value) { config.kv.hostname = value.text(); },
            "what the key-value service calls this node; unique in a mesh"},
    Setting{"kv.port", "PORT", Type::number, "0", 0, 65'535, kStartupOnly,
            [](Config& config, Value value) { config.kv_port = value.number; },
            "port on 127.0.0.1 of a key-value listener; 0: none. A kv listener that listen names comes first"},
    Setting{"kv.mesh-url", "MESH_NETWORK_URL", Type::text, "", 0, 0, kStartupOnly,
            [](Config& config, Value value) { config.kv_mesh_url = value.text(); },
            "the mesh to join, by the URL of a node of it"},
};
// clang-format on

Error expected(const std::string& what) { return Error(ErrorCode::invalid, "expected " + what); }

std::string bounds(const Setting& setting) {
  const auto print = [&](std::uint64_t value) {
    if (setting.type == Type::bytes) return print_bytes(value);
    if (setting.type == Type::time) return print_time(std::chrono::milliseconds(value));
    return std::to_string(value);
  };
  return print(setting.least) + " to " + print(setting.most);
}

Status check_bounds(const Setting& setting, std::uint64_t value) {
  if (value >= setting.least && value <= setting.most) return ok();
  return expected(describe_type(setting));
}

// What is not a list.
Status parse_one(const Setting& setting, const std::string& text, Value& value) {
  switch (setting.type) {
    case Type::flag: {
      QUIRE_TRY(value.flag, parse_flag(text));
      return ok();
    }
    case Type::number: {
      QUIRE_TRY(value.number, parse_number(text));
      return check_bounds(setting, value.number);
    }
    case Type::bytes: {
      QUIRE_TRY(value.number, parse_bytes(text));
      return check_bounds(setting, value.number);
    }
    case Type::time: {
      QUIRE_TRY(value.time, parse_time(text));
      return check_bounds(setting, static_cast<std::uint64_t>(value.time.count()));
    }
    case Type::level:
      if (!parse_log_level(text)) return Error(ErrorCode::invalid, "debug, info, warning or error");
      return ok();
    default: return ok();
  }
}

}  // namespace

std::string Setting::flag_name() const {
  std::string out = "--" + std::string(name);
  for (char& c : out) c = c == '.' ? '-' : c;
  return out;
}

std::string Setting::variable_name() const {
  std::string out = "QUIRE_";
  for (const char c : name) {
    const bool between = c == '.' || c == '-';
    out.push_back(between ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c));
  }
  return out;
}

std::span<const Setting> settings() { return kSettings; }

const Setting* find_setting(std::string_view name) {
  for (const Setting& setting : kSettings) {
    if (setting.name == name) return &setting;
  }
  return nullptr;
}

Result<Value> parse_value(const Setting& setting, const std::vector<std::string>& texts) {
  Value value;
  value.texts = texts;
  if (setting.type == Type::listener) {
    for (const std::string& text : texts) {
      auto listener = parse_listener(text);
      if (!listener) return expected(listener.error().message());
      value.listeners.push_back(*std::move(listener));
    }
    if (texts.empty()) return expected("at least one [SURFACE=]ADDRESS:PORT");
    return value;
  }
  if (setting.type == Type::texts) return value;
  if (texts.size() != 1) return expected("one value");
  const Status parsed = parse_one(setting, texts.front(), value);
  if (parsed) return value;
  const std::string message = parsed.error().message();
  return message.starts_with("expected ") ? parsed.error() : expected(message);
}

std::string describe_type(const Setting& setting) {
  switch (setting.type) {
    case Type::text: return "a text";
    case Type::path: return "a path";
    case Type::listener: return "a list of listeners";
    case Type::texts: return "a list of texts";
    case Type::flag: return "true or false";
    case Type::number: return "a number, " + bounds(setting);
    case Type::bytes: return "bytes, " + bounds(setting);
    case Type::time: return "a time, " + bounds(setting);
    case Type::level: return "debug, info, warning or error";
  }
  return "a text";
}

std::string settings_reference() {
  std::string out =
      "# Settings\n\n"
      "Printed from the table of settings when Quire is built. All are read when the server starts. Those "
      "that are "
      "*fixed*\nname a path, a listener, a key, or who may do what: no request can ever change them.\n\n"
      "| in the file | flag | variable | is | default | fixed | what it does |\n"
      "| --- | --- | --- | --- | --- | --- | --- |\n";
  for (const Setting& setting : kSettings) {
    std::string variables = "`" + setting.variable_name() + "`";
    if (!setting.variable.empty()) variables += ", `" + std::string(setting.variable) + "`";
    const std::string standard =
        setting.standard.empty() ? std::string("none") : "`" + std::string(setting.standard) + "`";
    out += "| `" + std::string(setting.name) + "` | `" + setting.flag_name() + "` | " + variables + " | " +
           describe_type(setting) + " | " + standard + " | " + (setting.startup_only ? "yes" : "") + " | " +
           std::string(setting.summary) + " |\n";
  }
  return out;
}

}  // namespace quire::server
