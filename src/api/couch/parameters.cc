#include "api/couch/parameters.h"

#include <charconv>

#include "api/couch/error.h"
#include "api/tuning.h"
#include "document/json.h"

namespace quire::api::couch {

Result<Parameters> Parameters::parse(std::string_view query) {
  Parameters parameters;
  if (query.empty()) return parameters;
  QUIRE_TRY(parameters.all_, net::parse_query(query, tuning::kParameters));
  return parameters;
}

std::string_view Parameters::text(std::string_view name) const {
  const net::Parameter* const found = net::find_parameter(all_, name);
  return found == nullptr ? std::string_view() : std::string_view(found->value);
}

Result<bool> Parameters::flag(std::string_view name, bool otherwise) const {
  if (!has(name)) return otherwise;
  const std::string_view value = text(name);
  if (value == "true") return true;
  if (value == "false") return false;
  return bad_parameter(name, value);
}

Result<std::uint64_t> Parameters::number(std::string_view name, std::uint64_t otherwise) const {
  if (!has(name)) return otherwise;
  const std::string_view value = text(name);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (value.empty() || error != std::errc() || end != value.data() + value.size()) {
    return bad_parameter(name, value);
  }
  return number;
}

Result<std::optional<std::string>> Parameters::json(std::string_view name) const {
  if (!has(name)) return std::optional<std::string>();
  std::string minified;
  if (!document::minify(text(name), {}, minified)) {
    return bad_request("invalid JSON in the parameter " + std::string(name));
  }
  return std::optional(std::move(minified));
}

void Parameters::add(std::string_view name, std::string value) {
  if (!has(name)) all_.push_back({std::string(name), std::move(value)});
}

}  // namespace quire::api::couch
