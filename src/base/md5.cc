#include "base/md5.h"

#include <openssl/evp.h>

#include "base/check.h"

namespace quire {

void Md5::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

Md5::Md5() : context_(EVP_MD_CTX_new()) {
  const bool started = context_ && EVP_DigestInit_ex(context_.get(), EVP_md5(), nullptr) == 1;
  QUIRE_CHECK(started, "OpenSSL offers no MD5");
}

void Md5::update(std::string_view bytes) {
  const int done = EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
  QUIRE_CHECK(done == 1, "OpenSSL refused bytes for MD5");
}

std::string Md5::finish() {
  std::string digest(16, '\0');
  unsigned length = 0;
  const int done =
      EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(digest.data()), &length);
  QUIRE_CHECK(done == 1 && length == digest.size(), "an MD5 of another length");
  return digest;
}

}  // namespace quire
