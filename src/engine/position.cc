#include "engine/position.h"

#include <charconv>
#include <optional>

namespace quire::engine {

namespace {

// Digits without leading zeros.
std::optional<std::uint64_t> parse_number(std::string_view text) {
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string to_string(const Position& position) {
  if (position.sequence == 0) return "0";
  return std::to_string(position.sequence) + "-" + std::to_string(position.incarnation);
}

Result<Position> parse_position(std::string_view text) {
  const auto dash = text.find('-');
  const auto sequence = parse_number(text.substr(0, dash));
  const auto incarnation =
      dash == std::string_view::npos ? std::optional<std::uint64_t>(1) : parse_number(text.substr(dash + 1));
  if (!sequence || !incarnation || *incarnation == 0 || (*sequence == 0 && dash != std::string_view::npos)) {
    return Error(ErrorCode::invalid, "a position reads SEQUENCE-INCARNATION, as the feed gave it out, or 0")
        .at("since");
  }
  if (*sequence == 0) return Position{};
  return Position{.incarnation = *incarnation, .sequence = *sequence};
}

}  // namespace quire::engine
