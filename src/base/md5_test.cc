#include "base/md5.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace quire {
namespace {

std::string md5(std::string_view first, std::string_view second = {}) {
  Md5 hash;
  hash.update(first);
  hash.update(second);
  return to_hex(hash.finish());
}

// RFC 1321, appendix A.5.
TEST(Md5, MatchesTheRfc) {
  EXPECT_EQ(md5(""), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(md5("abc"), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(md5("message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
}

TEST(Md5, WherePiecesAreCutDoesNotMatter) {
  const std::string text(1000, 'q');
  for (const std::size_t cut : {0, 1, 63, 64, 65, 999, 1000}) {
    EXPECT_EQ(md5(text.substr(0, cut), text.substr(cut)), md5(text)) << cut;
  }
}

}  // namespace
}  // namespace quire
