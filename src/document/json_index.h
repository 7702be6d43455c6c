#pragma once

#include <cstdint>
#include <string_view>

namespace quire::document {

// Where the tokens of a JSON text begin: every bracket, brace, colon, comma, opening quote, and the first
// byte of everything else that stands between those or white space. positions[count] is the length of the
// text.
struct TokenIndex {
  const std::uint32_t* positions = nullptr;
  std::uint32_t count = 0;
  // False: the text is not UTF-8, or a string holds a control character or does not end; nothing else is set.
  bool sound = false;
};

// simdjson's first stage. `text` is shorter than 4 GiB. The positions are the calling thread's until its next
// call.
TokenIndex index_tokens(std::string_view text);
// Gives back what a huge text has made of the calling thread's memory; its positions end with that.
void let_go_of_large_index();

}  // namespace quire::document
