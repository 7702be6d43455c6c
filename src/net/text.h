#pragma once

#include <string_view>

// The small words that HTTP is made of.
namespace quire::net {

inline char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

inline bool same_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

inline bool is_decimal(char c) { return c >= '0' && c <= '9'; }

// The value of a hexadecimal digit, or -1.
inline int hex_value(char c) {
  if (is_decimal(c)) return c - '0';
  const char low = lower(c);
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

// RFC 9110's tchar: what methods and the names of fields are made of.
bool is_token_char(char c);
bool is_token(std::string_view text);

// What may stand as a target in a request line: a path, and perhaps a query.
bool is_target(std::string_view text);

// What may stand in a field's value: anything but control characters (a tab may), bytes from 0x80 on too.
bool is_field_value(std::string_view text);

}  // namespace quire::net
