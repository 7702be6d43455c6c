#include "base/hash.h"

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

#include <cstring>

#include "base/check.h"
#include "base/random.h"
#include "base/sodium.h"

namespace quire {

namespace {
crypto_generichash_blake2b_state* state_of(void* bytes) {
  return static_cast<crypto_generichash_blake2b_state*>(bytes);
}

std::uint64_t process_seed() {
  static const std::uint64_t seed = system_random().next_u64();
  return seed;
}

__extension__ using Uint128 = unsigned __int128;

// The 64x64 to 128 bit multiplication folded, as wyhash (Wang Yi, public domain) uses it.
std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  const auto product = static_cast<Uint128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}
}  // namespace

Blake2b::Blake2b(std::size_t digest_bytes) : digest_bytes_(digest_bytes) {
  start_sodium();
  static_assert(sizeof(crypto_generichash_blake2b_state) <= sizeof(state_));
  const int failed = crypto_generichash_blake2b_init(state_of(state_.data()), nullptr, 0, digest_bytes);
  QUIRE_CHECK(failed == 0, "BLAKE2b refused its digest length");
}

void Blake2b::update(std::string_view bytes) {
  crypto_generichash_blake2b_update(state_of(state_.data()),
                                    reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

void Blake2b::finish(char* out) {
  crypto_generichash_blake2b_final(state_of(state_.data()), reinterpret_cast<unsigned char*>(out),
                                   digest_bytes_);
}

std::array<char, 32> sha256(std::string_view bytes) {
  start_sodium();
  std::array<char, crypto_hash_sha256_BYTES> digest;
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(digest.data()),
                     reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  return digest;
}

std::array<char, 16> process_mac(std::string_view bytes) {
  static_assert(crypto_shorthash_siphashx24_BYTES == 16 && crypto_shorthash_siphashx24_KEYBYTES == 16);
  static const std::array<std::uint64_t, 2> key{system_random().next_u64(), system_random().next_u64()};
  std::array<char, 16> mac;
  crypto_shorthash_siphashx24(reinterpret_cast<unsigned char*>(mac.data()),
                              reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                              reinterpret_cast<const unsigned char*>(key.data()));
  return mac;
}

// Bit by bit: nobody asks for more than a few dozen bytes.
std::uint32_t crc32(std::string_view bytes) {
  constexpr std::uint32_t kPolynomial = 0xEDB88320;
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomial : 0);
  }
  return ~crc;
}

// The multipliers are constants and the seed only enters by XOR: a multiplier that depends on the seed is a
// bad one for some seeds (4096 numbers in steps of 2^20 then fall into 25 of 4096 slots).
constexpr std::uint64_t kFirst = 0x9E3779B97F4A7C15ULL;
constexpr std::uint64_t kMiddle = 0xA0761D6478BD642FULL;
constexpr std::uint64_t kLast = 0xE7037ED1A0B428DBULL;

std::uint64_t table_hash(std::uint64_t value) {
  const std::uint64_t seed = process_seed();
  return fold(fold(value ^ seed, kFirst) ^ seed, kLast);
}

std::uint64_t table_hash(std::string_view bytes) {
  const std::uint64_t seed = process_seed();
  // The length is mixed in by a multiplication of its own: combined with the first word by XOR alone, "a" and
  // "b\0" would collide under every seed.
  std::uint64_t state = fold(seed ^ bytes.size(), kFirst);
  while (bytes.size() > 8) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data(), 8);
    state = fold(state ^ word, kMiddle) ^ seed;
    bytes.remove_prefix(8);
  }
  std::uint64_t word = 0;
  if (!bytes.empty()) std::memcpy(&word, bytes.data(), bytes.size());
  return fold(fold(state ^ word, kMiddle) ^ seed, kLast);
}

namespace {

// What each value of a byte does to the remainder, by the reflected polynomial.
constexpr auto kCrcTable = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t value = 0; value < 256; ++value) {
    std::uint32_t crc = value;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (0x82F63B78U & (0U - (crc & 1)));
    table[value] = crc;
  }
  return table;
}();

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t crc32c_hardware(std::string_view bytes, std::uint32_t crc) {
  std::uint64_t state = crc;
  while (bytes.size() >= 8) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data(), 8);
    state = _mm_crc32_u64(state, word);
    bytes.remove_prefix(8);
  }
  auto narrow = static_cast<std::uint32_t>(state);
  for (const char c : bytes) narrow = _mm_crc32_u8(narrow, static_cast<unsigned char>(c));
  return narrow;
}
#endif

}  // namespace

std::uint32_t crc32c_portable(std::string_view bytes, std::uint32_t seed) {
  std::uint32_t crc = ~seed;
  for (const char c : bytes) crc = (crc >> 8) ^ kCrcTable[(crc ^ static_cast<unsigned char>(c)) & 0xFF];
  return ~crc;
}

std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2")) return ~crc32c_hardware(bytes, ~seed);
#endif
  return crc32c_portable(bytes, seed);
}

}  // namespace quire
