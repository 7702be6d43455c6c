#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace quire::document {

// What is wrong with a JSON text, and the byte offset where. `limit` is not 0 where a limit was passed.
struct JsonFault {
  const char* what = nullptr;
  std::size_t offset = 0;
  std::uint64_t limit = 0;
};

// The path of the value that holds the byte at `offset`, as "a.b[3]"; the text before it is well-formed so
// far. Cut off where it would be longer than 200 bytes.
std::string path_at(std::string_view text, std::size_t offset);

// The first byte that is not UTF-8, the first control character in a string, or the string that does not end:
// what makes index_tokens() call a text unsound.
JsonFault find_lexical_fault(std::string_view text);

Error to_error(const JsonFault& fault, std::string_view text);

}  // namespace quire::document
