#include "api/rest/settings.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "document/arena.h"
#include "document/json.h"
#include "document/value.h"

namespace quire::api::rest {

namespace {

template <class Kept, class T>
std::optional<T> look_up(const Kept& kept, std::string_view name) {
  const auto at = std::find_if(kept.begin(), kept.end(), [&](const auto& one) { return one.first == name; });
  return at == kept.end() ? std::nullopt : std::optional<T>(at->second);
}

}  // namespace

Result<Settings> Settings::parse(std::string_view text, std::span<const std::string_view> numbers,
                                 std::span<const std::string_view> flags) {
  Settings settings;
  if (text.empty()) return settings;
  std::string minified;
  QUIRE_TRY_STATUS(document::minify(text, {}, minified));
  document::Arena arena;
  QUIRE_TRY(const document::Value value, document::Value::parse(arena, minified));
  if (!value.is_object()) return Error(ErrorCode::invalid, "settings are an object");
  std::string scratch;
  for (const auto& member : value.members()) {
    QUIRE_TRY_STATUS(settings.take(member.name.string(scratch), member.value, numbers, flags));
  }
  return settings;
}

Status Settings::take(std::string_view name, const document::Value& value,
                      std::span<const std::string_view> numbers, std::span<const std::string_view> flags) {
  if (const auto at = std::find(flags.begin(), flags.end(), name); at != flags.end()) {
    if (!value.is_boolean())
      return Error(ErrorCode::invalid, "the setting is true or false").at(std::string(name));
    flags_.emplace_back(*at, value.as_boolean());
    return ok();
  }
  const auto at = std::find(numbers.begin(), numbers.end(), name);
  if (at == numbers.end()) {
    return Error(ErrorCode::invalid, "there is no setting '" + std::string(name) + "' here")
        .at(std::string(name));
  }
  std::uint64_t number = 0;
  const std::string_view digits = value.is_number() ? value.number_text() : std::string_view("none");
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) {
    return Error(ErrorCode::invalid, "the setting is a whole number").at(std::string(name));
  }
  numbers_.emplace_back(*at, number);
  return ok();
}

std::optional<std::uint64_t> Settings::number(std::string_view name) const {
  return look_up<decltype(numbers_), std::uint64_t>(numbers_, name);
}

std::optional<bool> Settings::flag(std::string_view name) const {
  return look_up<decltype(flags_), bool>(flags_, name);
}

}  // namespace quire::api::rest
