#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace quire {

// BLAKE2b (RFC 7693) of 16 or 32 bytes, fed piece by piece. One thread at a time.
class Blake2b {
 public:
  explicit Blake2b(std::size_t digest_bytes);
  Blake2b(const Blake2b&) = delete;
  Blake2b& operator=(const Blake2b&) = delete;

  void update(std::string_view bytes);
  // Writes digest_bytes bytes to `out`. Called once, last.
  void finish(char* out);

 private:
  alignas(64) std::array<unsigned char, 384> state_;
  std::size_t digest_bytes_;
};

// SHA-256 (FIPS 180-4), where others must be able to make the same digest.
std::array<char, 32> sha256(std::string_view bytes);

// SipHash-2-4 of 128 bits under a key that is random for each process: knows a short text again without
// keeping it, at a tenth of what SHA-256 takes. Nobody outside can make one. Never stored.
std::array<char, 16> process_mac(std::string_view bytes);

// A fast hash for tables in memory, keyed by a seed that is random for each process, so that nobody outside
// can choose colliding keys. Not stable across processes: never stored.
std::uint64_t table_hash(std::string_view bytes);
std::uint64_t table_hash(std::uint64_t value);

// CRC32C (Castagnoli), of RFC 3720; continues from `seed`.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed = 0);
// The same without the processor's instruction, which crc32c() uses where there is one.
std::uint32_t crc32c_portable(std::string_view bytes, std::uint32_t seed = 0);
// CRC-32 of ISO 3309, as gzip and PNG have it: for what other programs check.
std::uint32_t crc32(std::string_view bytes);

}  // namespace quire
