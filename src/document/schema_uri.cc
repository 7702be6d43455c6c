#include "document/schema_uri.h"

#include <charconv>

namespace quire::document {

namespace {
bool is_scheme(std::string_view text) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  constexpr std::string_view kOthers = "0123456789+-.";
  if (text.empty() || kLetters.find(text[0]) == std::string_view::npos) return false;
  for (const char c : text) {
    if (kLetters.find(c) == std::string_view::npos && kOthers.find(c) == std::string_view::npos) return false;
  }
  return true;
}

// What stands before the first of `ends`; `rest` begins with it afterwards, or is empty.
std::string_view take_until(std::string_view& rest, std::string_view ends) {
  const std::string_view taken = rest.substr(0, rest.find_first_of(ends));
  rest.remove_prefix(taken.size());
  return taken;
}

// RFC 3986, 5.2.4: takes "." and ".." out of a path.
std::string without_dots(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const bool rooted = path[0] == '/';
    const std::size_t end = std::min(path.find('/', rooted ? 1 : 0), path.size());
    const std::string_view segment = path.substr(0, end);
    const std::string_view name = segment.substr(rooted ? 1 : 0);
    const bool last = end == path.size();
    path.remove_prefix(end);
    if (name == "..") out.resize(std::min(out.rfind('/'), out.size()) * (out.rfind('/') != std::string::npos));
    if (name != "." && name != "..") {
      out += segment;
    } else if (last && rooted) {
      out += '/';
    }
  }
  return out;
}

std::string merged_path(const UriParts& base, std::string_view path) {
  if (base.authority && base.path.empty()) return "/" + std::string(path);
  return std::string(base.path.substr(0, base.path.rfind('/') + 1)) + std::string(path);
}
}  // namespace

UriParts split_uri(std::string_view text) {
  UriParts parts;
  std::string_view rest = text;
  const std::size_t colon = rest.find_first_of(":/?#");
  if (colon != std::string_view::npos && rest[colon] == ':' && is_scheme(rest.substr(0, colon))) {
    parts.scheme = rest.substr(0, colon);
    rest.remove_prefix(colon + 1);
  }
  if (rest.starts_with("//")) {
    rest.remove_prefix(2);
    parts.authority = take_until(rest, "/?#");
  }
  parts.path = take_until(rest, "?#");
  if (rest.starts_with('?')) {
    rest.remove_prefix(1);
    parts.query = take_until(rest, "#");
  }
  if (rest.starts_with('#')) parts.fragment = rest.substr(1);
  return parts;
}

std::string resolve_uri(std::string_view base_text, std::string_view reference) {
  const UriParts base = split_uri(base_text);
  UriParts target = split_uri(reference);
  std::string path(target.path);
  if (target.scheme || target.authority || target.path.starts_with('/')) {
    path = without_dots(path);
  } else if (target.path.empty()) {
    path = base.path;
    if (!target.query) target.query = base.query;
  } else {
    path = without_dots(merged_path(base, path));
  }
  if (!target.scheme) {
    target.scheme = base.scheme;
    if (!target.authority) target.authority = base.authority;
  }
  std::string out;
  if (target.scheme) (out += *target.scheme) += ':';
  if (target.authority) (out += "//") += *target.authority;
  out += path;
  if (target.query) (out += '?') += *target.query;
  return out;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out += text[at];
      continue;
    }
    std::uint8_t byte = 0;
    const std::string_view digits = text.substr(at + 1, 2);
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (digits.size() != 2 || parsed.ptr != digits.data() + 2) return std::nullopt;
    out += static_cast<char>(byte);
    at += 2;
  }
  return out;
}

}  // namespace quire::document
