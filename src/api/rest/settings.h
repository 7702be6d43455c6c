#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "document/value.h"

namespace quire::api::rest {

// The members of a small JSON object that sets whole numbers and flags: {"revisionLimit": 8, "history":
// false}.
class Settings {
 public:
  // An empty text is an empty object. Errors: invalid, for what is not one, for a member that is known as
  // neither and for a value of the other kind.
  static Result<Settings> parse(std::string_view text, std::span<const std::string_view> numbers,
                                std::span<const std::string_view> flags);

  std::optional<std::uint64_t> number(std::string_view name) const;
  std::optional<bool> flag(std::string_view name) const;

 private:
  Status take(std::string_view name, const document::Value& value, std::span<const std::string_view> numbers,
              std::span<const std::string_view> flags);

  std::vector<std::pair<std::string_view, bool>> flags_;
  std::vector<std::pair<std::string_view, std::uint64_t>> numbers_;
};

}  // namespace quire::api::rest
