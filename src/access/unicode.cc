#include "access/unicode.h"

#include <unicode/bytestream.h>
#include <unicode/casemap.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/check.h"

namespace quire::access {

namespace {

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

icu::StringPiece piece(std::string_view text) {
  return {text.data(), static_cast<std::int32_t>(text.size())};
}

// The only error that a valid text can meet is a lack of memory, or of ICU's own data.
void must(UErrorCode code) { QUIRE_CHECK(U_SUCCESS(code), "ICU failed on a valid text"); }

std::string normalized(std::string_view utf8) {
  if (is_ascii(utf8)) return std::string(utf8);
  UErrorCode code = U_ZERO_ERROR;
  const icu::Normalizer2* const nfc = icu::Normalizer2::getNFCInstance(code);
  must(code);
  std::string out;
  out.reserve(utf8.size() + 16);
  icu::StringByteSink<std::string> sink(&out);
  nfc->normalizeUTF8(0, piece(utf8), sink, nullptr, code);
  must(code);
  return out;
}

bool ends_line(UChar32 c) { return c == 0x2028 || c == 0x2029; }

}  // namespace

Result<std::string> to_nfc(std::string_view text) {
  if (!valid_utf8(text)) return Error(ErrorCode::invalid, "the text is not UTF-8");
  return normalized(text);
}

std::string fold(std::string_view nfc) {
  std::string out;
  icu::StringByteSink<std::string> sink(&out);
  UErrorCode code = U_ZERO_ERROR;
  icu::CaseMap::utf8Fold(U_FOLD_CASE_DEFAULT, piece(nfc), sink, nullptr, code);
  must(code);
  return normalized(out);
}

bool has_control(std::string_view text) {
  const auto length = static_cast<std::int32_t>(text.size());
  for (std::int32_t at = 0; at < length;) {
    UChar32 c;
    U8_NEXT(text.data(), at, length, c);
    if (c < 0 || u_charType(c) == U_CONTROL_CHAR || ends_line(c)) return true;
  }
  return false;
}

bool has_outer_space(std::string_view text) {
  const auto length = static_cast<std::int32_t>(text.size());
  if (length == 0) return false;
  std::int32_t at = 0;
  UChar32 first;
  U8_NEXT(text.data(), at, length, first);
  at = length;
  UChar32 last;
  U8_PREV(text.data(), 0, at, last);
  return u_isUWhiteSpace(first) || u_isUWhiteSpace(last);
}

}  // namespace quire::access
