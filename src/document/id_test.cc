#include "document/id.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <thread>
#include <vector>

namespace quire::document {
namespace {

class SetClock : public Clock {
 public:
  WallMs wall_ms() const override { return now; }
  SteadyTime steady() const override { return {}; }
  std::atomic<WallMs> now = 0;
};

class FixedRandom : public Random {
 public:
  explicit FixedRandom(unsigned char byte) : byte_(byte) {}
  void fill(void* out, std::size_t bytes) override { std::memset(out, byte_, bytes); }

 private:
  unsigned char byte_;
};

TEST(CheckId, AllowsEveryShapeButEmptyLongNulAndBadUtf8) {
  for (const std::string id :
       {"a", "_id", "__proto__", "a/b", " ", "..", "\n", "\x7F", "\xF0\x9F\x98\x80", "a:b"}) {
    EXPECT_TRUE(check_id(id)) << id;
  }
  EXPECT_TRUE(check_id(std::string(kIdBytes, 'x')));
  EXPECT_EQ(check_id("").error().code(), ErrorCode::invalid);
  EXPECT_EQ(check_id(std::string_view("a\0b", 3)).error().code(), ErrorCode::invalid);
  EXPECT_EQ(check_id("\xFF").error().code(), ErrorCode::invalid);
  EXPECT_EQ(check_id("\xED\xA0\x80").error().code(), ErrorCode::invalid);
  const Status long_id = check_id(std::string(kIdBytes + 1, 'x'));
  EXPECT_EQ(long_id.error().code(), ErrorCode::too_large);
  EXPECT_EQ(long_id.error().limit(), kIdBytes);
  EXPECT_EQ(long_id.error().field(), "_id");
}

TEST(ObjectId, IsTwentyFourLowercaseHexadecimalDigits) {
  EXPECT_TRUE(is_object_id("5f1e2d3c4b5a697887960504"));
  EXPECT_FALSE(is_object_id("5F1E2D3C4B5A697887960504"));
  EXPECT_FALSE(is_object_id("5f1e2d3c4b5a69788796050"));
  EXPECT_FALSE(is_object_id("5f1e2d3c4b5a6978879605041"));
  EXPECT_FALSE(is_object_id("5f1e2d3c4b5a69788796050g"));
}

TEST(ObjectIdMaker, LaysOutSecondsRandomAndCounter) {
  SetClock clock;
  FixedRandom random(0xAB);
  clock.now = 0x5F1E2D3CLL * 1000 + 999;
  ObjectIdMaker maker(clock, random);
  EXPECT_EQ(maker.next(), "5f1e2d3cabababababababac");
  EXPECT_EQ(maker.next(), "5f1e2d3cabababababababad");
}

TEST(ObjectIdMaker, RisesWhenTheClockStepsBackOrTheCounterIsFull) {
  SetClock clock;
  FixedRandom random(0xFF);
  clock.now = 1'000'000;
  ObjectIdMaker maker(clock, random);
  std::string last;
  for (const WallMs now : {1'000'000, 2'000'000, 1'500'000, 0, -5, 2'000'999, 2'001'000}) {
    clock.now = now;
    for (int i = 0; i < 3; ++i) {
      const std::string id = maker.next();
      EXPECT_TRUE(is_object_id(id));
      EXPECT_LT(last, id);
      last = id;
    }
  }
}

TEST(ObjectIdMaker, GivesManyThreadsDifferentIds) {
  SetClock clock;
  FixedRandom random(0x01);
  ObjectIdMaker maker(clock, random);
  std::vector<std::vector<std::string>> made(4);
  std::vector<std::thread> threads;
  for (auto& ids : made) {
    threads.emplace_back([&] {
      for (int i = 0; i < 2000; ++i) {
        clock.now += 100;
        ids.push_back(maker.next());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<std::string> all;
  for (const auto& ids : made) {
    EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
    all.insert(ids.begin(), ids.end());
  }
  EXPECT_EQ(all.size(), 8000U);
}

}  // namespace
}  // namespace quire::document
