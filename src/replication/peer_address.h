#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace quire::replication {

// Where a side is that somebody else runs:
//   http(s)://[USER:PASSWORD@]HOST[:PORT]/v1/databases/NAME    a Quire, by the exchange
//   http(s)://[USER:PASSWORD@]HOST[:PORT][/PREFIX]/NAME        CouchDB's protocol
struct PeerAddress {
  bool quire = false;
  std::string origin;    // "https://host:port"
  std::string path;      // of a Quire's database, or of the other's server: "/v1/databases/NAME", "/PREFIX"
  std::string database;  // of CouchDB's protocol, as it stands in the path
  std::string key;       // the whole without credentials
  Secret authorization;  // of user and password, or what the caller puts in; empty: none
  bool create = false;   // what the caller puts in: the database is made where there is none

  // True where the text is such an address and no name.
  static bool looks_like(std::string_view text);
  // Errors: invalid, without showing what the text is.
  static Result<PeerAddress> parse(std::string_view text);
};

}  // namespace quire::replication
