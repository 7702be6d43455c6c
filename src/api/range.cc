#include "api/range.h"

#include <algorithm>
#include <charconv>

namespace quire::api {

namespace {

// Digits only; a number that does not fit is as good as the largest.
std::optional<std::uint64_t> digits(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || end != text.data() + text.size()) return std::nullopt;
  return error == std::errc::result_out_of_range ? ~std::uint64_t{0} : value;
}

Range part(std::uint64_t offset, std::uint64_t length) { return {Range::Kind::part, offset, length}; }

}  // namespace

Range parse_range(std::string_view field, std::uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  if (!field.starts_with(kUnit)) return {};
  field.remove_prefix(kUnit.size());
  const std::size_t dash = field.find('-');
  if (dash == std::string_view::npos || field.find(',') != std::string_view::npos) return {};
  const std::string_view first = field.substr(0, dash);
  const std::string_view last = field.substr(dash + 1);
  if (first.empty()) {
    const auto suffix = digits(last);
    if (!suffix) return {};
    if (*suffix == 0 || size == 0) return {Range::Kind::unsatisfiable, 0, 0};
    const std::uint64_t length = std::min(*suffix, size);
    return part(size - length, length);
  }
  const auto from = digits(first);
  const auto to = last.empty() ? std::optional(~std::uint64_t{0}) : digits(last);
  if (!from || !to || *to < *from) return {};
  if (*from >= size) return {Range::Kind::unsatisfiable, 0, 0};
  return part(*from, std::min(*to, size - 1) - *from + 1);
}

bool names_tag(std::string_view field, std::string_view tag) {
  if (field == "*") return true;
  for (std::size_t at = field.find(tag); at != std::string_view::npos; at = field.find(tag, at + 1)) {
    const std::size_t end = at + tag.size();
    const bool begins = at == 0 || field[at - 1] == ' ' || field[at - 1] == ',' || field[at - 1] == '/';
    if (begins && (end == field.size() || field[end] == ',' || field[end] == ' ')) return true;
  }
  return false;
}

}  // namespace quire::api
