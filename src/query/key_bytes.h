#pragma once

#include <string>
#include <string_view>

namespace quire::query {

// The least text that is above all that begin with `prefix`; empty: there is none.
inline std::string after_prefix(std::string_view prefix) {
  std::string next(prefix);
  while (!next.empty() && next.back() == '\xFF') next.pop_back();
  if (!next.empty()) next.back() = static_cast<char>(static_cast<unsigned char>(next.back()) + 1);
  return next;
}

}  // namespace quire::query
