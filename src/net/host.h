#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quire::net {

// "name", "name:port", "1.2.3.4", "[::1]:port": the name without its port, an IPv6 address without its
// brackets. None where it is no such thing.
std::optional<std::string_view> host_name(std::string_view authority);

// The names that requests may be for. A page of another site can have its name resolve to this machine, and
// then call us from a browser here; its name in Host is how we know.
class HostNames {
 public:
  // Besides loopback's. "*": any.
  explicit HostNames(const std::vector<std::string>& names);
  bool has(std::string_view name) const;

 private:
  std::vector<std::string> names_;
  bool any_ = false;
};

}  // namespace quire::net
