#include "api/rest/settings.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "document/arena.h"
#include "document/json.h"
#include "document/value.h"

namespace quire::api::rest {

Result<Settings> Settings::parse(std::string_view text, std::span<const std::string_view> known) {
  Settings settings;
  if (text.empty()) return settings;
  std::string minified;
  QUIRE_TRY_STATUS(document::minify(text, {}, minified));
  document::Arena arena;
  QUIRE_TRY(const document::Value value, document::Value::parse(arena, minified));
  if (!value.is_object()) return Error(ErrorCode::invalid, "settings are an object");
  std::string scratch;
  for (const auto& member : value.members()) {
    const std::string_view name = member.name.string(scratch);
    const auto at = std::find(known.begin(), known.end(), name);
    if (at == known.end()) {
      return Error(ErrorCode::invalid, "there is no setting '" + std::string(name) + "' here")
          .at(std::string(name));
    }
    std::uint64_t number = 0;
    const std::string_view digits =
        member.value.is_number() ? member.value.number_text() : std::string_view("none");
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc() || end != digits.data() + digits.size()) {
      return Error(ErrorCode::invalid, "the setting is a whole number").at(std::string(name));
    }
    settings.numbers_.emplace_back(*at, number);
  }
  return settings;
}

std::optional<std::uint64_t> Settings::number(std::string_view name) const {
  for (const auto& [known, value] : numbers_) {
    if (known == name) return value;
  }
  return std::nullopt;
}

}  // namespace quire::api::rest
