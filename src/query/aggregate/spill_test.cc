#include "query/aggregate/spill.h"

#include <dirent.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/clock.h"

namespace quire::query {
namespace {

Run run_in(const std::string& directory, std::uint64_t spilled_bytes = 4ULL << 30) {
  Run run{system_clock(), {}, {}};
  run.budget.spill_directory = directory;
  run.budget.spilled_bytes = spilled_bytes;
  return run;
}

class Spill : public ::testing::Test {
 protected:
  Spill() { std::filesystem::create_directory(directory_); }
  ~Spill() override { std::filesystem::remove_all(directory_); }
  // The open file of this process that belongs to the directory.
  std::string open_file() const {
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
      std::error_code ignored;
      const std::string target = std::filesystem::read_symlink(entry, ignored);
      if (target.starts_with(directory_)) return entry.path();
    }
    return "";
  }
  const std::string directory_ = ::testing::TempDir() + "quire-spill-" + std::to_string(::getpid());
};

TEST_F(Spill, GivesRecordsBackInOrderFromStreamsThatWereWrittenSideBySide) {
  query::Run run = run_in(directory_);
  auto file = SpillBlocks::open(run);
  ASSERT_TRUE(file) << file.error().to_string();
  SpillStream even(**file);
  SpillStream odd(**file);
  const std::string padding(300, 'x');
  for (int i = 0; i < 2000; ++i) {
    ASSERT_TRUE((i % 2 == 0 ? even : odd).append(std::to_string(i) + padding));
  }
  ASSERT_TRUE(even.append(std::string(1 << 20, 'y')));
  ASSERT_TRUE(even.append(""));
  ASSERT_TRUE(even.finish());
  ASSERT_TRUE(odd.finish());
  EXPECT_EQ(even.records(), 1002U);
  EXPECT_GT(run.spilled, 1U << 20);
  std::string_view record;
  SpillReader evens(even);
  SpillReader odds(odd);
  for (int i = 0; i < 2000; ++i) {
    const auto found = (i % 2 == 0 ? evens : odds).next(record);
    ASSERT_TRUE(found && *found);
    EXPECT_EQ(record, std::to_string(i) + padding);
  }
  ASSERT_TRUE(evens.next(record));
  EXPECT_EQ(record, std::string(1 << 20, 'y'));
  ASSERT_TRUE(evens.next(record));
  EXPECT_EQ(record, "");
  EXPECT_FALSE(*evens.next(record));
  EXPECT_FALSE(*odds.next(record));
}

TEST_F(Spill, TheFileHasNoNameAndIsItsOwnersAlone) {
  query::Run run = run_in(directory_);
  auto file = SpillBlocks::open(run);
  ASSERT_TRUE(file);
  ASSERT_TRUE((*file)->append("abc"));
  EXPECT_TRUE(std::filesystem::is_empty(directory_));
  struct ::stat status {};
  ASSERT_EQ(::stat(open_file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600U);
  EXPECT_EQ(status.st_nlink, 0U);
}

TEST_F(Spill, IsBoundedByItsBudget) {
  query::Run run = run_in(directory_, 100);
  auto file = SpillBlocks::open(run);
  ASSERT_TRUE(file);
  EXPECT_TRUE((*file)->append(std::string(60, 'x')));
  const auto over = (*file)->append(std::string(41, 'x'));
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().code(), ErrorCode::exhausted);
  EXPECT_EQ(over.error().limit(), 100U);
  EXPECT_TRUE((*file)->append(std::string(40, 'x')));
  EXPECT_EQ(run.spilled, 100U);
}

TEST_F(Spill, WithoutADirectoryNothingIsSpilled) {
  query::Run run = run_in("");
  EXPECT_EQ(SpillBlocks::open(run).error().code(), ErrorCode::exhausted);
  query::Run lost = run_in(directory_ + "/none");
  EXPECT_EQ(SpillBlocks::open(lost).error().code(), ErrorCode::io);
}

TEST_F(Spill, DamageIsSeen) {
  query::Run run = run_in(directory_);
  auto file = SpillBlocks::open(run);
  ASSERT_TRUE(file);
  SpillStream stream(**file);
  ASSERT_TRUE(stream.append("a record"));
  ASSERT_TRUE(stream.finish());
  const int descriptor = ::open(open_file().c_str(), O_RDWR);
  ASSERT_GE(descriptor, 0);
  ASSERT_EQ(::pwrite(descriptor, "b", 1, 6), 1);
  ::close(descriptor);
  std::string_view record;
  SpillReader reader(stream);
  EXPECT_EQ(reader.next(record).error().code(), ErrorCode::corrupt);
}

}  // namespace
}  // namespace quire::query
