#include <gtest/gtest.h>

#include <future>

#include "access/testing/access_world.h"
#include "access/tuning.h"

namespace quire::access {
namespace {

using testing::AccessWorld;
using testing::cheap;
using testing::error_of;
using testing::kPassword;

TEST(Accounts, TheFirstAdministratorIsMadeOnce) {
  AccessWorld world;
  const auto made = world->make_first_admin();
  ASSERT_TRUE(made && *made);
  const Access::FirstAdmin& admin = **made;
  EXPECT_EQ(admin.user.name, "admin");
  EXPECT_EQ(admin.user.role, Role::admin);
  EXPECT_EQ(admin.key.key.expires_ms, 0);
  EXPECT_TRUE(admin.key.text.reveal().starts_with("qr_admin_"));
  const auto identity = world->authenticate(admin.key.text.reveal());
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->role, Role::admin);
  EXPECT_TRUE(world->check_password("Admin", admin.password, "a"));
  EXPECT_EQ(*world->make_first_admin(), std::nullopt);
  world.reopen();
  EXPECT_EQ(*world->make_first_admin(), std::nullopt);
  EXPECT_TRUE(world->authenticate(admin.key.text.reveal()));
  EXPECT_TRUE(world->check_password("admin", admin.password, "a"));
}

TEST(Accounts, ANameIsTakenOnceWithoutRegardToCase) {
  AccessWorld world;
  const User ada = world.user("Ada");
  EXPECT_TRUE(ada.id.starts_with("u_"));
  EXPECT_EQ(error_of(world->add_user({.name = "aDA", .password = Secret(kPassword), .email = {}})),
            "exists username");
  EXPECT_EQ(world->find_user("ADA")->id, ada.id);
  EXPECT_EQ(world->find_user(ada.id)->name, "Ada");
  EXPECT_EQ(world->find_user("ada2"), std::nullopt);
  world.crash();
  EXPECT_EQ(world->find_user("ADA")->email, "Ada@example.org");
  EXPECT_EQ(error_of(world->add_user({.name = "ada", .password = Secret(kPassword), .email = {}})),
            "exists username");
}

TEST(Accounts, OfManyWhoWantANameAtOnceOneHasIt) {
  AccessWorld world;
  world.options.waiting_hashes = 64;
  std::vector<std::future<bool>> calls;
  for (int i = 0; i < 16; ++i) {
    calls.push_back(std::async(std::launch::async, [&, i] {
      return world->add_user({.name = i % 2 == 0 ? "ada" : "ADA", .password = Secret(kPassword), .email = {}})
          .has_value();
    }));
  }
  int made = 0;
  for (auto& call : calls) made += call.get() ? 1 : 0;
  EXPECT_EQ(made, 1);
  EXPECT_EQ(world->users({}, 100).size(), 1U);
}

TEST(Accounts, BadInputNamesItsFieldAndChangesNothing) {
  AccessWorld world;
  const auto add = [&](std::string name, std::string_view password, std::string email) {
    return error_of(
        world->add_user({.name = std::move(name), .password = Secret(password), .email = std::move(email)}));
  };
  EXPECT_EQ(add("a/b", kPassword, "a@b.cd"), "invalid username");
  EXPECT_EQ(add("ada", "short", "a@b.cd"), "invalid password");
  EXPECT_EQ(add("ada", std::string(1 << 20, 'x'), "a@b.cd"), "too_large password");
  EXPECT_EQ(add("ada", kPassword, "nothing"), "invalid email");
  EXPECT_EQ(world->users({}, 100).size(), 0U);
  EXPECT_EQ(add("ada", kPassword, ""), "");
}

TEST(Accounts, AreListedByNamePageByPage) {
  AccessWorld world;
  for (const char* name : {"dora", "Ada", "carl", "Bob"}) world.user(name);
  const auto names = [&](std::string_view after, std::size_t limit) {
    std::string all;
    for (const User& user : world->users(after, limit)) all += user.name + " ";
    return all;
  };
  EXPECT_EQ(names({}, 10), "Ada Bob carl dora ");
  EXPECT_EQ(names({}, 2), "Ada Bob ");
  EXPECT_EQ(names("BOB", 2), "carl dora ");
  EXPECT_EQ(names(world->find_user("carl")->id, 2), "dora ");
  EXPECT_EQ(names("bz", 2), "carl dora ");
}

TEST(Accounts, AnotherPasswordEndsWhatTheOldOneOpened) {
  AccessWorld world;
  const User ada = world.user("ada", kPassword);
  const auto key = world.identity("ada");
  const auto kept = world.identity("ada");
  const auto session = world->log_in("ada", Secret(kPassword), "a");
  ASSERT_TRUE(session);
  const auto by_session = world->authenticate(session->token.reveal());
  const auto by_password = world->check_password("ada", Secret(kPassword), "a");
  ASSERT_TRUE(key && by_session && by_password);
  ASSERT_TRUE(world->set_password(ada.id, Secret("another password"), kept.get()));
  EXPECT_TRUE(key->ended());
  EXPECT_TRUE(by_session->ended());
  EXPECT_TRUE((*by_password)->ended());
  EXPECT_FALSE(kept->ended());
  EXPECT_EQ(world->authenticate(session->token.reveal()), nullptr);
  EXPECT_EQ(error_of(world->check_password("ada", Secret(kPassword), "a")), "unauthenticated ");
  EXPECT_TRUE(world->check_password("ada", Secret("another password"), "a"));
  EXPECT_EQ(error_of(world->set_password(ada.id, Secret("short"), nullptr)), "invalid password");
  world.crash();
  EXPECT_EQ(world->authenticate(session->token.reveal()), nullptr);
  EXPECT_EQ(world->keys("ada").size(), 1U);
}

TEST(Accounts, ADisabledOneComesInByNothing) {
  AccessWorld world;
  world.user("ada", kPassword);
  const auto made = world->make_key("ada", {});
  const auto key = world->authenticate(made->text.reveal());
  const auto by_password = world->check_password("ada", Secret(kPassword), "a");
  ASSERT_TRUE(key && by_password);
  ASSERT_TRUE(world->set_disabled("ada", true));
  for (int life = 0; life < 2; ++life) {
    EXPECT_TRUE(key->ended());
    EXPECT_TRUE((*by_password)->ended());
    EXPECT_EQ(world->authenticate(made->text.reveal()), nullptr);
    EXPECT_EQ(error_of(world->check_password("ada", Secret(kPassword), "a")), "unauthenticated ");
    EXPECT_EQ(error_of(world->make_key("ada", {})), "forbidden userID");
    EXPECT_TRUE(world->find_user("ada")->disabled);
    world.crash();
  }
  ASSERT_TRUE(world->set_disabled("ada", false));
  EXPECT_TRUE(world->check_password("ada", Secret(kPassword), "a"));
  EXPECT_EQ(world->authenticate(made->text.reveal()), nullptr);  // its keys are gone for good
}

TEST(Accounts, AnotherRoleIsProvedFromTheNextRequestOn) {
  AccessWorld world;
  world.admin();
  world.user("ada", kPassword);
  const auto made = world->make_key("ada", {});
  const auto before = world->authenticate(made->text.reveal());
  ASSERT_TRUE(world->set_role("ada", Role::admin));
  EXPECT_TRUE(before->ended());
  const auto after = world->authenticate(made->text.reveal());
  ASSERT_TRUE(after);
  EXPECT_EQ(after->role, Role::admin);
  EXPECT_EQ(world->authenticate(made->text.reveal()), after);
  ASSERT_TRUE(world->set_role("ada", Role::user));
  EXPECT_EQ(world->authenticate(made->text.reveal())->role, Role::user);
}

TEST(Accounts, TheLastAdministratorStays) {
  AccessWorld world;
  world.admin();
  EXPECT_EQ(error_of(world->set_role("admin", Role::user)), "conflict userID");
  EXPECT_EQ(error_of(world->set_disabled("admin", true)), "conflict userID");
  EXPECT_EQ(error_of(world->remove_user("admin")), "conflict userID");
  world.user("ada");
  ASSERT_TRUE(world->set_role("ada", Role::admin));
  ASSERT_TRUE(world->set_disabled("ada", true));
  EXPECT_EQ(error_of(world->remove_user("admin")), "conflict userID");
  ASSERT_TRUE(world->set_disabled("ada", false));
  EXPECT_TRUE(world->remove_user("admin"));
  EXPECT_EQ(error_of(world->set_role("ada", Role::user)), "conflict userID");
}

TEST(Accounts, NothingStaysOfOneThatIsRemoved) {
  AccessWorld world;
  const User ada = world.user("ada", kPassword);
  const User bob = world.user("bob");
  const auto key = world.identity("ada");
  const Place place = world.database("orders", bob.id);
  ASSERT_TRUE(world->share(place, "ada", Right::write));
  ASSERT_TRUE(world->reserve(*key, place, {}));
  ASSERT_TRUE(world->remove_user("ada"));
  for (int life = 0; life < 2; ++life) {
    EXPECT_TRUE(key->ended());
    EXPECT_EQ(world->find_user("ada"), std::nullopt);
    EXPECT_EQ(world->grants(place.id).size(), 0U);
    EXPECT_EQ(world->reservation(place.id), std::nullopt);
    EXPECT_EQ(error_of(world->remove_user("ada")), "not_found userID");
    world.crash();
  }
  const User again = world.user("Ada", kPassword);
  EXPECT_NE(again.id, ada.id);
  EXPECT_EQ(world->grants(place.id).size(), 0U);
}

}  // namespace
}  // namespace quire::access
