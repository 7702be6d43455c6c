#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/target.h"

namespace quire::api::couch {

// The parameters of a request. As the protocol has it, those that nobody knows are ignored: clients send such
// to get around caches. Where one stands twice the first counts.
class Parameters {
 public:
  // Errors: invalid.
  static Result<Parameters> parse(std::string_view query);

  bool has(std::string_view name) const { return net::find_parameter(all_, name) != nullptr; }
  // Empty where it was not given.
  std::string_view text(std::string_view name) const;
  // False where it was not given. Errors: query_parse_error.
  Result<bool> flag(std::string_view name, bool otherwise = false) const;
  // Errors: query_parse_error, for what is no whole number from 0 on.
  Result<std::uint64_t> number(std::string_view name, std::uint64_t otherwise) const;
  // The JSON of a parameter, checked and minified; nullopt where it was not given. Errors: bad_request.
  Result<std::optional<std::string>> json(std::string_view name) const;

  // Takes what stands in the members of a body's object in place of parameters that were not given.
  void add(std::string_view name, std::string value);

 private:
  std::vector<net::Parameter> all_;
};

}  // namespace quire::api::couch
