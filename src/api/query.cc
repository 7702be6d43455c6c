#include "api/query.h"

#include <algorithm>
#include <charconv>

#include "api/tuning.h"
#include "net/target.h"

namespace quire::api {

namespace {

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Status check_value(const Parameter& parameter, std::string_view value) {
  const std::string name(parameter.name);
  if (parameter.kind == Parameter::Kind::flag && value != "true" && value != "false") {
    return Error(ErrorCode::invalid, "the parameter '" + name + "' is true or false").at(name);
  }
  if (parameter.kind == Parameter::Kind::number && !parse_number(value)) {
    return Error(ErrorCode::invalid, "the parameter '" + name + "' is a whole number").at(name);
  }
  return ok();
}

}  // namespace

Result<Query> Query::parse(std::string_view text, std::span<const Parameter> known) {
  Query query;
  if (text.empty()) return query;
  QUIRE_TRY(auto given, net::parse_query(text, tuning::kParameters));
  for (auto& [name, value] : given) {
    const auto parameter = std::find_if(known.begin(), known.end(),
                                        [&name = name](const Parameter& one) { return one.name == name; });
    if (parameter == known.end()) {
      return Error(ErrorCode::invalid, "there is no parameter '" + name + "' here").at(name);
    }
    if (query.has(name))
      return Error(ErrorCode::invalid, "the parameter '" + name + "' stands twice").at(name);
    QUIRE_TRY_STATUS(check_value(*parameter, value));
    query.values_.emplace_back(parameter->name, std::move(value));
  }
  return query;
}

const std::string* Query::find(std::string_view name) const {
  for (const auto& [known, value] : values_) {
    if (known == name) return &value;
  }
  return nullptr;
}

std::string_view Query::text(std::string_view name) const {
  const std::string* const value = find(name);
  return value == nullptr ? std::string_view() : std::string_view(*value);
}

Result<std::uint64_t> Query::number(std::string_view name, std::uint64_t otherwise,
                                    std::uint64_t most) const {
  const std::string* const value = find(name);
  if (value == nullptr) return otherwise;
  const auto number = parse_number(*value);
  if (!number || *number > most) {
    return Error(ErrorCode::invalid,
                 "the parameter '" + std::string(name) + "' is a whole number up to " + std::to_string(most))
        .at(std::string(name))
        .over(most);
  }
  return *number;
}

}  // namespace quire::api
