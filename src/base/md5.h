#pragma once

#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;  // of OpenSSL

namespace quire {

// MD5 (RFC 1321), fed piece by piece: for protocols that ask for it, never as proof against somebody who
// wants a collision. One thread at a time.
class Md5 {
 public:
  Md5();
  void update(std::string_view bytes);
  // The sixteen bytes. Called once, last.
  std::string finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

}  // namespace quire
