#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/route.h"
#include "base/result.h"

namespace quire::api {

// Calls `take(name, value)` with each parameter of a query, still encoded, until it answers false.
template <class Take>
void each_parameter(std::string_view query, const Take& take) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(pair.size() == query.size() ? pair.size() : pair.size() + 1);
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    if (!take(pair.substr(0, equals), value)) return;
  }
}

// The parameters of a request, decoded and checked against those that its route knows. Each stands once.
class Query {
 public:
  // Errors: invalid, the field being the parameter's name: one that is not known or stands twice, a flag that
  // is not "true" or "false", a number that is none, or malformed encoding.
  static Result<Query> parse(std::string_view text, std::span<const Parameter> known);

  // Empty where it was not given.
  std::string_view text(std::string_view name) const;
  bool has(std::string_view name) const { return find(name) != nullptr; }
  bool flag(std::string_view name) const { return text(name) == "true"; }
  // `otherwise` where it was not given. Errors: invalid, beyond `most`.
  Result<std::uint64_t> number(std::string_view name, std::uint64_t otherwise, std::uint64_t most) const;

 private:
  const std::string* find(std::string_view name) const;

  std::vector<std::pair<std::string_view, std::string>> values_;
};

}  // namespace quire::api
