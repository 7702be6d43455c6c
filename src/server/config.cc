#include "server/config.h"

#include <algorithm>

#include "net/address_rule.h"
#include "server/settings.h"

namespace quire::server {

namespace {

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    std::string_view part = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    if (!part.empty()) parts.emplace_back(part);
  }
  return parts;
}

Status put(Config& config, const Setting& setting, const std::vector<std::string>& texts,
           const std::string& origin) {
  auto value = parse_value(setting, texts);
  if (!value) return Error(ErrorCode::invalid, origin + ": " + value.error().message());
  setting.put(config, *std::move(value));
  return ok();
}

// A variable holds a list with commas between.
Status put_variable(Config& config, const Setting& setting, const std::string& variable, const char* text) {
  if (text == nullptr || *text == '\0') return ok();
  return put(config, setting, setting.is_list() ? split(text) : std::vector<std::string>{text},
             "$" + variable);
}

// As browsers write one down, so that it can be compared.
Status check_origin(const std::string& origin) {
  const std::size_t scheme = origin.starts_with("https://") ? 8 : origin.starts_with("http://") ? 7 : 0;
  const bool host =
      scheme != 0 && origin.size() > scheme && origin.find_first_of("/?#*@ ", scheme) == std::string::npos;
  const bool small = std::none_of(origin.begin(), origin.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  if (host && small) return ok();
  return Error(ErrorCode::invalid, "origins: expected https://HOST or http://HOST:PORT, in small letters");
}

}  // namespace

ConfigBuilder::ConfigBuilder() {
  for (const Setting& setting : settings()) {
    std::vector<std::string> texts;
    if (!setting.is_list() || !setting.standard.empty()) texts.emplace_back(setting.standard);
    const Status status = put(config_, setting, texts, std::string(setting.name));
    QUIRE_CHECK(status.has_value(), "a setting's default is a value of its type");
  }
}

Status ConfigBuilder::take_environment(const std::function<const char*(const char*)>& get) {
  for (const Setting& setting : settings()) {
    if (!setting.variable.empty()) {
      const std::string name(setting.variable);
      QUIRE_TRY_STATUS(put_variable(config_, setting, name, get(name.c_str())));
    }
    const std::string name = setting.variable_name();
    QUIRE_TRY_STATUS(put_variable(config_, setting, name, get(name.c_str())));
  }
  return ok();
}

Status ConfigBuilder::take_flag(std::string_view name, const std::vector<std::string>& values) {
  const Setting* const setting = find_setting(name);
  QUIRE_CHECK(setting != nullptr, "a flag is made of a setting");
  return put(config_, *setting, values, setting->flag_name());
}

Result<Config> ConfigBuilder::finish() {
  Config config = config_;
  if (config.tls_certificate.empty() != config.tls_key.empty()) {
    return Error(ErrorCode::invalid, "tls.certificate and tls.key are given together");
  }
  for (const std::string& origin : config.origins) {
    QUIRE_TRY_STATUS(check_origin(origin));
  }
  for (const std::string& network : config.replication_networks) {
    if (!net::AddressRange::parse(network)) {
      return Error(ErrorCode::invalid, "replication.networks: expected an address or a range, as 10.0.0.0/8");
    }
  }
  if (config.data.empty()) return Error(ErrorCode::invalid, "data: expected a path");
  const bool has_kv = std::any_of(config.listeners.begin(), config.listeners.end(),
                                  [](const Listener& one) { return one.root == api::Surface::kv; });
  if (config.kv_port != 0 && !has_kv) {
    config.listeners.push_back({.root = api::Surface::kv,
                                .address = "127.0.0.1",
                                .port = static_cast<std::uint16_t>(config.kv_port)});
  }
  for (std::size_t i = 0; i < config.listeners.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      const Listener& one = config.listeners[i];
      if (one.port == 0 || one.address != config.listeners[k].address || one.port != config.listeners[k].port)
        continue;
      return Error(ErrorCode::invalid, "listen: " + one.authority(one.port) + " is named twice");
    }
  }
  return config;
}

}  // namespace quire::server
