#pragma once

#include <cstddef>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

// Finding one's way in JSON text that is known to be valid. Nothing here reads at or past `end`.
namespace quire::document {

// The first quote or backslash at or after `at`, or `end`.
inline const char* find_quote_or_backslash(const char* at, const char* end) {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  for (; end - at >= 16; at += 16) {
    const __m128i chunk = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const int hits =
        _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(chunk, quote), _mm_cmpeq_epi8(chunk, backslash)));
    if (hits != 0) return at + __builtin_ctz(static_cast<unsigned>(hits));
  }
#endif
  while (at < end && *at != '"' && *at != '\\') ++at;
  return at;
}

// `at` is just behind an opening quote; returns just behind the closing one, or null where there is none.
// `escaped` becomes true where the string holds a backslash.
inline const char* skip_string(const char* at, const char* end, bool& escaped) {
  for (;;) {
    at = find_quote_or_backslash(at, end);
    if (at == end) return nullptr;
    if (*at == '"') return at + 1;
    escaped = true;
    if (end - at < 2) return nullptr;
    at += 2;
  }
}

// The first quote, bracket or brace at or after `at`, or `end`.
inline const char* find_quote_or_bracket(const char* at, const char* end) {
  // '[' and ']' differ from '{' and '}' in the bit 0x20 only.
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i low = _mm_set1_epi8(0x20);
  const __m128i open = _mm_set1_epi8('{');
  const __m128i close = _mm_set1_epi8('}');
  for (; end - at >= 16; at += 16) {
    const __m128i chunk = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i lowered = _mm_or_si128(chunk, low);
    const __m128i brackets = _mm_or_si128(_mm_cmpeq_epi8(lowered, open), _mm_cmpeq_epi8(lowered, close));
    const int hits = _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(chunk, quote), brackets));
    if (hits != 0) return at + __builtin_ctz(static_cast<unsigned>(hits));
  }
#endif
  while (at < end && *at != '"' && (*at | 0x20) != '{' && (*at | 0x20) != '}') ++at;
  return at;
}

// `at` is at the start of a value in minified text; returns just behind it, or null where it does not end.
inline const char* skip_value(const char* at, const char* end) {
  bool escaped = false;
  if (at < end && *at == '"') return skip_string(at + 1, end, escaped);
  if (at < end && (*at | 0x20) != '{') {
    while (at < end && *at != ',' && (*at | 0x20) != '}') ++at;
    return at;
  }
  std::size_t depth = 0;
  for (;;) {
    at = find_quote_or_bracket(at, end);
    if (at == end) return nullptr;
    const char c = *at++;
    if (c == '"') {
      at = skip_string(at, end, escaped);
      if (at == nullptr) return nullptr;
    } else if ((c | 0x20) == '{') {
      ++depth;
    } else if (--depth == 0) {
      return at;
    }
  }
}

}  // namespace quire::document
