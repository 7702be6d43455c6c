// A byte is inside a string where the number of quotes before it is odd, of those that no backslash takes
// away: the exclusive or of all lower bits (Langdale and Lemire, "Parsing gigabytes of JSON per second",
// 2019). A backslash counts where it is the first, third, ... of its run.
#include "document/text_blocks.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace quire::document {

namespace {
// A scan waits for memory more than it works, and the processor's own prefetching ends at each page.
constexpr std::size_t kPrefetchBytes = 1024;

// Bits of the bytes that are such a character, wherever they stand.
struct Bytes {
  std::uint64_t quotes;
  std::uint64_t backslashes;
  std::uint64_t colons;
  std::uint64_t opens;
  std::uint64_t closes;
  std::uint64_t name_ends;
};

// The bytes behind a backslash that counts.
inline std::uint64_t escaped_bytes(std::uint64_t backslashes, BlockCarry& carry) {
  if (backslashes == 0) return std::exchange(carry.escaped, 0);
  carry.backslashes = 1;
  constexpr std::uint64_t kEven = 0x5555555555555555;
  backslashes &= ~carry.escaped;
  const std::uint64_t follow = backslashes << 1 | carry.escaped;
  // Runs that begin at an odd place end, by the carry of the sum, where those that begin at an even one do
  // not.
  const std::uint64_t odd_starts = backslashes & ~kEven & ~follow;
  std::uint64_t ends = 0;
  carry.escaped = __builtin_add_overflow(odd_starts, backslashes, &ends) ? 1 : 0;
  return (kEven ^ (ends << 1)) & follow;
}

// The bytes that have the end of a wanted name two places before them: between stands its quote.
inline std::uint64_t behind_names(std::uint64_t name_ends, bool all, BlockCarry& carry) {
  const std::uint64_t behind = name_ends << 2 | carry.name_ends;
  carry.name_ends = name_ends >> 62;
  return all || carry.backslashes != 0 ? ~std::uint64_t{0} : behind;
}

// `inside` is what prefix_xor() made of the quotes that count.
inline TextBlock outside_strings(const Bytes& bytes, std::uint64_t inside, std::uint64_t behind_names,
                                 BlockCarry& carry) {
  inside ^= carry.in_string;
  carry.in_string = static_cast<std::uint64_t>(static_cast<std::int64_t>(inside) >> 63);
  return {bytes.colons & ~inside & behind_names, bytes.opens & ~inside, bytes.closes & ~inside};
}

#if defined(__x86_64__)
#define QUIRE_AVX2 gnu::target("avx2,bmi,pclmul")
#define QUIRE_AVX512 gnu::target("avx512f,avx512bw,avx2,bmi,pclmul")

[[QUIRE_AVX2]] inline std::uint64_t prefix_xor(std::uint64_t bits) {
  const __m128i ones = _mm_set1_epi8(-1);
  const __m128i product = _mm_clmulepi64_si128(_mm_cvtsi64_si128(static_cast<long long>(bits)), ones, 0);
  return static_cast<std::uint64_t>(_mm_cvtsi128_si64(product));
}

[[QUIRE_AVX2]] inline std::uint64_t bits_of(__m256i low, __m256i high) {
  const auto first = static_cast<std::uint32_t>(_mm256_movemask_epi8(low));
  const auto second = static_cast<std::uint32_t>(_mm256_movemask_epi8(high));
  return static_cast<std::uint64_t>(second) << 32 | first;
}

[[QUIRE_AVX2]] inline Bytes look_avx2(const char* at, std::span<const char> ends) {
  const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
  const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at + 32));
  // '[' and ']' differ from '{' and '}' in the bit 0x20 only.
  const __m256i bit = _mm256_set1_epi8(0x20);
  const __m256i low_braces = _mm256_or_si256(low, bit);
  const __m256i high_braces = _mm256_or_si256(high, bit);
  const __m256i quote = _mm256_set1_epi8('"');
  const __m256i backslash = _mm256_set1_epi8('\\');
  const __m256i colon = _mm256_set1_epi8(':');
  const __m256i open = _mm256_set1_epi8('{');
  const __m256i close = _mm256_set1_epi8('}');
  std::uint64_t name_ends = 0;
  for (const char end : ends) {
    const __m256i byte = _mm256_set1_epi8(end);
    name_ends |= bits_of(_mm256_cmpeq_epi8(low, byte), _mm256_cmpeq_epi8(high, byte));
  }
  return {bits_of(_mm256_cmpeq_epi8(low, quote), _mm256_cmpeq_epi8(high, quote)),
          bits_of(_mm256_cmpeq_epi8(low, backslash), _mm256_cmpeq_epi8(high, backslash)),
          bits_of(_mm256_cmpeq_epi8(low, colon), _mm256_cmpeq_epi8(high, colon)),
          bits_of(_mm256_cmpeq_epi8(low_braces, open), _mm256_cmpeq_epi8(high_braces, open)),
          bits_of(_mm256_cmpeq_epi8(low_braces, close), _mm256_cmpeq_epi8(high_braces, close)),
          name_ends};
}

[[QUIRE_AVX2]] void blocks_avx2(const char* at, std::size_t blocks, std::span<const char> ends,
                                BlockCarry& carry, TextBlock* out) {
  for (; blocks > 0; --blocks, at += BlockReader::kBlockBytes, ++out) {
    prefetch(at, kPrefetchBytes);
    const Bytes bytes = look_avx2(at, ends);
    const std::uint64_t escaped = escaped_bytes(bytes.backslashes, carry);
    const std::uint64_t behind = behind_names(bytes.name_ends, ends.empty(), carry);
    *out = outside_strings(bytes, prefix_xor(bytes.quotes & ~escaped), behind, carry);
  }
}

[[QUIRE_AVX512]] void blocks_avx512(const char* at, std::size_t blocks, std::span<const char> ends,
                                    BlockCarry& carry, TextBlock* out) {
  for (; blocks > 0; --blocks, at += BlockReader::kBlockBytes, ++out) {
    prefetch(at, kPrefetchBytes);
    const __m512i text = _mm512_loadu_si512(at);
    const __m512i braces = _mm512_or_si512(text, _mm512_set1_epi8(0x20));
    std::uint64_t name_ends = 0;
    for (const char end : ends) name_ends |= _mm512_cmpeq_epi8_mask(text, _mm512_set1_epi8(end));
    const Bytes bytes = {_mm512_cmpeq_epi8_mask(text, _mm512_set1_epi8('"')),
                         _mm512_cmpeq_epi8_mask(text, _mm512_set1_epi8('\\')),
                         _mm512_cmpeq_epi8_mask(text, _mm512_set1_epi8(':')),
                         _mm512_cmpeq_epi8_mask(braces, _mm512_set1_epi8('{')),
                         _mm512_cmpeq_epi8_mask(braces, _mm512_set1_epi8('}')),
                         name_ends};
    const std::uint64_t escaped = escaped_bytes(bytes.backslashes, carry);
    const std::uint64_t behind = behind_names(bytes.name_ends, ends.empty(), carry);
    *out = outside_strings(bytes, prefix_xor(bytes.quotes & ~escaped), behind, carry);
  }
}
#endif

std::uint64_t prefix_xor_plain(std::uint64_t bits) {
  for (int shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
  return bits;
}

#if defined(__SSE2__)
Bytes look_plain(const char* at, std::span<const char> ends) {
  Bytes bytes{};
  for (std::size_t i = 0; i < BlockReader::kBlockBytes; i += 16) {
    const __m128i text = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + i));
    const __m128i braces = _mm_or_si128(text, _mm_set1_epi8(0x20));
    const auto equal = [i](__m128i chunk, char c) {
      const int hits = _mm_movemask_epi8(_mm_cmpeq_epi8(chunk, _mm_set1_epi8(c)));
      return static_cast<std::uint64_t>(hits) << i;
    };
    bytes.quotes |= equal(text, '"');
    bytes.backslashes |= equal(text, '\\');
    bytes.colons |= equal(text, ':');
    bytes.opens |= equal(braces, '{');
    bytes.closes |= equal(braces, '}');
    for (const char end : ends) bytes.name_ends |= equal(text, end);
  }
  return bytes;
}
#else
Bytes look_plain(const char* at, std::span<const char> ends) {
  Bytes bytes{};
  for (std::size_t i = 0; i < BlockReader::kBlockBytes; ++i) {
    const char c = at[i];
    bytes.quotes |= std::uint64_t{c == '"'} << i;
    bytes.backslashes |= std::uint64_t{c == '\\'} << i;
    bytes.colons |= std::uint64_t{c == ':'} << i;
    bytes.opens |= std::uint64_t{(c | 0x20) == '{'} << i;
    bytes.closes |= std::uint64_t{(c | 0x20) == '}'} << i;
    for (const char end : ends) bytes.name_ends |= std::uint64_t{c == end} << i;
  }
  return bytes;
}
#endif

void blocks_plain(const char* at, std::size_t blocks, std::span<const char> ends, BlockCarry& carry,
                  TextBlock* out) {
  for (; blocks > 0; --blocks, at += BlockReader::kBlockBytes, ++out) {
    const Bytes bytes = look_plain(at, ends);
    const std::uint64_t escaped = escaped_bytes(bytes.backslashes, carry);
    const std::uint64_t behind = behind_names(bytes.name_ends, ends.empty(), carry);
    *out = outside_strings(bytes, prefix_xor_plain(bytes.quotes & ~escaped), behind, carry);
  }
}

#if defined(__x86_64__)
constexpr std::array kKernels = {BlockKernel{"avx512", blocks_avx512}, BlockKernel{"avx2", blocks_avx2},
                                 BlockKernel{"plain", blocks_plain}};
#else
constexpr std::array kKernels = {BlockKernel{"plain", blocks_plain}};
#endif

std::size_t first_that_runs() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool avx2 =
      __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("pclmul");
  if (!avx2) return 2;
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") ? 0 : 1;
#else
  return 0;
#endif
}

const auto kFastest = kKernels[first_that_runs()].read;
}  // namespace

std::span<const BlockKernel> block_kernels() { return std::span(kKernels).subspan(first_that_runs()); }

std::size_t BlockReader::read(std::span<TextBlock> blocks) {
  const std::size_t whole = std::min(blocks.size(), left_ / kBlockBytes);
  if (whole > 0) {
    kFastest(at_, whole, ends_, carry_, blocks.data());
    at_ += whole * kBlockBytes;
    left_ -= whole * kBlockBytes;
  }
  if (whole == blocks.size() || left_ == 0) return whole;
  char last[kBlockBytes];
  std::memset(last, ' ', sizeof last);
  std::memcpy(last, at_, left_);
  kFastest(last, 1, ends_, carry_, &blocks[whole]);
  left_ = 0;
  return whole + 1;
}

}  // namespace quire::document
