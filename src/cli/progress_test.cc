#include "cli/progress.h"

#include <gtest/gtest.h>

#include "cli/text.h"

namespace quire::cli {
namespace {

using std::chrono::seconds;

TEST(ProgressLine, SaysHowFarHowFastAndHowLong) {
  EXPECT_EQ(progress_line(0.5, 120'000, seconds(2)),
            "[===============>               ]  50 %  120,000 documents  60,000/s  0:02 left");
  EXPECT_EQ(progress_line(0.01, 1, seconds(10)),
            "[>                              ]   1 %  1 document  0/s  16:30 left");
}

TEST(ProgressLine, GuessesNothingWhereTheTotalIsUnknown) {
  EXPECT_EQ(progress_line(0, 1000, seconds(1)), "1,000 documents  1,000/s");
}

TEST(ProgressLine, StaysInItsBoundsWhereAFileGrew) {
  EXPECT_EQ(progress_line(1.7, 10, seconds(1)),
            "[==============================>] 100 %  10 documents  10/s  0:00 left");
}

TEST(Text, NumbersAreGroupedAndBytesReadable) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1'000), "1,000");
  EXPECT_EQ(grouped(1'234'567), "1,234,567");
  EXPECT_EQ(readable_bytes(1023), "1023 B");
  EXPECT_EQ(readable_bytes(1536), "1.5 KiB");
  EXPECT_EQ(readable_bytes(std::uint64_t{3} << 40), "3.0 TiB");
}

}  // namespace
}  // namespace quire::cli
