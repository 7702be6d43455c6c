#include "access/token.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "access/testing/access_world.h"
#include "base/bytes.h"
#include "base/testing/seeded_random.h"

namespace quire::access {
namespace {

// Every byte rises by one, so that the tokens of the page can be made again.
class CountingRandom final : public Random {
 public:
  void fill(void* out, std::size_t bytes) override {
    for (std::size_t i = 0; i < bytes; ++i) static_cast<unsigned char*>(out)[i] = next_++;
  }

 private:
  unsigned char next_ = 0;
};

constexpr TokenKind kKinds[] = {TokenKind::user, TokenKind::admin, TokenKind::session};

TEST(Token, IsMadeAsTheFixtureAndThePageHaveIt) {
  std::string lines;
  for (const TokenKind kind : kKinds) {
    CountingRandom random;
    const NewToken made = make_token(kind, random);
    lines += std::string(made.text.reveal()) + " " +
             to_hex(std::string_view(made.digest.data(), made.digest.size())) + "\n";
  }
  EXPECT_EQ(testing::read_text("tests/formats/1/tokens.txt"), lines);
  EXPECT_NE(testing::read_text("docs/formats/access.md").find(lines), std::string::npos) << lines;
}

TEST(Token, IsKnownByItsKindAndId) {
  SeededRandom random(1);
  for (const TokenKind kind : kKinds) {
    const NewToken made = make_token(kind, random);
    const auto parsed = parse_token(made.text.reveal());
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->kind, kind);
    EXPECT_EQ(parsed->id, made.id);
    EXPECT_TRUE(same(token_digest(made.text.reveal()), made.digest));
    EXPECT_LE(made.text.reveal().size(), kTokenMost);
  }
}

TEST(Token, IsNeverTheSameTwice) {
  SeededRandom random(1);
  const NewToken one = make_token(TokenKind::user, random);
  const NewToken other = make_token(TokenKind::user, random);
  EXPECT_NE(one.id, other.id);
  EXPECT_FALSE(same(one.digest, other.digest));
}

RC_GTEST_PROP(TokenProperty, WithOneCharacterAnotherIsNone, (std::uint64_t seed)) {
  SeededRandom random(seed);
  const NewToken made = make_token(kKinds[random.below(3)], random);
  std::string text(made.text.reveal());
  const std::size_t at = random.below(text.size());
  text[at] = static_cast<char>(text[at] ^ (1 + random.below(127)));
  RC_ASSERT(!parse_token(text));
  RC_ASSERT(!parse_token(std::string(made.text.reveal()).substr(0, at)));
  RC_ASSERT(!parse_token(std::string(made.text.reveal()) + "0"));
}

RC_GTEST_PROP(TokenProperty, AnyTextIsLookedAtWithoutHarm, (const std::string& text)) {
  RC_ASSERT(!parse_token(text));
  RC_ASSERT(!parse_token("qr_user_" + text));
}

}  // namespace
}  // namespace quire::access
