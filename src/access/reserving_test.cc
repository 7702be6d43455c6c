#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <thread>
#include <vector>

#include "access/testing/access_world.h"

namespace quire::access {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::AccessWorld;
using testing::error_of;

class ReservingTest : public ::testing::Test {
 protected:
  std::string holder() {
    const auto held = world_->reservation(place_.id);
    if (!held) return "";
    return held->holder == ada_->user ? "ada" : "bob";
  }

  AccessWorld world_;
  std::shared_ptr<const Identity> admin_ = world_.admin();
  std::shared_ptr<const Identity> ada_ = world_.identity(world_.user("ada").id);
  std::shared_ptr<const Identity> bob_ = world_.identity(world_.user("bob").id);
  Place place_ = world_.database("orders", ada_->user);
};

TEST_F(ReservingTest, OneHoldsADatabaseAndAnotherIsToldWhenItEnds) {
  const auto held = world_->reserve(*ada_, place_, {});
  ASSERT_TRUE(held);
  EXPECT_EQ(held->holder, ada_->user);
  EXPECT_EQ(held->epoch, 1U);
  EXPECT_EQ(held->expires_ms, world_.clock.wall_ms() + 300'000);
  world_.pass(minutes(1));
  const auto refused = world_->reserve(*bob_, place_, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::locked);
  EXPECT_EQ(refused.error().retry_after_ms(), 240'000U);
  EXPECT_EQ(world_->held_by_other(ada_.get(), place_.id), std::nullopt);
  EXPECT_TRUE(world_->held_by_other(bob_.get(), place_.id));
  EXPECT_TRUE(world_->held_by_other(admin_.get(), place_.id));
  EXPECT_TRUE(world_->held_by_other(nullptr, place_.id));
  world_.pass(minutes(4));
  EXPECT_EQ(holder(), "");
  EXPECT_EQ(world_->held_by_other(nullptr, place_.id), std::nullopt);
  const auto next = world_->reserve(*bob_, place_, {});
  ASSERT_TRUE(next);
  EXPECT_EQ(next->epoch, 2U);
}

TEST_F(ReservingTest, TheSameAccountRenewsUnderTheSameEpoch) {
  ASSERT_TRUE(world_->reserve(*ada_, place_, {}));
  world_.pass(minutes(4));
  const auto again = world_->reserve(*world_.identity("ada"), place_, {});
  ASSERT_TRUE(again);
  EXPECT_EQ(again->epoch, 1U);
  world_.pass(minutes(4));
  world_.crash();
  EXPECT_EQ(holder(), "ada");
  world_.pass(minutes(1));
  EXPECT_EQ(world_->reserve(*ada_, place_, {})->epoch, 2U);  // it was over in between
}

// The time passes while the renewal is written: whoever looks then must not find the database free and have a
// write prepared that the renewed reservation lets through.
TEST_F(ReservingTest, ARenewalLeavesNoGapBehindWhichAnotherWrites) {
  ASSERT_TRUE(world_->reserve(*ada_, place_, {}));
  world_.clock.advance(minutes(5) - seconds(1));
  bool looked = false;
  world_.catalog->on_next_use = [&] {
    world_.clock.advance(seconds(2));
    EXPECT_TRUE(world_->held_by_other(bob_.get(), place_.id));
    looked = true;
  };
  EXPECT_EQ(world_->reserve(*ada_, place_, {})->epoch, 1U);
  EXPECT_TRUE(looked);
}

TEST_F(ReservingTest, IsGivenBackByItsHolderOrAnAdministrator) {
  EXPECT_EQ(error_of(world_->release(*ada_, place_.id)), "not_found database");
  ASSERT_TRUE(world_->reserve(*ada_, place_, {}));
  EXPECT_EQ(error_of(world_->release(*bob_, place_.id)), "locked database");
  EXPECT_EQ(holder(), "ada");
  ASSERT_TRUE(world_->release(*ada_, place_.id));
  EXPECT_EQ(holder(), "");
  ASSERT_TRUE(world_->reserve(*bob_, place_, {}));
  ASSERT_TRUE(world_->release(*admin_, place_.id));
  ASSERT_TRUE(world_->reserve(*bob_, place_, {}));
  ASSERT_TRUE(world_->release_any(place_.id));
  world_.crash();
  EXPECT_EQ(holder(), "");
  EXPECT_EQ(world_->reserve(*ada_, place_, {})->epoch, 4U);
}

TEST_F(ReservingTest, WhatWasPreparedBeforeIsRefusedBehindIt) {
  const database::Fence before = world_->fence(place_.id);
  EXPECT_TRUE(before.holds());
  bool settled = false;
  ASSERT_TRUE(world_->reserve(*ada_, place_, [&] {
    settled = true;
    EXPECT_FALSE(before.holds());  // what is still under way cannot commit any more
    EXPECT_EQ(holder(), "ada");    // and nobody else begins
  }));
  EXPECT_TRUE(settled);
  const database::Fence during = world_->fence(place_.id);
  EXPECT_TRUE(during.holds());
  ASSERT_TRUE(world_->reserve(*ada_, place_, {}));
  EXPECT_TRUE(during.holds());
  ASSERT_TRUE(world_->release(*ada_, place_.id));
  EXPECT_TRUE(during.holds());  // the former holder may finish while nobody else has it
  ASSERT_TRUE(world_->reserve(*bob_, place_, {}));
  EXPECT_FALSE(during.holds());
  const database::Fence other = world_->fence(world_.database("other").id);
  EXPECT_TRUE(other.holds());
}

TEST_F(ReservingTest, EveryUseMovesTheEnd) {
  ASSERT_TRUE(world_->reserve(*ada_, place_, {}));
  for (int i = 0; i < 20; ++i) {
    world_.pass(minutes(4));
    world_->use(*ada_, place_.id);
    world_->use(*bob_, place_.id);  // moves nothing
    ASSERT_EQ(holder(), "ada");
    world_.settle();
  }
  // After a crash half of the time is left at least, and never more than was shown.
  const WallMs shown = world_->reservation(place_.id)->expires_ms;
  world_.crash();
  ASSERT_EQ(holder(), "ada");
  EXPECT_LE(world_->reservation(place_.id)->expires_ms, shown);
  world_.pass(seconds(149));
  EXPECT_EQ(holder(), "ada");
  world_.pass(minutes(5));
  EXPECT_EQ(holder(), "");
  world_->use(*ada_, place_.id);  // too late
  EXPECT_EQ(holder(), "");
}

TEST_F(ReservingTest, AUseThatIsStoredLateDoesNotTouchTheNextHolder) {
  ASSERT_TRUE(world_->reserve(*ada_, place_, {}));
  world_.clock.advance(minutes(4));
  world_->use(*ada_, place_.id);  // its storing waits in the executor
  ASSERT_TRUE(world_->release(*ada_, place_.id));
  ASSERT_TRUE(world_->reserve(*bob_, place_, {}));
  world_.settle();
  EXPECT_EQ(holder(), "bob");
  world_.crash();
  EXPECT_EQ(holder(), "bob");
}

TEST_F(ReservingTest, TheCalendarMakesNoHoldLonger) {
  ASSERT_TRUE(world_->reserve(*ada_, place_, {}));
  world_.clock.set_wall(world_.clock.wall_ms() - 3'600'000);
  world_.pass(minutes(4));
  EXPECT_EQ(holder(), "ada");
  world_.crash();  // what is stored now lies more than an hour ahead
  EXPECT_EQ(holder(), "ada");
  world_.pass(minutes(5));
  EXPECT_EQ(holder(), "");
}

TEST_F(ReservingTest, WhatAnAccountHoldsIsListedTheLastFirst) {
  const Place other = world_.database("other", ada_->user);
  ASSERT_TRUE(world_->reserve(*ada_, place_, {}));
  world_.pass(minutes(1));
  ASSERT_TRUE(world_->reserve(*ada_, other, {}));
  using Ids = std::vector<std::string>;
  EXPECT_EQ(world_->held_by("ada"), (Ids{std::string(other.id), std::string(place_.id)}));
  world_.pass(minutes(4));
  EXPECT_EQ(world_->held_by("ada"), Ids{std::string(other.id)});
  ASSERT_TRUE(world_->release(*ada_, other.id));
  EXPECT_EQ(world_->held_by("ada"), Ids{});
}

TEST_F(ReservingTest, WhoHasEndedTakesNothing) {
  ASSERT_TRUE(world_->set_disabled("bob", true));
  EXPECT_EQ(error_of(world_->reserve(*bob_, place_, {})), "unauthenticated ");
  EXPECT_EQ(holder(), "");
}

// One round of the race below, as one caller sees it.
struct Round {
  std::atomic<int> inside = 0;
  std::atomic<int> got = 0;
  std::atomic<bool> two_at_once = false;
  std::atomic<bool> epoch_fell = false;
  std::atomic<std::uint64_t> epoch = 0;
};

// Sixty-four want the same database at once, again and again, with a crash now and then. Whoever gets it says
// so before giving it back, and before nobody else can have it.
TEST_F(ReservingTest, UnderARaceThereIsOneHolderAndEpochsGrow) {
  constexpr std::size_t kCallers = 64;
  constexpr int kRounds = 1000;
  std::vector<std::shared_ptr<const Identity>> callers(kCallers);
  const auto prove_all = [&] {
    for (std::size_t i = 0; i < kCallers; ++i) callers[i] = world_.identity("caller" + std::to_string(i));
  };
  for (std::size_t i = 0; i < kCallers; ++i) world_.user("caller" + std::to_string(i));
  prove_all();
  Round round;
  std::barrier turn(kCallers + 1);
  const auto attempt = [&](std::size_t caller) {
    const database::Fence fence = world_->fence(place_.id);
    const auto held = world_->reserve(*callers[caller], place_, {});
    if (!held) {
      EXPECT_EQ(held.error().code(), ErrorCode::locked);
      return;
    }
    ++round.got;
    if (++round.inside > 1) round.two_at_once = true;
    if (held->epoch <= round.epoch.exchange(held->epoch)) round.epoch_fell = true;
    EXPECT_FALSE(fence.holds());
    --round.inside;
    if (caller % 3 == 0) {
      EXPECT_TRUE(world_->release(*callers[caller], place_.id));
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kCallers; ++i) {
    threads.emplace_back([&, i] {
      for (int turns = 0; turns < kRounds; ++turns) {
        turn.arrive_and_wait();
        attempt(i);
        turn.arrive_and_wait();
      }
    });
  }
  for (int turns = 0; turns < kRounds; ++turns) {
    round.got = 0;
    turn.arrive_and_wait();
    turn.arrive_and_wait();
    EXPECT_GE(round.got, 1);
    const auto before = world_->reservation(place_.id);
    if (turns % 50 == 49) {
      world_.crash();
      prove_all();
      const auto after = world_->reservation(place_.id);
      EXPECT_EQ(before ? before->holder : "", after ? after->holder : "");
      EXPECT_EQ(before ? before->epoch : 0, after ? after->epoch : 0);
    }
    if (before) {
      EXPECT_TRUE(world_->release_any(place_.id));
    }
  }
  for (auto& thread : threads) thread.join();
  EXPECT_FALSE(round.two_at_once);
  EXPECT_FALSE(round.epoch_fell);
}

}  // namespace
}  // namespace quire::access
