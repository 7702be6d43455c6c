#include "net/address_counts.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

namespace quire::net {

AddressCounts::Key AddressCounts::key(const sockaddr_storage& address) {
  Key key{};
  if (address.ss_family == AF_INET) {
    in_addr bytes = reinterpret_cast<const sockaddr_in&>(address).sin_addr;
    key[0] = 4;
    std::memcpy(&key[1], &bytes, sizeof bytes);
    return key;
  }
  const in6_addr& bytes = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
  if (IN6_IS_ADDR_V4MAPPED(&bytes)) {
    key[0] = 4;
    std::memcpy(&key[1], &bytes.s6_addr[12], 4);
  } else {
    key[0] = 6;
    std::memcpy(&key[1], bytes.s6_addr, 8);
  }
  return key;
}

bool AddressCounts::add(const Key& key) {
  const std::lock_guard lock(mutex_);
  if (total_ >= most_) return false;
  std::size_t& count = counts_[key];
  if (count >= most_an_address_) return false;
  ++count;
  ++total_;
  return true;
}

void AddressCounts::remove(const Key& key) {
  const std::lock_guard lock(mutex_);
  --total_;
  const auto found = counts_.find(key);
  if (--found->second == 0) counts_.erase(found);
}

std::size_t AddressCounts::total() const {
  const std::lock_guard lock(mutex_);
  return total_;
}

}  // namespace quire::net
