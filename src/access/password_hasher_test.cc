#include "access/password_hasher.h"

#include <gtest/gtest.h>
#include <sodium.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstring>
#include <fstream>
#include <future>
#include <thread>
#include <vector>

#include "access/testing/access_world.h"
#include "base/testing/seeded_random.h"

namespace quire::access {
namespace {

using testing::cheap;

TEST(Argon2, KnowsThePasswordAgainAndNoOther) {
  SeededRandom random(1);
  const auto phc = argon2_hash("correct horse", cheap(), random);
  ASSERT_TRUE(phc);
  EXPECT_TRUE(phc->starts_with("$argon2id$v=19$m=8,t=1,p=1$")) << *phc;
  EXPECT_TRUE(*argon2_verify(*phc, "correct horse"));
  EXPECT_FALSE(*argon2_verify(*phc, "correct hors"));
  EXPECT_NE(*phc, *argon2_hash("correct horse", cheap(), random));  // another salt
}

TEST(Argon2, WritesAndReadsTheFieldsStrings) {
  SeededRandom random(1);
  const auto ours = argon2_hash("correct horse", {.memory_kib = 64, .passes = 2}, random);
  ASSERT_TRUE(ours);
  EXPECT_EQ(crypto_pwhash_str_verify(ours->c_str(), "correct horse", 13), 0);
  EXPECT_NE(crypto_pwhash_str_verify(ours->c_str(), "correct hors", 12), 0);
  char theirs[crypto_pwhash_STRBYTES];
  ASSERT_EQ(crypto_pwhash_str_alg(theirs, "correct horse", 13, 2, 64 * 1024, crypto_pwhash_ALG_ARGON2ID13),
            0);
  EXPECT_TRUE(*argon2_verify(theirs, "correct horse"));
  EXPECT_FALSE(*argon2_verify(theirs, "correct hors"));
}

TEST(Argon2, RefusesWhatIsNoStringOfIts) {
  for (const char* text :
       {"", "$argon2id$", "$argon2i$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AA",
        "$argon2id$v=19$m=8,t=1,p=2$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA",
        "$argon2id$v=19$m=-8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}) {
    const auto right = argon2_verify(text, "password");
    ASSERT_FALSE(right) << text;
    EXPECT_EQ(right.error().code(), ErrorCode::corrupt) << text;
  }
}

TEST(Argon2, ConfigurationCannotMakeItWeak) {
  EXPECT_TRUE(check_password_cost({}));
  EXPECT_TRUE(check_password_cost({.memory_kib = 19 * 1024, .passes = 2}));
  EXPECT_FALSE(check_password_cost({.memory_kib = 19 * 1024 - 1, .passes = 2}));
  EXPECT_FALSE(check_password_cost({.memory_kib = 19 * 1024, .passes = 1}));
  EXPECT_FALSE(check_password_cost({.memory_kib = 1024 * 1024 + 1, .passes = 2}));
}

TEST(PasswordHasher, ComparesWithNobodyAsWell) {
  SeededRandom random(1);
  PasswordHasher hasher(cheap(), {}, random);
  const auto phc = hasher.hash(Secret("correct horse"));
  ASSERT_TRUE(phc);
  EXPECT_TRUE(*hasher.verify(*phc, Secret("correct horse")));
  EXPECT_FALSE(*hasher.verify(*phc, Secret("wrong horse")));
  EXPECT_FALSE(*hasher.verify("", Secret("correct horse")));
  const auto nobody = argon2_cost(argon2_of_nobody(cheap()));
  ASSERT_TRUE(nobody);
  EXPECT_EQ(nobody->memory_kib, cheap().memory_kib);
}

TEST(PasswordHasher, TellsWhatWasMadeForLess) {
  SeededRandom random(1);
  const auto phc = argon2_hash("correct horse", {.memory_kib = 16, .passes = 2}, random);
  ASSERT_TRUE(phc);
  EXPECT_FALSE(PasswordHasher({.memory_kib = 16, .passes = 2}, {}, random).outdated(*phc));
  EXPECT_FALSE(PasswordHasher({.memory_kib = 8, .passes = 1}, {}, random).outdated(*phc));
  EXPECT_TRUE(PasswordHasher({.memory_kib = 32, .passes = 2}, {}, random).outdated(*phc));
  EXPECT_TRUE(PasswordHasher({.memory_kib = 16, .passes = 3}, {}, random).outdated(*phc));
}

// Keeps whoever draws a salt until it is opened.
class HeldRandom final : public Random {
 public:
  void fill(void* out, std::size_t bytes) override {
    std::unique_lock lock(mutex_);
    ++inside_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
    std::memset(out, 7, bytes);
  }
  int wait_for(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return inside_ >= count; });
    return inside_;
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int inside_ = 0;
  bool open_ = false;
};

TEST(PasswordHasher, HasSoManyUnderWayAndWaitingAndRefusesMore) {
  HeldRandom random;
  PasswordHasher hasher(cheap(), {.at_once = 2, .waiting = 3}, random);
  std::vector<std::future<bool>> calls;
  std::atomic<int> refused = 0;
  const auto hash = [&] {
    const auto hashed = hasher.hash(Secret("correct horse"));
    if (!hashed) {
      EXPECT_EQ(hashed.error().code(), ErrorCode::exhausted);
      EXPECT_GT(hashed.error().retry_after_ms(), 0U);
      ++refused;
    }
    return hashed.has_value();
  };
  // One of six finds no place, whichever it is.
  for (int i = 0; i < 6; ++i) calls.push_back(std::async(std::launch::async, hash));
  EXPECT_EQ(random.wait_for(2), 2);
  while (refused == 0) std::this_thread::yield();
  EXPECT_EQ(random.wait_for(2), 2);  // and no third has begun
  random.open();
  int done = 0;
  for (auto& call : calls) done += call.get() ? 1 : 0;
  EXPECT_EQ(done, 5);
  EXPECT_EQ(refused, 1);
  EXPECT_TRUE(hash());  // there is room again
}

std::size_t resident_bytes() {
  std::ifstream in("/proc/self/statm");
  std::size_t pages = 0;
  in >> pages >> pages;
  return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

TEST(PasswordHasher, GivesTheMemoryOfAHashBack) {
  SeededRandom random(1);
  PasswordHasher hasher({.memory_kib = 64 * 1024, .passes = 1}, {}, random);
  const std::size_t before = resident_bytes();
  std::thread other([&] { EXPECT_TRUE(hasher.hash(Secret("correct horse"))); });
  EXPECT_TRUE(hasher.hash(Secret("correct horse")));
  other.join();
  EXPECT_LT(resident_bytes(), before + (32U << 20));
}

}  // namespace
}  // namespace quire::access
