// The only file that includes simdjson, which takes seconds to compile.
//
// What is used is its first stage, through implementation::create_dom_parser_implementation: a pass with the
// widest vector instructions at hand that checks UTF-8 and control characters and leaves the offset of every
// token. Its on-demand interface stands on the same index, and its object and array iterators cost more than
// the walk of ours, which must look at every token anyway; the DOM's second stage would convert numbers that
// nobody wants converted. The first stage reads no byte past the text's end (it copies the last block), so no
// padding is needed.
#include "document/json_index.h"

#include <simdjson.h>

#include <algorithm>
#include <memory>

#include "base/check.h"
#include "document/tuning.h"

namespace quire::document {

namespace {
using Parser = std::unique_ptr<simdjson::internal::dom_parser_implementation>;

constexpr std::size_t kSmallestCapacity = 16 << 10;

Parser& kept_parser() {
  thread_local Parser parser;
  return parser;
}

Parser& parser_of_thread(std::size_t text_bytes) {
  Parser& parser = kept_parser();
  if (parser && text_bytes <= parser->capacity()) return parser;
  const std::size_t wanted = std::max(kSmallestCapacity, text_bytes);
  const auto error =
      simdjson::get_active_implementation()->create_dom_parser_implementation(wanted, 1, parser);
  QUIRE_CHECK(error == simdjson::SUCCESS, "no memory for the index of a JSON text");
  return parser;
}
}  // namespace

TokenIndex index_tokens(std::string_view text) {
  Parser& parser = parser_of_thread(text.size());
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto error = parser->stage1(bytes, text.size(), simdjson::stage1_mode::regular);
  if (error == simdjson::EMPTY) parser->n_structural_indexes = 0;
  if (error != simdjson::SUCCESS && error != simdjson::EMPTY) return {};
  const std::uint32_t count = parser->n_structural_indexes;
  parser->structural_indexes[count] = static_cast<std::uint32_t>(text.size());
  return {parser->structural_indexes.get(), count, true};
}

void let_go_of_large_index() {
  Parser& parser = kept_parser();
  if (parser && parser->capacity() * sizeof(std::uint32_t) > kScratchBytesKept) parser.reset();
}

}  // namespace quire::document
