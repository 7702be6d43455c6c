#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace quire::api::rest {

// The members of a small JSON object that sets whole numbers: {"revisionLimit": 8}.
class Settings {
 public:
  // An empty text is an empty object. Errors: invalid, for what is not one, for a member that is not among
  // `known` and for a value that is not a whole number.
  static Result<Settings> parse(std::string_view text, std::span<const std::string_view> known);

  std::optional<std::uint64_t> number(std::string_view name) const;

 private:
  std::vector<std::pair<std::string_view, std::uint64_t>> numbers_;
};

}  // namespace quire::api::rest
