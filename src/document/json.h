#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace quire::document {

// Bounds on JSON text from outside; an error names the one that was passed.
struct JsonLimits {
  std::uint64_t document_bytes = 8 << 20;  // of the text as it came
  std::uint32_t depth = 64;
  std::uint32_t members = 10'000;  // of one object
  std::uint64_t string_bytes = 8 << 20;
  std::uint32_t number_bytes = 64;
};

// Checks all of a JSON text (RFC 8259: UTF-8, number grammar, escapes, lone surrogates, duplicate keys after
// unescaping, limits) in one walk without recursion, and appends it to `out` without white space. Everything
// else stays byte for byte: numbers, escapes, the order of members. On an error `out` is as it was. The
// error's field is the path of the value at fault ("a.b[3]"), its message holds the byte offset.
Status minify(std::string_view text, const JsonLimits& limits, std::string& out);

// A top-level member taken out of a document.
struct ReservedMember {
  std::string name;   // unescaped, begins with "_"
  std::string value;  // minified JSON text
};

// A document as it is stored: `body` is its minified text without the reserved members.
struct SplitDocument {
  std::string body;
  std::vector<ReservedMember> reserved;
};

// minify() for a document: the text must be an object; its top-level members whose unescaped names begin with
// "_" are taken out, in order. Which of them are allowed is the caller's to say.
Result<SplitDocument> split_document(std::string_view text, const JsonLimits& limits);

// Appends the text as a JSON string with its quotes; escapes only what JSON requires. `text` is valid UTF-8.
void append_json_string(std::string& out, std::string_view text);

}  // namespace quire::document
