#include "document/json_scalar.h"

#include <array>

namespace quire::document {

namespace {
constexpr std::size_t kMostDigits = 18;

__extension__ typedef __int128 Wide;  // NOLINT(modernize-use-using): an alias cannot be marked so

constexpr auto kPowersOfTen = [] {
  std::array<std::int64_t, kMostDigits + 1> powers{};
  powers[0] = 1;
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();
}  // namespace

std::optional<ShortDecimal> ShortDecimal::read(std::string_view text) {
  ShortDecimal number;
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.empty() || text.size() > kMostDigits) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digit = static_cast<unsigned>(text[i] - '0');
    if (digit <= 9) {
      number.digits = number.digits * 10 + digit;
    } else if (text[i] == '.') {
      number.scale = static_cast<std::uint32_t>(text.size() - 1 - i);
    } else {
      return std::nullopt;
    }
  }
  if (negative) number.digits = -number.digits;
  return number;
}

std::weak_ordering operator<=>(const ShortDecimal& left, const ShortDecimal& right) {
  if (left.scale == right.scale) return left.digits <=> right.digits;
  // 10^18 times 10^18 fits 128 bits.
  const bool left_is_wider = left.scale > right.scale;
  const Wide a =
      static_cast<Wide>(left.digits) * (left_is_wider ? 1 : kPowersOfTen[right.scale - left.scale]);
  const Wide b =
      static_cast<Wide>(right.digits) * (left_is_wider ? kPowersOfTen[left.scale - right.scale] : 1);
  return a <=> b;
}

JsonScalar JsonScalar::read(std::string_view text, bool escaped) {
  JsonScalar scalar;
  scalar.simple = true;
  switch (text[0]) {
    case '"':
      scalar.type = Type::string;
      scalar.simple = !escaped;
      scalar.string = text.substr(1, text.size() - 2);
      break;
    case 'n': break;
    case 't':
    case 'f':
      scalar.type = Type::boolean;
      scalar.boolean = text[0] == 't';
      break;
    default:
      scalar.type = Type::number;
      if (const auto number = ShortDecimal::read(text)) {
        scalar.number = *number;
      } else {
        scalar.simple = false;
      }
  }
  return scalar;
}

JsonScalar JsonScalar::of(const TypedValue& value) {
  JsonScalar scalar;
  scalar.type = value.type();
  scalar.simple = true;
  switch (value.type()) {
    case Type::null: break;
    case Type::boolean: scalar.boolean = value.value().as_boolean(); break;
    case Type::string: scalar.string = value.string(); break;
    case Type::number:
      if (const auto number = ShortDecimal::read(value.number_text())) {
        scalar.number = *number;
        break;
      }
      [[fallthrough]];
    default: scalar.simple = false;
  }
  return scalar;
}

std::weak_ordering compare(const JsonScalar& left, const JsonScalar& right) {
  if (left.type != right.type) return left.type <=> right.type;
  switch (left.type) {
    case Type::boolean: return left.boolean <=> right.boolean;
    case Type::number: return left.number <=> right.number;
    case Type::string: return left.string.compare(right.string) <=> 0;
    default: return std::weak_ordering::equivalent;
  }
}

}  // namespace quire::document
