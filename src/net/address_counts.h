#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <mutex>

struct sockaddr_storage;

namespace quire::net {

// How many connections there are, in all and of each address. An IPv6 client counts as its network of 64
// bits, which is what one customer gets. Thread-safe.
class AddressCounts {
 public:
  // What is counted as one client; ordered, because clients choose it.
  using Key = std::array<unsigned char, 9>;
  static Key key(const sockaddr_storage& address);

  AddressCounts(std::size_t most, std::size_t most_an_address)
      : most_(most), most_an_address_(most_an_address) {}

  // False, and nothing is counted, where a limit is reached.
  bool add(const Key& key);
  void remove(const Key& key);
  std::size_t total() const;

 private:
  const std::size_t most_;
  const std::size_t most_an_address_;
  mutable std::mutex mutex_;
  std::size_t total_ = 0;              // guarded by mutex_
  std::map<Key, std::size_t> counts_;  // guarded by mutex_
};

}  // namespace quire::net
