#pragma once

#include <string>

namespace quire::net {

// A self-signed certificate for localhost and 127.0.0.1, and its key, in files of the folder.
struct TestCertificate {
  std::string certificate_file;
  std::string key_file;
};

// `name` is that of the files. `rsa_bits` of 0: an elliptic curve's key. It is valid from an hour ago until
// `ends_in_seconds`.
TestCertificate make_certificate(const std::string& folder, const std::string& name, int rsa_bits = 0,
                                 long ends_in_seconds = 3600);

}  // namespace quire::net
