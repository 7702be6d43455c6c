#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace quire::document {

// A URI reference taken apart (RFC 3986, 3); views into its text. A part that is missing differs from one
// that is empty.
struct UriParts {
  std::optional<std::string_view> scheme;
  std::optional<std::string_view> authority;
  std::string_view path;
  std::optional<std::string_view> query;
  std::optional<std::string_view> fragment;
};

UriParts split_uri(std::string_view text);

// The URI that a reference means where `base` does (RFC 3986, 5.2), without its fragment. `base` may be
// empty, or relative.
std::string resolve_uri(std::string_view base, std::string_view reference);

// Without "%41" and its like; nullopt where a "%" is not followed by two hexadecimal digits.
std::optional<std::string> percent_decoded(std::string_view text);

}  // namespace quire::document
