#include "base/error.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>

#include "base/result.h"

namespace quire {
namespace {

TEST(Error, EveryCodeHasANameOfItsOwn) {
  std::set<std::string_view> names;
  const int last = static_cast<int>(ErrorCode::internal);
  for (int code = 0; code <= last; ++code) names.insert(name(static_cast<ErrorCode>(code)));
  EXPECT_EQ(names.size(), static_cast<std::size_t>(last) + 1);
  EXPECT_EQ(name(ErrorCode::history_lost), "history_lost");
}

TEST(Error, SaysWhatWhereAndOverWhichLimit) {
  const Error error = Error(ErrorCode::too_large, "deeper than 64").at("a.b[3]").over(64);
  EXPECT_EQ(error.code(), ErrorCode::too_large);
  EXPECT_EQ(error.field(), "a.b[3]");
  EXPECT_EQ(error.limit(), 64U);
  EXPECT_EQ(error.to_string(), "too_large: a.b[3]: deeper than 64");
  EXPECT_EQ(Error(ErrorCode::io, "disk").to_string(), "io: disk");
}

Result<std::unique_ptr<int>> half(int value) {
  if (value % 2 != 0) return Error(ErrorCode::invalid, "odd");
  return std::make_unique<int>(value / 2);
}

Status halve_twice(int value, int& out) {
  QUIRE_TRY(const auto once, half(value));
  QUIRE_TRY(const auto twice, half(*once));
  out = *twice;
  return ok();
}

Status only_status(int value) {
  int ignored = 0;
  QUIRE_TRY_STATUS(halve_twice(value, ignored));
  QUIRE_TRY_STATUS(half(value));
  return ok();
}

TEST(Result, TryBindsTheValueOrReturnsTheError) {
  int out = 0;
  EXPECT_TRUE(halve_twice(12, out));
  EXPECT_EQ(out, 3);
  const Status failed = halve_twice(6, out);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error(), Error(ErrorCode::invalid, "odd"));
  EXPECT_EQ(out, 3);
  EXPECT_TRUE(only_status(4));
  EXPECT_FALSE(only_status(2));
}

TEST(ResultDeathTest, ReadingTheValueOfAnErrorNamesTheErrorAndThePlace) {
  const Result<std::unique_ptr<int>> failed = half(1);
  EXPECT_DEATH(static_cast<void>(failed.value()), "without a look at its error, invalid");
}

TEST(CheckDeathTest, SaysWhereAndWhat) {
  const int zero = 0;
  QUIRE_CHECK(zero == 0, "holds");
  EXPECT_DEATH(QUIRE_CHECK(zero != 0, "shard 7 has two writers"),
               "error_test.cc:[0-9]+: shard 7 has two writers");
}

}  // namespace
}  // namespace quire
