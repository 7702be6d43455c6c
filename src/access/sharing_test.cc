#include <gtest/gtest.h>

#include <algorithm>

#include "access/store.h"
#include "access/testing/access_world.h"

namespace quire::access {
namespace {

using testing::AccessWorld;
using testing::error_of;

class SharingTest : public ::testing::Test {
 protected:
  std::string rights(const Place& place) {
    std::string all;
    for (const auto& identity : {ada_, bob_, admin_})
      all += std::string(name(world_->right(identity.get(), place))) + " ";
    return all + std::string(name(world_->right(nullptr, place)));
  }
  std::shared_ptr<const Identity> narrowed(const std::string& user, Right most,
                                           std::vector<std::string> databases) {
    const auto key = world_->make_key(user, {.most = most, .databases = std::move(databases)});
    return world_->authenticate(key->text.reveal());
  }

  AccessWorld world_;
  std::shared_ptr<const Identity> admin_ = world_.admin();
  std::shared_ptr<const Identity> ada_ = world_.identity(world_.user("ada").id);
  std::shared_ptr<const Identity> bob_ = world_.identity(world_.user("bob").id);
  Place place_ = world_.database("orders", ada_->user);
};

TEST_F(SharingTest, TheBestOfOwnerGrantAndEverybodyHolds) {
  EXPECT_EQ(rights(place_), "owner none owner none");
  ASSERT_TRUE(world_->share(place_, "BOB", Right::read));
  EXPECT_EQ(rights(place_), "owner read owner none");
  ASSERT_TRUE(world_->set_public(place_, Right::write));
  EXPECT_EQ(rights(place_), "owner write owner write");
  ASSERT_TRUE(world_->set_public(place_, Right::read));
  ASSERT_TRUE(world_->share(place_, bob_->user, Right::write));
  EXPECT_EQ(rights(place_), "owner write owner read");
  ASSERT_TRUE(world_->unshare(place_, "bob"));
  ASSERT_TRUE(world_->set_public(place_, Right::none));
  EXPECT_EQ(rights(place_), "owner none owner none");
}

TEST_F(SharingTest, OutlivesACrash) {
  ASSERT_TRUE(world_->share(place_, "bob", Right::write));
  ASSERT_TRUE(world_->set_public(place_, Right::read));
  world_.crash();
  EXPECT_EQ(rights(place_), "owner write owner read");
  ASSERT_TRUE(world_->unshare(place_, "bob"));
  ASSERT_TRUE(world_->set_public(place_, Right::none));
  world_.crash();
  EXPECT_EQ(rights(place_), "owner none owner none");
}

TEST_F(SharingTest, ADatabaseOfTheServersOwnIsOfAdministrators) {
  const Place own = world_.database("orders");
  EXPECT_EQ(rights(own), "none none owner none");
  ASSERT_TRUE(world_->share(own, "ada", Right::read));
  EXPECT_EQ(rights(own), "read none owner none");
}

TEST_F(SharingTest, NobodyHasARightOnTheDatabaseOfAccess) {
  const auto info = world_.catalog->find(kSystemDatabase, {});
  ASSERT_TRUE(info);
  const Place system{info->id, info->owner, info->name};
  EXPECT_EQ(rights(system), "none none none none");
  EXPECT_EQ(error_of(world_->share(system, "ada", Right::read)), "not_found database");
  EXPECT_EQ(error_of(world_->set_public(system, Right::read)), "not_found database");
}

TEST_F(SharingTest, AKeyNarrowsTheAccountsRights) {
  const Place other = world_.database("other", ada_->user);
  EXPECT_EQ(world_->right(narrowed("ada", Right::read, {}).get(), place_), Right::read);
  const auto one = narrowed("ada", Right::owner, {std::string(place_.id)});
  EXPECT_EQ(world_->right(one.get(), place_), Right::owner);
  EXPECT_EQ(world_->right(one.get(), other), Right::none);
  const auto admin = narrowed("admin", Right::write, {std::string(other.id)});
  EXPECT_EQ(world_->right(admin.get(), place_), Right::none);
  EXPECT_EQ(world_->right(admin.get(), other), Right::write);
}

TEST_F(SharingTest, WhoHasEndedHasNoRight) {
  ASSERT_TRUE(world_->set_disabled("ada", true));
  EXPECT_EQ(world_->right(ada_.get(), place_), Right::none);
}

TEST_F(SharingTest, RefusesWhatMakesNoSense) {
  EXPECT_EQ(error_of(world_->share(place_, "nobody", Right::read)), "not_found userID");
  EXPECT_EQ(error_of(world_->share(place_, "ada", Right::read)), "invalid userID");
  EXPECT_EQ(error_of(world_->share(place_, "bob", Right::owner)), "invalid role");
  EXPECT_EQ(error_of(world_->unshare(place_, "bob")), "not_found userID");
  EXPECT_EQ(error_of(world_->unshare(place_, "nobody")), "not_found userID");
  EXPECT_EQ(error_of(world_->set_public(place_, Right::owner)), "invalid public");
}

TEST_F(SharingTest, IsListed) {
  ASSERT_TRUE(world_->share(place_, "bob", Right::read));
  ASSERT_EQ(world_->grants(place_.id).size(), 1U);
  EXPECT_EQ(world_->grants(place_.id)[0].user_name, "bob");
  EXPECT_EQ(world_->grants(place_.id)[0].right, Right::read);
  EXPECT_EQ(world_->usable_by("bob", 0, 10).databases, std::vector<std::string>{std::string(place_.id)});
  ASSERT_TRUE(world_->set_public(place_, Right::read));
  EXPECT_EQ(world_->public_databases(0, 10).total, 1U);
  ASSERT_TRUE(world_->unshare(place_, "bob"));
  EXPECT_EQ(world_->grants(place_.id).size(), 0U);
  EXPECT_EQ(world_->usable_by("bob", 0, 10).total, 0U);
}

// First what the account owns, then what is shared with it, each in the order of ids.
TEST_F(SharingTest, PagesOfUsableDatabasesGoOnWhereTheLastOneEnded) {
  std::vector<std::string> owned{std::string(place_.id)};
  std::vector<std::string> shared;
  for (int i = 0; i < 5; ++i) {
    owned.emplace_back(world_.database("own" + std::to_string(i), ada_->user).id);
    const Place theirs = world_.database("theirs" + std::to_string(i), bob_->user);
    shared.emplace_back(theirs.id);
    ASSERT_TRUE(world_->share(theirs, "ada", Right::read));
  }
  std::sort(owned.begin(), owned.end());
  std::sort(shared.begin(), shared.end());
  std::vector<std::string> all = owned;
  all.insert(all.end(), shared.begin(), shared.end());
  for (std::size_t limit = 1; limit <= all.size(); ++limit) {
    std::vector<std::string> seen;
    for (std::size_t offset = 0; offset < all.size(); offset += limit) {
      const auto page = world_->usable_by("ada", offset, limit);
      EXPECT_EQ(page.total, all.size());
      EXPECT_LE(page.databases.size(), limit);
      seen.insert(seen.end(), page.databases.begin(), page.databases.end());
    }
    EXPECT_EQ(seen, all) << limit;
  }
  EXPECT_EQ(world_->usable_by("ada", all.size(), 10).databases.size(), 0U);
  EXPECT_EQ(world_->usable_by("nobody", 0, 10).total, 0U);
}

TEST_F(SharingTest, AnUnshareTakesTheReservationToo) {
  ASSERT_TRUE(world_->share(place_, "bob", Right::write));
  ASSERT_TRUE(world_->reserve(*bob_, place_, {}));
  ASSERT_TRUE(world_->unshare(place_, "bob"));
  EXPECT_EQ(world_->reservation(place_.id), std::nullopt);
}

std::size_t stored_grants(AccessWorld& world) {
  std::size_t count = 0;
  const auto store = Store::open(*world.catalog, world.clock, world.random);
  EXPECT_TRUE((*store)->each_grant([&](GrantRecord&&) {
    ++count;
    return ok();
  }));
  return count;
}

TEST_F(SharingTest, NothingStaysOfADatabaseThatIsForgotten) {
  ASSERT_TRUE(world_->share(place_, "bob", Right::write));
  ASSERT_TRUE(world_->set_public(place_, Right::read));
  ASSERT_TRUE(world_->reserve(*bob_, place_, {}));
  ASSERT_TRUE(world_->forget(place_.id));
  EXPECT_EQ(rights(place_), "owner none owner none");
  EXPECT_EQ(world_->reservation(place_.id), std::nullopt);
  EXPECT_EQ(world_->usable_by("bob", 0, 10).total, 0U);
  EXPECT_EQ(stored_grants(world_), 0U);
}

TEST_F(SharingTest, WhatACrashLeftOfARemovalIsTakenAwayAtTheStart) {
  ASSERT_TRUE(world_->share(place_, "bob", Right::write));
  ASSERT_TRUE(world_->reserve(*bob_, place_, {}));
  ASSERT_TRUE(world_.disk->remove(std::string(place_.id)));
  world_.crash();
  EXPECT_EQ(stored_grants(world_), 0U);
  EXPECT_EQ(world_->reservation(place_.id), std::nullopt);
}

}  // namespace
}  // namespace quire::access
