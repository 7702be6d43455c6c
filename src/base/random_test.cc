#include "base/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include "base/testing/seeded_random.h"

namespace quire {
namespace {

TEST(SystemRandom, DoesNotRepeat) {
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(system_random().next_u64());
  EXPECT_EQ(seen.size(), 1000U);
}

TEST(SystemRandom, FillsAllAndNoMore) {
  // Each length is tried until every byte in it has been changed, so that chance decides nothing.
  for (std::size_t length = 0; length <= 40; ++length) {
    std::string changed(length, '\0');
    for (int round = 0; round < 64; ++round) {
      std::string bytes(length + 1, '\0');
      system_random().fill(bytes.data(), length);
      EXPECT_EQ(bytes[length], '\0');
      for (std::size_t i = 0; i < length; ++i) changed[i] = static_cast<char>(changed[i] | bytes[i]);
    }
    EXPECT_EQ(std::count(changed.begin(), changed.end(), '\0'), 0) << length;
  }
}

// The first outputs of SplitMix64 for seed 1234567, as its authors' reference prints them.
TEST(SeededRandom, IsTheSameOnEveryMachine) {
  SeededRandom random(1234567);
  const std::array<std::uint64_t, 5> expected = {6457827717110365317U, 3203168211198807973U,
                                                 9817491932198370423U, 4593380528125082431U,
                                                 16408922859458223821U};
  for (const std::uint64_t value : expected) EXPECT_EQ(random.next_u64(), value);
}

TEST(SeededRandom, BelowReachesEveryNumberAndNoOther) {
  SeededRandom random(7);
  for (const std::uint64_t bound : {1U, 2U, 3U, 10U, 100U}) {
    std::set<std::uint64_t> seen;
    for (int i = 0; i < 5000; ++i) seen.insert(random.below(bound));
    EXPECT_EQ(seen.size(), bound);
    EXPECT_EQ(*seen.rbegin(), bound - 1);
  }
}

// With a plain remainder, numbers below 2^63 would come twice as often for this bound.
TEST(SeededRandom, BelowFavoursNone) {
  SeededRandom random(11);
  const std::uint64_t bound = (1ULL << 63) + (1ULL << 62);
  int low = 0;
  for (int i = 0; i < 30'000; ++i) low += random.below(bound) < (1ULL << 62) ? 1 : 0;
  EXPECT_NEAR(low, 10'000, 400);
}

TEST(SeededRandom, ChanceKeepsItsPercentage) {
  SeededRandom random(3);
  int hits = 0;
  for (int i = 0; i < 10'000; ++i) hits += random.chance(20) ? 1 : 0;
  EXPECT_NEAR(hits, 2000, 200);
  EXPECT_FALSE(random.chance(0));
  EXPECT_TRUE(random.chance(100));
}

TEST(SeededRandom, AForkHasASequenceOfItsOwn) {
  SeededRandom random(5);
  SeededRandom fork = random.fork();
  EXPECT_NE(random.next_u64(), fork.next_u64());
}

}  // namespace
}  // namespace quire
