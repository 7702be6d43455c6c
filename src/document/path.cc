#include "document/path.h"

#include <algorithm>
#include <charconv>

#include "document/extended_json.h"

namespace quire::document {

PathStep::PathStep(std::string_view text) : name(text) {
  std::uint32_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
  if (whole && (text.size() == 1 || text[0] != '0')) index = number;
}

std::strong_ordering operator<=>(const PathStep& left, const PathStep& right) {
  if (left.index && right.index) return *left.index <=> *right.index;
  if (left.index.has_value() != right.index.has_value()) {
    return left.index ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  return left.name <=> right.name;
}

Result<Path> Path::parse(std::string_view text, std::size_t most_steps) {
  Path path;
  for (;;) {
    const std::size_t dot = text.find('.');
    if (path.steps_.size() == most_steps) {
      return Error(ErrorCode::too_large, "a path has at most " + std::to_string(most_steps) + " steps")
          .over(most_steps);
    }
    path.steps_.emplace_back(text.substr(0, dot));
    if (dot == std::string_view::npos) return path;
    text.remove_prefix(dot + 1);
  }
}

std::string Path::text() const {
  std::string text;
  for (const PathStep& step : steps_) {
    if (&step != steps_.data()) text += '.';
    text += step.name;
  }
  return text;
}

bool Path::is_prefix_of(const Path& other) const {
  return steps_.size() <= other.steps_.size() &&
         std::equal(steps_.begin(), steps_.end(), other.steps_.begin());
}

bool is_plain_object(const Value& value) {
  if (!value.is_object()) return false;
  if (value.size() != 1) return true;
  const std::string_view name = value.members()[0].name.raw_string();
  if (name.empty() || (name[0] != '$' && name[0] != '\\')) return true;
  return !TypedValue(value).is_special();
}

}  // namespace quire::document
