#include "net/address_rule.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace quire::net {

namespace {

constexpr unsigned kBits = 128;
constexpr unsigned kMappedBits = 96;

// Ranges that are not public, from the registries of special-purpose addresses (RFC 6890 and its updates).
constexpr std::string_view kNotPublic[] = {
    "0.0.0.0/8",     "10.0.0.0/8",      "100.64.0.0/10",  "127.0.0.0/8",    "169.254.0.0/16",
    "172.16.0.0/12", "192.0.0.0/24",    "192.0.2.0/24",   "192.88.99.0/24", "192.168.0.0/16",
    "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",    "240.0.0.0/4",
    "::/96",         "64:ff9b:1::/48",  "100::/64",       "2001::/23",      "2001:db8::/32",
    "fc00::/7",      "fe80::/10",       "fec0::/10",      "ff00::/8",
};

const std::vector<AddressRange>& not_public() {
  static const std::vector<AddressRange> kRanges = [] {
    std::vector<AddressRange> ranges;
    for (const std::string_view text : kNotPublic) ranges.push_back(*AddressRange::parse(text));
    return ranges;
  }();
  return kRanges;
}

AddressBytes mapped(const std::uint8_t* four) {
  AddressBytes bytes{};
  bytes[10] = bytes[11] = 0xFF;
  std::copy(four, four + 4, bytes.begin() + 12);
  return bytes;
}

// The address of IPv4 that a translator would reach for this one: NAT64 (RFC 6052) and 6to4 (RFC 3056).
std::optional<AddressBytes> translated(const AddressBytes& address) {
  static const AddressRange kNat64 = *AddressRange::parse("64:ff9b::/96");
  static const AddressRange kSixToFour = *AddressRange::parse("2002::/16");
  if (kNat64.has(address)) return mapped(address.data() + 12);
  if (kSixToFour.has(address)) return mapped(address.data() + 2);
  return std::nullopt;
}

}  // namespace

std::optional<AddressBytes> address_bytes(std::string_view text) {
  const std::string whole(text);
  std::uint8_t four[4];
  if (::inet_pton(AF_INET, whole.c_str(), four) == 1) return mapped(four);
  AddressBytes bytes;
  if (::inet_pton(AF_INET6, whole.c_str(), bytes.data()) == 1) return bytes;
  return std::nullopt;
}

Result<AddressRange> AddressRange::parse(std::string_view text) {
  const auto bad = [] { return Error(ErrorCode::invalid, "this is no range of addresses (10.0.0.0/8)"); };
  const std::size_t slash = text.find('/');
  const auto first = address_bytes(text.substr(0, slash));
  if (!first) return bad();
  const bool four = text.find(':') == std::string_view::npos;
  AddressRange range{*first, kBits};
  if (slash == std::string_view::npos) return range;
  const std::string_view digits = text.substr(slash + 1);
  unsigned bits = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (problem != std::errc() || end != digits.data() + digits.size()) return bad();
  if (bits > (four ? kBits - kMappedBits : kBits)) return bad();
  range.bits = bits + (four ? kMappedBits : 0);
  return range;
}

bool AddressRange::has(const AddressBytes& address) const {
  const unsigned whole = bits / 8;
  if (!std::equal(address.begin(), address.begin() + whole, first.begin())) return false;
  const unsigned rest = bits % 8;
  if (rest == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xFF << (8 - rest));
  return ((address[whole] ^ first[whole]) & mask) == 0;
}

bool AddressRule::allows(const AddressBytes& address) const {
  const auto in = [&](const std::vector<AddressRange>& ranges) {
    return std::any_of(ranges.begin(), ranges.end(), [&](const auto& range) { return range.has(address); });
  };
  if (in(listed_)) return true;
  if (in(not_public())) return false;
  const auto other = translated(address);
  return !other || allows(*other);
}

}  // namespace quire::net
