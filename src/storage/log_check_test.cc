#include "storage/log_check.h"

#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include <random>

#include "base/bytes.h"
#include "base/hash.h"
#include "storage/files.h"

namespace quire::storage {
namespace {

std::string little(std::uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
  return out;
}

// Writes logs as RocksDB does.
class LogWriter {
 public:
  // A batch of `count` changes from `first` on, of about `bytes` bytes.
  void batch(std::uint64_t first, std::uint32_t count, std::uint64_t vouch, std::size_t bytes = 40) {
    offsets_.push_back(log_.size());
    record(little(first, 8) + little(count, 4) + std::string(bytes, 'b') + "\x03\x0A" + encode_vouch(vouch));
  }
  const std::string& log() const { return log_; }
  // Where the record begins that was written as the n-th.
  std::size_t offset(std::size_t n) const { return offsets_[n]; }

 private:
  void record(std::string_view payload) {
    for (bool first = true;; first = false) {
      std::size_t room = 32768 - log_.size() % 32768;
      if (room < 7) {
        log_.append(room, '\0');
        room = 32768;
      }
      const auto piece = payload.substr(0, room - 7);
      payload.remove_prefix(piece.size());
      const int type = first ? (payload.empty() ? 1 : 2) : (payload.empty() ? 4 : 3);
      const std::string covered = std::string(1, static_cast<char>(type)) + std::string(piece);
      const std::uint32_t crc = crc32c(covered);
      log_ += little(((crc >> 15) | (crc << 17)) + 0xA282EAD8U, 4) + little(piece.size(), 2) + covered;
      if (payload.empty()) return;
    }
  }

  std::string log_;
  std::vector<std::size_t> offsets_;
};

class LogCheckTest : public ::testing::Test {
 protected:
  Status check(const std::vector<std::string>& logs, const ShardMarker& marker = {}) {
    for (std::size_t i = 0; i < logs.size(); ++i) {
      EXPECT_TRUE(write_file(files_, "/logs/00000" + std::to_string(i + 1) + ".log", logs[i]));
    }
    return check_logs(files_, "/logs", marker);
  }
  static std::string flipped(std::string bytes, std::size_t at) {
    bytes[at] = static_cast<char>(bytes[at] ^ 4);
    return bytes;
  }

  const std::unique_ptr<rocksdb::Env> memory_{rocksdb::NewMemEnv(rocksdb::Env::Default())};
  rocksdb::FileSystem& files_ = *memory_->GetFileSystem();
};

TEST_F(LogCheckTest, a_vouch_is_the_bytes_of_the_format_page) {
  EXPECT_EQ(encode_vouch(0x102), std::string("QV\0\0\0\0\0\0\1\2", 10));
}

TEST_F(LogCheckTest, whole_logs_pass) {
  LogWriter first;
  for (std::uint64_t i = 0; i < 50; ++i) first.batch(10 + 2 * i, 2, 9 + 2 * i, 3000);
  LogWriter second;
  second.batch(110, 1, 109);
  second.batch(111, 0, 110);
  EXPECT_TRUE(check({first.log(), second.log()}));
  EXPECT_TRUE(check({first.log(), second.log()}, {110, 0, 0, 2, second.log().size()}));
}

TEST_F(LogCheckTest, a_torn_end_that_nobody_vouches_for_passes) {
  LogWriter log;
  for (std::uint64_t i = 0; i < 20; ++i) log.batch(10 + i, 1, 9 + i, 5000);
  for (std::size_t size = log.offset(19); size < log.log().size(); size += 97) {
    EXPECT_TRUE(check({log.log().substr(0, size)})) << size;
  }
  EXPECT_TRUE(check({flipped(log.log(), log.offset(19) + 30)}));
}

TEST_F(LogCheckTest, a_flip_before_the_last_record_is_found_wherever_it_is) {
  LogWriter log;
  for (std::uint64_t i = 0; i < 30; ++i) log.batch(10 + i, 1, 9 + i, i % 3 == 0 ? 9000 : 60);
  for (std::size_t at = 0; at < log.offset(29); at += 1 + at % 61) {
    const Status checked = check({flipped(log.log(), at)});
    // The unused bytes at the end of a block carry nothing.
    if (checked) {
      EXPECT_GT(at % 32768, 32768u - 7) << at;
      continue;
    }
    EXPECT_EQ(checked.error().code(), ErrorCode::corrupt);
    EXPECT_NE(checked.error().message().find("000001.log"), std::string::npos) << checked.error().message();
  }
}

TEST_F(LogCheckTest, what_is_torn_is_cut_off_and_nothing_else) {
  LogWriter log;
  for (std::uint64_t i = 0; i < 5; ++i) log.batch(10 + i, 1, 9, 3000);
  LogWriter next;
  next.batch(12, 1, 11);
  ASSERT_TRUE(check({flipped(log.log(), log.offset(2) + 30), next.log()}));
  EXPECT_EQ(*read_file(files_, "/logs/000001.log"), log.log().substr(0, log.offset(2)));
  EXPECT_EQ(*read_file(files_, "/logs/000002.log"), next.log());
  ASSERT_TRUE(check({log.log().substr(0, 100), ""}));
  EXPECT_EQ(*read_file(files_, "/logs/000001.log"), "");
  ASSERT_FALSE(check({flipped(log.log(), 30), next.log()}));
  EXPECT_EQ(*read_file(files_, "/logs/000001.log"), flipped(log.log(), 30)) << "damage is left as it is";
}

// Pages reach the disk in any order: a whole record behind a torn one is no proof that the torn one was
// synced.
TEST_F(LogCheckTest, unsynced_records_may_have_holes) {
  LogWriter log;
  log.batch(10, 1, 9);
  log.batch(11, 1, 10);
  for (std::uint64_t i = 12; i < 20; ++i) log.batch(i, 1, 11);
  for (std::size_t n = 2; n < 9; ++n) EXPECT_TRUE(check({flipped(log.log(), log.offset(n) + 20)})) << n;
  EXPECT_FALSE(check({flipped(log.log(), log.offset(1) + 20)}));
}

// After a power cut the next log goes on with the numbers that were torn.
TEST_F(LogCheckTest, a_log_after_a_torn_one_goes_on_where_that_ended) {
  LogWriter torn;
  torn.batch(10, 1, 9);
  torn.batch(11, 1, 10);
  torn.batch(12, 1, 10);
  const std::string first = flipped(torn.log(), torn.offset(1) + 20);
  LogWriter second;
  second.batch(11, 1, 10);
  second.batch(12, 5, 11);
  EXPECT_TRUE(check({first, second.log()}));
  LogWriter later;
  later.batch(14, 1, 13);
  EXPECT_FALSE(check({first, later.log()}));
}

TEST_F(LogCheckTest, the_marker_vouches_too) {
  LogWriter log;
  for (std::uint64_t i = 10; i < 15; ++i) log.batch(i, 1, 0);
  const std::string cut = log.log().substr(0, log.offset(4) + 3);
  EXPECT_TRUE(check({cut}));
  EXPECT_TRUE(check({cut}, {13, 0, 0, 0, 0}));
  EXPECT_FALSE(check({cut}, {14, 0, 0, 0, 0}));
  EXPECT_FALSE(check({std::string(100, 'x')}, {14, 0, 0, 1, 100}));
  EXPECT_FALSE(check({""}, {14, 0, 0, 1, 100}));
  EXPECT_TRUE(check({""}, {14, 0, 0, 7, 100}));
}

TEST_F(LogCheckTest, any_bytes_are_read_to_their_end) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 60; ++round) {
    std::string noise(random() % 70000, '\0');
    const bool sparse = round % 2 == 0;
    for (char& byte : noise) byte = sparse && random() % 5000 != 0 ? '\0' : static_cast<char>(random() % 7);
    const Status checked = check({noise});
    EXPECT_TRUE(checked || checked.error().code() == ErrorCode::corrupt);
  }
}

}  // namespace
}  // namespace quire::storage
