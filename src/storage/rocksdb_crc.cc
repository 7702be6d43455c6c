#include <cstddef>
#include <cstdint>

#include "base/hash.h"

// RocksDB sums all that it logs by rocksdb::crc32c::Extend(). Debian builds it for any x86-64, without the
// instruction that makes this sum: it took a fourteenth of the work of taking documents in. Programs that
// take RocksDB in are linked so that its calls end here (CMakeLists.txt); the sum is the same.
namespace quire::storage {

// `init`: the sum of what stands before.
std::uint32_t extend_crc(std::uint32_t init, const char* data,
                         std::size_t bytes) asm("__wrap__ZN7rocksdb6crc32c6ExtendEjPKcm");

std::uint32_t extend_crc(std::uint32_t init, const char* data, std::size_t bytes) {
  return crc32c({data, bytes}, init);
}

}  // namespace quire::storage
