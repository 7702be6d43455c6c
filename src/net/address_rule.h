#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace quire::net {

// An address of the Internet as sixteen bytes; one of IPv4 stands in ::ffff:0:0/96.
using AddressBytes = std::array<std::uint8_t, 16>;

// "10.0.0.0/8", "fd00::/8", or a single address.
struct AddressRange {
  AddressBytes first{};
  unsigned bits = 0;

  // Errors: invalid.
  static Result<AddressRange> parse(std::string_view text);
  bool has(const AddressBytes& address) const;
};

// Which addresses a connection that somebody else asked for may reach: what is public, and what an operator
// listed. What is this machine's, its network's, a cloud's metadata or nobody's is refused, also where it
// hides in an address of IPv6 that translates to IPv4. A value.
class AddressRule {
 public:
  AddressRule() = default;
  explicit AddressRule(std::vector<AddressRange> listed) : listed_(std::move(listed)) {}
  bool allows(const AddressBytes& address) const;

 private:
  std::vector<AddressRange> listed_;
};

// The bytes of an address in text, without a scope; none for anything else.
std::optional<AddressBytes> address_bytes(std::string_view text);

}  // namespace quire::net
