#include "replication/peer_address.h"

#include <algorithm>

#include "base/bytes.h"

namespace quire::replication {

namespace {

constexpr std::string_view kHttp = "http://";
constexpr std::string_view kHttps = "https://";
constexpr std::string_view kQuirePath = "/v1/databases/";

Error no_address() {
  return Error(
      ErrorCode::invalid,
      "this is no address of a database (http://HOST:PORT/v1/databases/NAME, or http://HOST:PORT/NAME of "
      "CouchDB's protocol)");
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string digits(text.substr(i + 1, 2));
    for (char& c : digits) c = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    const auto byte = text[i] == '%' && digits.size() == 2 ? from_hex(digits) : std::nullopt;
    out += byte ? (*byte)[0] : text[i];
    if (byte) i += 2;
  }
  return out;
}

// What may stand in a path without an escape, and the escape's own sign.
bool path_character(char c) {
  static constexpr std::string_view kMarks = "-._~%!$&'()*+,;=:@/";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         kMarks.find(c) != std::string_view::npos;
}

}  // namespace

bool PeerAddress::looks_like(std::string_view text) {
  return text.starts_with(kHttp) || text.starts_with(kHttps);
}

Result<PeerAddress> PeerAddress::parse(std::string_view text) {
  if (!looks_like(text)) return no_address();
  const std::string_view scheme = text.starts_with(kHttp) ? kHttp : kHttps;
  std::string_view rest = text.substr(scheme.size());
  const std::size_t slash = rest.find('/');
  if (slash == std::string_view::npos) return no_address();
  std::string_view authority = rest.substr(0, slash);
  std::string_view path = rest.substr(slash);
  while (path.ends_with('/')) path.remove_suffix(1);
  if (path.empty() || !std::all_of(path.begin(), path.end(), path_character)) return no_address();
  PeerAddress address;
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    const std::string credentials = percent_decoded(authority.substr(0, at));
    if (credentials.find(':') == std::string::npos) return no_address();
    address.authorization = Secret("Basic " + to_base64(credentials));
    authority.remove_prefix(at + 1);
  }
  if (authority.empty()) return no_address();
  address.origin = std::string(scheme) + std::string(authority);
  address.key = address.origin + std::string(path);
  address.quire =
      path.starts_with(kQuirePath) && path.substr(kQuirePath.size()).find('/') == std::string::npos;
  if (address.quire) {
    address.path = path;
    return address;
  }
  const std::size_t last = path.rfind('/');
  address.path = path.substr(0, last);
  address.database = path.substr(last + 1);
  if (address.database.empty()) return no_address();
  return address;
}

}  // namespace quire::replication
