#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "access/argon2.h"
#include "access/store.h"
#include "access/testing/access_world.h"
#include "access/token.h"
#include "access/tuning.h"

namespace quire::access {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::AccessWorld;
using testing::error_of;
using testing::kPassword;

TEST(Keys, ProveTheirAccountWithWhatNarrowsThem) {
  AccessWorld world;
  const User ada = world.user("Ada");
  const auto made = world->make_key("ada", {.label = "laptop",
                                            .most = Right::read,
                                            .databases = {"00112233445566ff"},
                                            .life = hours(1),
                                            .only = false});
  ASSERT_TRUE(made);
  EXPECT_TRUE(made->text.reveal().starts_with("qr_user_"));
  EXPECT_EQ(Access::key_id(made->text.reveal()), made->key.id);
  for (int life = 0; life < 2; ++life) {
    const auto identity = world->authenticate(made->text.reveal());
    ASSERT_TRUE(identity);
    EXPECT_EQ(identity->user, ada.id);
    EXPECT_EQ(identity->user_name, "Ada");
    EXPECT_EQ(identity->credential, made->key.id);
    EXPECT_EQ(identity->most, Right::read);
    EXPECT_EQ(identity->databases, made->key.databases);
    EXPECT_EQ(world->authenticate(made->text.reveal()), identity);  // the same object for all requests
    EXPECT_FALSE(Access::is_session(*identity));
    world.crash();
  }
  world.pass(hours(1));
  EXPECT_EQ(world->authenticate(made->text.reveal()), nullptr);
}

TEST(Keys, OfNobodyProveNothing) {
  AccessWorld world;
  world.user("ada");
  const auto made = world->make_key("ada", {});
  std::string text(made->text.reveal());
  EXPECT_EQ(world->authenticate(""), nullptr);
  EXPECT_EQ(world->authenticate(std::string(10'000, 'x')), nullptr);
  SeededRandom random(7);
  EXPECT_EQ(world->authenticate(make_token(TokenKind::user, random).text.reveal()), nullptr);
  // Another secret under an id that there is.
  AccessWorld other({}, 1);
  other.user("ada");
  text.back() = text.back() == '0' ? '1' : '0';
  EXPECT_EQ(world->authenticate(text), nullptr);
}

TEST(Keys, OneAtATimeWhereThatIsAskedFor) {
  AccessWorld world;
  world.user("ada");
  const auto lasting = world->make_key("ada", {});
  const auto first = world->make_key("ada", {.only = true});
  const auto held = world->authenticate(first->text.reveal());
  const auto second = world->make_key("ada", {.only = true});
  EXPECT_TRUE(held->ended());
  EXPECT_EQ(world->authenticate(first->text.reveal()), nullptr);
  EXPECT_TRUE(world->authenticate(second->text.reveal()));
  EXPECT_TRUE(world->authenticate(lasting->text.reveal()));
  EXPECT_EQ(world->keys("ada").size(), 2U);
}

TEST(Keys, RevokedOnesEndAtOnceAndForGood) {
  AccessWorld world;
  world.user("ada");
  world.user("bob");
  const auto made = world->make_key("ada", {});
  const auto identity = world->authenticate(made->text.reveal());
  EXPECT_EQ(error_of(world->revoke_key("bob", made->key.id)), "not_found apiKey");
  EXPECT_FALSE(identity->ended());
  ASSERT_TRUE(world->revoke_key("ada", made->key.id));
  EXPECT_TRUE(identity->ended());
  EXPECT_EQ(error_of(world->revoke_key("ada", made->key.id)), "not_found apiKey");
  EXPECT_EQ(world->authenticate(made->text.reveal()), nullptr);
  world.crash();
  EXPECT_EQ(world->authenticate(made->text.reveal()), nullptr);
}

TEST(Keys, HaveBounds) {
  AccessWorld world;
  world.user("ada");
  EXPECT_EQ(error_of(world->make_key("ada", {.label = std::string(129, 'a')})), "too_large label");
  EXPECT_EQ(error_of(world->make_key("ada", {.label = "a\nb"})), "invalid label");
  EXPECT_EQ(error_of(world->make_key("ada", {.databases = {"orders"}})), "invalid databases");
  EXPECT_EQ(error_of(world->make_key("ada", {.life = seconds(-1)})), "invalid life");
  EXPECT_EQ(error_of(world->make_key("nobody", {})), "not_found userID");
  for (std::size_t i = 0; i < tuning::kKeysEach; ++i) ASSERT_TRUE(world->make_key("ada", {.life = hours(1)}));
  EXPECT_EQ(error_of(world->make_key("ada", {})), "exhausted ");
  world.pass(hours(1));
  EXPECT_TRUE(world->make_key("ada", {}));  // what has expired makes room
}

TEST(Keys, SayOnWhichDayTheyWereUsedLast) {
  AccessWorld world;
  world.user("ada");
  const auto made = world->make_key("ada", {});
  EXPECT_EQ(world->keys("ada")[0].last_used_ms, 0);
  world.pass(hours(5));
  ASSERT_TRUE(world->authenticate(made->text.reveal()));
  world.settle();
  const WallMs today = world->keys("ada")[0].last_used_ms;
  EXPECT_EQ(today, world.clock.wall_ms() - hours(5) / std::chrono::milliseconds(1));
  world.crash();
  EXPECT_EQ(world->keys("ada")[0].last_used_ms, today);
}

TEST(Sessions, EndWithoutUseAndAtTheLatestAfterTheirLife) {
  AccessWorld world;
  world.user("ada", kPassword);
  const auto idle = world->log_in("ada", Secret(kPassword), "a");
  const auto used = world->log_in("ada", Secret(kPassword), "a");
  ASSERT_TRUE(idle && used);
  EXPECT_TRUE(used->token.reveal().starts_with("qr_session_"));
  EXPECT_EQ(Access::key_id(used->token.reveal()), std::nullopt);
  EXPECT_TRUE(Access::is_session(*world->authenticate(used->token.reveal())));
  world.pass(minutes(29));
  EXPECT_TRUE(world->authenticate(used->token.reveal()));
  world.pass(minutes(2));
  EXPECT_EQ(world->authenticate(idle->token.reveal()), nullptr);
  for (int i = 0; i < 100 && world.clock.wall_ms() + 60'000 * 25 < used->expires_ms; ++i) {
    world.pass(minutes(25));
    EXPECT_TRUE(world->authenticate(used->token.reveal())) << i;
  }
  world.pass(minutes(25));
  EXPECT_EQ(world->authenticate(used->token.reveal()), nullptr);
}

TEST(Sessions, GoOnForHalfOfTheirTimeAtLeastAfterACrash) {
  AccessWorld world;
  world.user("ada", kPassword);
  const auto session = world->log_in("ada", Secret(kPassword), "a");
  for (int i = 0; i < 10; ++i) {
    world.pass(minutes(5));
    ASSERT_TRUE(world->authenticate(session->token.reveal())) << i;
    world.settle();
  }
  world.crash();
  world.pass(minutes(14));
  EXPECT_TRUE(world->authenticate(session->token.reveal()));
}

TEST(Sessions, ALogoutEndsOneAndNoOther) {
  AccessWorld world;
  world.user("ada", kPassword);
  const auto one = world->log_in("ada", Secret(kPassword), "a");
  const auto other = world->log_in("ada", Secret(kPassword), "a");
  const auto identity = world->authenticate(one->token.reveal());
  ASSERT_TRUE(world->log_out(*identity));
  EXPECT_TRUE(identity->ended());
  EXPECT_EQ(error_of(world->log_out(*identity)), "not_found ");
  EXPECT_EQ(error_of(world->log_out(*world.identity("ada"))), "invalid ");
  world.crash();
  EXPECT_EQ(world->authenticate(one->token.reveal()), nullptr);
  EXPECT_TRUE(world->authenticate(other->token.reveal()));
}

TEST(Sessions, TheOneUsedLongestAgoMakesRoom) {
  AccessWorld world;
  world.user("ada", kPassword);
  std::vector<NewSession> sessions;
  for (std::size_t i = 0; i < tuning::kSessionsEach; ++i) {
    sessions.push_back(*world->log_in("ada", Secret(kPassword), "a"));
    world.pass(seconds(2));
  }
  ASSERT_TRUE(world->authenticate(sessions[0].token.reveal()));
  ASSERT_TRUE(world->log_in("ada", Secret(kPassword), "a"));
  EXPECT_TRUE(world->authenticate(sessions[0].token.reveal()));
  EXPECT_EQ(world->authenticate(sessions[1].token.reveal()), nullptr);
  EXPECT_TRUE(world->authenticate(sessions[2].token.reveal()));
}

TEST(Passwords, WhateverIsWrongTheAnswerIsTheSame) {
  AccessWorld world;
  world.user("ada", kPassword);
  world.user("bob", kPassword);
  ASSERT_TRUE(world->set_disabled("bob", true));
  std::set<std::string> answers;
  int address = 0;
  const auto check = [&](std::string_view name, std::string_view password) {
    const auto checked = world->check_password(name, Secret(password), "a" + std::to_string(++address));
    answers.insert(checked ? "came in" : checked.error().to_string());
  };
  check("ada", "wrong password");
  check("bob", kPassword);
  check("nobody", kPassword);
  check("no/body", kPassword);
  check(std::string(10'000, 'a'), kPassword);
  check("ada", "short");
  check("ada", "no UTF-8 \xFF");
  check("ada", "Correct horse battery");
  EXPECT_EQ(answers.size(), 1U) << *answers.begin() << " " << *answers.rbegin();
  EXPECT_TRUE(answers.begin()->starts_with("unauthenticated")) << *answers.begin();
  EXPECT_EQ(error_of(world->check_password("ada", Secret(std::string(1 << 20, 'x')), "b")),
            "too_large password");
}

TEST(Passwords, ManyWrongOnesMakeNameAndAddressWait) {
  AccessWorld world;
  world.user("ada", kPassword);
  for (const char* name : {"ada", "nobody"}) {
    for (int i = 0; i < 5; ++i) {
      EXPECT_EQ(error_of(world->check_password(name, Secret("wrong password"), name)), "unauthenticated ");
    }
    const auto refused = world->check_password(name, Secret(kPassword), "elsewhere");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::exhausted);
    EXPECT_EQ(refused.error().retry_after_ms(), 1000U);
  }
  world.pass(seconds(1));
  EXPECT_TRUE(world->check_password("ADA", Secret(kPassword), "elsewhere"));
}

TEST(Passwords, ARightOneIsKnownAgainForAWhile) {
  AccessWorld world;
  world.user("ada", kPassword);
  const auto first = world->check_password("ada", Secret(kPassword), "a");
  const auto again = world->check_password("ADA", Secret(kPassword), "b");
  ASSERT_TRUE(first && again);
  EXPECT_EQ(*first, *again);
  EXPECT_EQ((*first)->credential, "");
  EXPECT_EQ(error_of(world->check_password("ada", Secret("wrong password"), "a")), "unauthenticated ");
  world.pass(minutes(6));
  EXPECT_TRUE(world->check_password("ada", Secret(kPassword), "a"));
}

TEST(Passwords, AreHashedAnewWhenTheCostHasGrown) {
  AccessWorld world;
  world.user("ada", kPassword);
  const auto cost = [&] {
    auto store = Store::open(*world.catalog, world.clock, world.random);
    return argon2_cost((*(*store)->user("ada"))->record.password)->memory_kib;
  };
  EXPECT_EQ(cost(), 8U);
  world.options.password.memory_kib = 32;
  world.reopen();
  const auto identity = world->check_password("ada", Secret(kPassword), "a");
  ASSERT_TRUE(identity);
  EXPECT_EQ(cost(), 32U);
  EXPECT_FALSE((*identity)->ended());
  EXPECT_TRUE(world->log_in("ada", Secret(kPassword), "a"));
  world.options.password.memory_kib = 8;
  world.reopen();
  EXPECT_TRUE(world->check_password("ada", Secret(kPassword), "a"));
  EXPECT_EQ(cost(), 32U);  // never less
}

}  // namespace
}  // namespace quire::access
