#include "query/cursor.h"

#include <gtest/gtest.h>

namespace quire::query {
namespace {

CursorPlace example() {
  CursorPlace place;
  place.walk = CursorPlace::Walk::index;
  place.index = "3";
  place.key = std::string("\x24\x00\xFF", 3);
  place.id = "ä";
  place.branch = 2;
  return place;
}

TEST(Cursor, ComesBackAsItWas) {
  const std::string fingerprint = cursor_fingerprint({"main", "things"});
  const std::string token = print_cursor(example(), fingerprint);
  EXPECT_EQ(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
            std::string::npos);
  const CursorPlace place = parse_cursor(token, fingerprint).value();
  EXPECT_EQ(place.walk, CursorPlace::Walk::index);
  EXPECT_EQ(place.index, "3");
  EXPECT_EQ(place.key, example().key);
  EXPECT_EQ(place.id, "ä");
  EXPECT_EQ(place.branch, 2U);
}

TEST(Cursor, OfAnotherRequestOrAlteredIsNone) {
  const std::string fingerprint = cursor_fingerprint({"a", "bc"});
  EXPECT_NE(fingerprint, cursor_fingerprint({"ab", "c"}));
  const std::string token = print_cursor(example(), fingerprint);
  EXPECT_EQ(parse_cursor(token, cursor_fingerprint({"ab", "c"})).error().code(), ErrorCode::invalid);
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string altered = token;
    altered[i] = altered[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(parse_cursor(altered, fingerprint)) << i;
    EXPECT_FALSE(parse_cursor(token.substr(0, i), fingerprint)) << i;
  }
  EXPECT_FALSE(parse_cursor(token + "A", fingerprint));
  EXPECT_FALSE(parse_cursor(token + "=", fingerprint));
  EXPECT_FALSE(parse_cursor("", fingerprint));
  EXPECT_FALSE(parse_cursor(std::string(1 << 20, 'A'), fingerprint));
}

}  // namespace
}  // namespace quire::query
