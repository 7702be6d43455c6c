#include "access/names.h"

#include <gtest/gtest.h>

#include <string>

#include "access/testing/access_world.h"

namespace quire::access {
namespace {

using testing::error_of;

TEST(UserName, ThatDiffersInCaseAloneIsTheSame) {
  const std::pair<const char*, const char*> same[] = {
      {"Ada", "aDA"},
      {"Stra\u00DFe", "STRASSE"},
      {"\u00C5ngstr\u00F6m", "A\u030Angstro\u0308m"},  // composed and not
      {"\u03A3\u03AF\u03C3\u03C5\u03C6\u03BF\u03C2", "\u03A3\u038A\u03A3\u03A5\u03A6\u039F\u03A3"},
      {"\u212Aelvin", "kelvin"},
  };
  for (const auto& [one, other] : same) {
    const auto left = user_name(one);
    const auto right = user_name(other);
    ASSERT_TRUE(left && right) << one;
    EXPECT_EQ(left->folded, right->folded) << one;
    EXPECT_EQ(folded_name(one), right->folded);
  }
  EXPECT_NE(user_name("ada")->folded, user_name("adb")->folded);
}

TEST(UserName, IsShownAsItWasTyped) {
  EXPECT_EQ(user_name("Ada Lovelace")->shown, "Ada Lovelace");
  EXPECT_EQ(user_name("A\u030A")->shown, "\u00C5");  // but composed
}

TEST(UserName, IsRefusedWhereItCouldNotBeTypedOrSent) {
  const std::string nul("a\0b", 3);
  for (const std::string text :
       {"", "a/b", "a:b", "a\nb", "a\u0085b", "a\u2028b", " a", "a ", "a\u00A0", "\u3000a", ".", "..", "\xFF",
        "\xC0\x80", "u_0123456789abcdef", "U_0123456789ABCDEF"}) {
    EXPECT_EQ(error_of(user_name(text)), "invalid username") << text;
    EXPECT_EQ(folded_name(text), std::nullopt) << text;
  }
  EXPECT_EQ(error_of(user_name(nul)), "invalid username");
  EXPECT_EQ(error_of(user_name(std::string(129, 'a'))), "too_large username");
  EXPECT_TRUE(user_name(std::string(128, 'a')));
  EXPECT_TRUE(user_name("u_0123456789abcde"));
  EXPECT_TRUE(user_name("..."));
}

TEST(Email, LooksLikeOne) {
  for (const char* text : {"a@b.cd", "ada.lovelace+x@mail.example.org", "\u00E4@\u00F6.example"}) {
    EXPECT_EQ(error_of(check_email(text)), "") << text;
  }
  for (const std::string text : {"", "a", "@", "a@b", "a@b.", "@b.cd", "a@.cd", "a@b..cd", "a@b@c.de",
                                 "a b@c.de", "a@b.c", "a\n@b.cd", "a@b.cd\x01", "\xFF@b.cd"}) {
    EXPECT_EQ(error_of(check_email(text)), "invalid email") << text;
  }
  EXPECT_EQ(error_of(check_email(std::string(250, 'a') + "@b.cd")), "too_large email");
  EXPECT_EQ(error_of(check_email(std::string(249, 'a') + "@b.cd")), "");
}

std::string password_error(std::string_view text) { return error_of(password_text(Secret(text))); }

TEST(Password, HasEightBytesAndNoMegabyte) {
  EXPECT_EQ(password_error("1234567"), "invalid password");
  EXPECT_EQ(password_error("12345678"), "");
  EXPECT_EQ(password_error(std::string(1024, 'a')), "");
  EXPECT_EQ(password_error(std::string(1025, 'a')), "too_large password");
  EXPECT_EQ(password_error(std::string(1 << 20, 'a')), "too_large password");
  EXPECT_EQ(password_error("1234567\xFF"), "invalid password");
}

TEST(Password, IsTheSameHoweverItsAccentsAreTyped) {
  const auto composed = password_text(Secret("caf\u00E9caf\u00E9"));
  const auto apart = password_text(Secret("cafe\u0301cafe\u0301"));
  ASSERT_TRUE(composed && apart);
  EXPECT_EQ(composed->reveal(), apart->reveal());
  EXPECT_NE(password_text(Secret("Password"))->reveal(), password_text(Secret("password"))->reveal());
}

}  // namespace
}  // namespace quire::access
