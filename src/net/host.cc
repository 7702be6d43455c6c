#include "net/host.h"

#include <algorithm>

#include "net/text.h"

namespace quire::net {

namespace {

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_decimal(c) || c == '-' || c == '.' ||
         c == '_';
}
bool is_address_char(char c) { return hex_value(c) >= 0 || c == ':' || c == '.'; }

bool is_port(std::string_view text) {
  return text.size() <= 5 && std::all_of(text.begin(), text.end(), is_decimal);
}

// 127.0.0.0/8 is loopback, all of it.
bool is_loopback_address(std::string_view name) {
  constexpr std::string_view kPrefix = "127.";
  if (!name.starts_with(kPrefix)) return false;
  return std::all_of(name.begin(), name.end(), [](char c) { return is_decimal(c) || c == '.'; });
}

}  // namespace

std::optional<std::string_view> host_name(std::string_view authority) {
  const bool bracketed = authority.starts_with('[');
  const std::size_t end = bracketed ? authority.find(']') : std::min(authority.find(':'), authority.size());
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view name = bracketed ? authority.substr(1, end - 1) : authority.substr(0, end);
  const std::string_view rest = authority.substr(bracketed ? end + 1 : end);
  const bool good =
      !name.empty() && std::all_of(name.begin(), name.end(), bracketed ? is_address_char : is_name_char);
  const bool good_rest = rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)));
  if (!good || !good_rest) return std::nullopt;
  return name;
}

HostNames::HostNames(const std::vector<std::string>& names) : names_(names) {
  any_ = std::find(names_.begin(), names_.end(), "*") != names_.end();
}

bool HostNames::has(std::string_view name) const {
  if (any_ || is_loopback_address(name) || name == "::1" || same_ignoring_case(name, "localhost"))
    return true;
  return std::any_of(names_.begin(), names_.end(),
                     [name](const std::string& known) { return same_ignoring_case(known, name); });
}

}  // namespace quire::net
